"""The layers and the banned calls of pyproject.toml hold, and a planted violation is caught."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import alarmbridge

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

PLANTED = {
    "core/severity.py": "import asyncio",
    "core/ids.py": "from alarmbridge.store import page",
    "sinks/log.py": "import alarmbridge.sinks.webhook",
    "runtime/pulse.py": "import sqlalchemy",
    "runtime/loop.py": "from alarmbridge.settings import models",
    "store/page.py": "from alarmbridge import mediant",
    "stray.py": '"""A module that has no layer."""',
    "runtime/ports.py": "import apscheduler",
    "runtime/gate.py": "from alarmbridge.mediant import maintenance",
    "sinks/http.py": "import apprise",
    "sinks/answers.py": "import pysnmp",
    "web/probes.py": "import alarmbridge.simulator.farm",
    "simulator/tables.py": "from alarmbridge.core import severity",
}
"""A forbidden import for each module."""

BROKEN = {
    "Layers: each knows only what stands below it; siblings do not know each other": (
        "alarmbridge.core.ids -> alarmbridge.store.page",
        "alarmbridge.runtime.loop -> alarmbridge.settings.models",
        "alarmbridge.store.page -> alarmbridge.mediant",
        "- alarmbridge.stray",
    ),
    "The simulator stands apart: nothing of the daemon imports it": (
        "alarmbridge.web.probes -> alarmbridge.simulator.farm",
    ),
    "The simulator imports nothing of the daemon": (
        "alarmbridge.simulator.tables -> alarmbridge.core.severity",
    ),
    "core uses the standard library only": ("alarmbridge.core.severity -> asyncio",),
    "SQL lives in store only": ("alarmbridge.runtime.pulse -> sqlalchemy",),
    "APScheduler lives in runtime.schedule alone": ("alarmbridge.runtime.ports -> apscheduler",),
    "The daemon changes nothing on a device: what could is handed in by app, for one link": (
        "alarmbridge.runtime.gate -> alarmbridge.mediant.maintenance",
    ),
    "Apprise lives in sinks.apprise_service alone": ("alarmbridge.sinks.http -> apprise",),
    "pysnmp lives in sinks.snmp_engine and snmp_session alone": (
        "alarmbridge.sinks.answers -> pysnmp",
    ),
    "Sinks do not know each other": ("alarmbridge.sinks.log -> alarmbridge.sinks.webhook",),
}
"""What is said of them, by contract."""


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run import-linter over the package in a folder, as its pyproject.toml says."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def copy_of_the_package(folder: Path, planted: Mapping[str, str]) -> None:
    shutil.copytree(ROOT / "alarmbridge", folder / "alarmbridge")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, line in planted.items():
        with (folder / "alarmbridge" / name).open("a") as module:
            module.write(f"\n{line}\n")


def test_the_layers_are_kept() -> None:
    status, said = lint_imports(ROOT)
    assert (status, f"Contracts: {len(BROKEN)} kept, 0 broken." in said) == (0, True), said


def test_the_essay_has_the_layers_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [
        one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    ]
    section = (alarmbridge.__doc__ or "").partition("\nThe layers\n")[2].partition("\nWhere ")[0]
    shown = re.findall(r"^    (\w\S*(?: \| \S+)*)  ", section, re.MULTILINE)
    apart = set(contract["exhaustive_ignores"])
    assert [line for line in shown if line not in apart] == contract["layers"]
    assert apart & set(shown) == {"simulator"}


def test_every_contract_catches_what_it_forbids(tmp_path: Path) -> None:
    copy_of_the_package(tmp_path, PLANTED)
    status, said = lint_imports(tmp_path)
    assert status == 1
    assert f"Contracts: 0 kept, {len(BROKEN)} broken." in said
    for contract, imports in BROKEN.items():
        assert f"{contract} BROKEN" in said
        for forbidden in imports:
            assert forbidden in said


def test_the_copy_alone_breaks_nothing(tmp_path: Path) -> None:
    copy_of_the_package(tmp_path, {})
    assert lint_imports(tmp_path)[0] == 0


SERVERS = {"web", "simulator", "demo.py"}
"""Who may answer HTTP: import-linter sees no part of a package that is not ours."""

SERVING = ("from aiohttp import web", "from aiohttp.web import Request", "import aiohttp.web")


def servers_in(package: Path) -> set[str]:
    """Name what imports aiohttp.web, as the first part of its path in the package."""
    found = set()
    for module in package.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    imported = [name.name for name in names]
                case ast.ImportFrom(module=str(source), names=names):
                    imported = [source, *(f"{source}.{name.name}" for name in names)]
                case _:
                    continue
            if any(f"{name}.".startswith("aiohttp.web.") for name in imported):
                found.add(module.relative_to(package).parts[0])
    return found


def test_http_is_answered_by_web_the_simulator_and_the_demo_alone() -> None:
    assert servers_in(ROOT / "alarmbridge") == SERVERS


@pytest.mark.parametrize("line", SERVING)
def test_whoever_else_answers_http_is_found(tmp_path: Path, line: str) -> None:
    copy_of_the_package(tmp_path, {"sinks/log.py": line})
    assert servers_in(tmp_path / "alarmbridge") == SERVERS | {"sinks"}


def ruff(path: str, source: str) -> tuple[int, str]:
    """Ask ruff about a source as though it stood at that path."""
    done = subprocess.run(
        [BIN / "ruff", "check", "-n", "--output-format=concise", f"--stdin-filename={path}", "-"],
        cwd=ROOT,
        input=f'"""A module."""\n\n{source}',
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


CALLS = {
    "import time\n\nplanted = time.time()\n": "`time.time` is banned",
    "import time\n\nplanted = time.monotonic()\n": "`time.monotonic` is banned",
    "import time\n\ntime.sleep(1)\n": "`time.sleep` is banned",
    "import asyncio\n\nplanted = asyncio.sleep(1)\n": "`asyncio.sleep` is banned",
    "from datetime import UTC, datetime\n\nnow = datetime.now(UTC)\n": (
        "`datetime.datetime.now` is banned"
    ),
    "import random\n\ndice = random\n": "`random` is banned",
    "from uuid import uuid4\n\nnew = uuid4()\n": "`uuid.uuid4` is banned",
    "import os\n\ntoken = os.urandom(8)\n": "`os.urandom` is banned",
}


@pytest.mark.parametrize("package", ["core", "runtime", "mediant", "store", "sinks"])
@pytest.mark.parametrize("source", CALLS)
def test_no_clock_and_no_dice_but_those_handed_in(package: str, source: str) -> None:
    status, said = ruff(f"alarmbridge/{package}/planted.py", source)
    assert status == 1
    assert f"TID251 {CALLS[source]}" in said


@pytest.mark.parametrize("place", ["alarmbridge/system.py", "alarmbridge/simulator/planted.py"])
def test_who_is_the_clock_may_read_one(place: str) -> None:
    assert ruff(place, "import time\n\nNOW = time.time()\n") == (0, "All checks passed!\n")
