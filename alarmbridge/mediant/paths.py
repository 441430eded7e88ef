"""Where everything is that a device can be asked (guide chapters 3 to 11)."""

import re

from alarmbridge.core.errors import BadAnswer

ROOT = "/api"
V1 = f"{ROOT}/v1"
STATUS = f"{V1}/status"
ALARMS = f"{V1}/alarms"
LAST_CHANGE = f"{ALARMS}/active/lastChange"
ACTIONS = f"{V1}/actions"
FILES = f"{V1}/files"
TLS = f"{FILES}/tls"
LICENSE = f"{V1}/license"
MEASUREMENTS = f"{V1}/performanceMonitoring"

MISPRINTED_MEASUREMENTS = f"{ALARMS}/performanceMonitoring"
"""Where the guide's examples have them, against its own text."""

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")


def is_name(text: str) -> bool:
    """Whether a text can be a name in a path as it is: a measurement's, a TLS context's id."""
    return _NAME.fullmatch(text) is not None and text.strip(".") != ""


def tls_path(device: str, context: str, *parts: str) -> str:
    """Make the path of what a TLS context has; raises BadAnswer for an id that can be none."""
    if not is_name(context):
        raise BadAnswer(f"{device}: {context!r} can be no TLS context's id; not asked")
    return "/".join((TLS, context, *parts))
