"""`/static/…`: the style sheet, the script and the icon."""

import hashlib
from http import HTTPStatus
from importlib.resources import files

from aiohttp import web

from alarmbridge.web.problems import RequestRefused

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FILES = {
    entry.name: entry.read_bytes()
    for entry in files("alarmbridge.web.pages").joinpath("static").iterdir()
    if entry.name.rpartition(".")[2] in _TYPES
}
_YEAR = "private, max-age=31536000, immutable"

EDITION = hashlib.sha256(b"".join(_FILES[name] for name in sorted(_FILES))).hexdigest()[:12]
"""Stands in the address of each, so that a browser may keep it until there is another."""


class Static:
    """Answers the files that pages are made with."""

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [web.get("/static/{name}", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FILES:
            raise RequestRefused(HTTPStatus.NOT_FOUND, "There is no such file.")
        kept = request.query_string == EDITION
        return web.Response(
            body=_FILES[name],
            content_type=_TYPES[name.rpartition(".")[2]],
            charset="utf-8",
            headers={"Cache-Control": _YEAR if kept else "no-cache"},
        )
