"""Resources: the paths of the guide's chapters 5, 6, 7, 10 and 11, and who may do what to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alarmbridge.simulator.login import Level

ADDITIONAL = (
    "amd",
    "castable",
    "codertable",
    "cpt",
    "dialplan",
    "prt",
    "voiceprompts",
    "configurationPackage",
    "sbcWizard",
)
"""The additional files of guide 6.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: its methods, which of them send octets instead of JSON, and who may read it.

    reader: the least level for a GET; for anything else it is operator. actor: for the rest.
    """

    methods: tuple[str, ...] = ("GET",)
    octets: tuple[str, ...] = ()
    reader: Level = "monitor"
    actor: Level = "operator"

    def permits(self, level: Level, method: str) -> bool:
        """Tell whether a user of that level may use that method."""
        return _RANKS[level] >= _RANKS[self.reader if method == "GET" else self.actor]


_RANKS: Mapping[Level, int] = MappingProxyType({"monitor": 0, "operator": 1, "admin": 2})
_GET = Resource()
_PUT = Resource(methods=("PUT",))
_POST = Resource(methods=("POST",))
_FILE = Resource(methods=("GET", "PUT"), octets=("GET",))
_SECRET = Resource(methods=("GET", "PUT"), octets=("GET",), reader="operator")

RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        "actions": _GET,
        "reset": _POST,
        "saveConfiguration": _POST,
        "authToken": Resource(methods=("POST",), actor="admin"),
        "web": _GET,
        "files": _GET,
        "ini": _SECRET,
        "ini/incremental": _PUT,
        "cliScript": _SECRET,
        "cliScript/incremental": _PUT,
        "software": _PUT,
        "software/hitless": _PUT,
        "additional": _PUT,
        "tls": _GET,
        "tls/id": _GET,
        "privateKey": Resource(methods=("GET", "PUT")),
        "privateKey/generate": _POST,
        "certificate": _FILE,
        "certificate/generate": _POST,
        "certificate/request": Resource(methods=("POST",), octets=("POST",)),
        "trustedRoot": _FILE,
        "trustedRoot/incremental": _PUT,
        "performance": _GET,
        "performance/name": _GET,
        "license": Resource(methods=("GET", "PUT"), reader="operator"),
    }
)
"""Every resource by its endpoint's name."""

OTHERS = _GET
"""What holds for all the rest: the folders, the alarms and the status."""

_PATHS: Mapping[str, str] = MappingProxyType(
    {
        "/index.html": "web",
        "/api/v1/actions": "actions",
        "/api/v1/actions/reset": "reset",
        "/api/v1/actions/saveConfiguration": "saveConfiguration",
        "/api/v1/actions/authToken": "authToken",
        "/api/v1/files": "files",
        "/api/v1/files/ini": "ini",
        "/api/v1/files/ini/incremental": "ini/incremental",
        "/api/v1/files/cliScript": "cliScript",
        "/api/v1/files/cliScript/incremental": "cliScript/incremental",
        "/api/v1/files/software": "software",
        "/api/v1/files/software/hitless": "software/hitless",
        "/api/v1/files/tls": "tls",
        "/api/v1/performanceMonitoring": "performance",
        "/api/v1/license": "license",
    }
    | {f"/api/v1/files/{name}": "additional" for name in ADDITIONAL}
)
_TLS = re.compile(r"/api/v1/files/tls/(0|[1-9][0-9]{0,8})(?:/([a-zA-Z/]{1,30}))?")
_OF_TLS = frozenset(name for name in RESOURCES if name.startswith(("priv", "cert", "trust")))
_MEASURED = re.compile(r"/api/v1/(?:alarms/)?performanceMonitoring/([^/]{1,100})")


def locate(path: str) -> tuple[str, str]:
    """Name the endpoint that a path without a slash at its end asks for, and what varies in it.

    "unknown" for what is none of these resources.
    """
    known = _PATHS.get(path)
    if known:
        return known, path.rpartition("/")[2] if known == "additional" else ""
    context = _TLS.fullmatch(path)
    if context and (context[2] is None or context[2] in _OF_TLS):
        return context[2] or "tls/id", context[1]
    measured = _MEASURED.fullmatch(path)
    return ("performance/name", measured[1]) if measured else ("unknown", "")
