"""Programs that stand for far ends: found, or the test is skipped with a reason.

In continuous integration nothing is skipped: there a program that is missing is a failure, since
otherwise a wire could stay unproven without anybody's noticing.
"""

import os
import shutil
from pathlib import Path

import pytest

_ADMINISTRATORS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where daemons live, which is not on everybody's search path."""

_STRICT = ("CI", "ALARMBRIDGE_REQUIRE_RECEIVERS")


def need_program(name: str, package: str) -> Path:
    """Find a program of a Debian package; skip the test without it, or fail it where all must be.

    They must where one of the variables CI and ALARMBRIDGE_REQUIRE_RECEIVERS is set to anything
    but nothing, 0 and false.
    """
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_ADMINISTRATORS))
    found = shutil.which(name, path=path)
    if found is not None:
        return Path(found)
    reason = f"{name} is not installed; on Debian it is in the package {package}"
    if _must_have_all():
        pytest.fail(reason)
    pytest.skip(reason)


def _must_have_all() -> bool:
    return any(os.environ.get(name, "").lower() not in {"", "0", "false"} for name in _STRICT)
