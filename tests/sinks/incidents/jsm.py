"""The alert API of Opsgenie, which lives on as JSM Operations."""

import json
import re
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from .desk import Desk, Refused, read_json, serve, units

API_KEY = "canary-api-key"
BASE = "/jsm/ops/integration"
_CAPS = {
    "message": 130,
    "alias": 512,
    "description": 15_000,
    "entity": 512,
    "source": 100,
    "user": 100,
    "note": 25_000,
}
_LISTS = {"responders", "visibleTo", "actions", "tags"}
_PRIORITY = re.compile(r"P[1-5]")
_UPDATES = {"message": 130, "description": 15_000, "priority": 2}


class Jsm(Desk):
    """One site.

    updates: whether an alert's message, description and priority can be put anew; Opsgenie can,
    and JSM's documents do not say so. knows_by_404: whether what is asked of an alert that is
    not there is answered 404 at once, or accepted and then dropped.
    """

    secrets = (API_KEY,)

    def __init__(self) -> None:
        super().__init__()
        self.updates = True
        self.knows_by_404 = False

    def configure(self, url: str) -> None:
        self.raw = {"type": "jsm", "url": f"{url}{BASE}", "api_key": API_KEY}

    async def take(self, request: web.BaseRequest) -> web.Response:
        if request.headers.get("Authorization") != f"GenieKey {API_KEY}":
            raise Refused(401, {"message": "Key format is not valid!", "took": 0.0})
        path, _, query = request.raw_path.partition("?")
        match (request.method, path.removeprefix(BASE).split("/")[1:], query):
            case ("POST", ["v2", "alerts"], ""):
                self._create(await read_json(request))
            case ("POST" | "PUT", ["v2", "alerts", alias, action], "identifierType=alias"):
                key = unquote(alias)
                self.check(alias == quote(key, safe=""), f"{alias} is not encoded")
                self._act(request.method, action, key, await read_json(request))
            case _:
                raise Refused(404, {"message": "Not Found", "path": path})
        answer = {"result": "Request will be processed", "took": 0.1, "requestId": "1"}
        return web.json_response(answer, status=202)

    def _create(self, alert: dict[str, Any]) -> None:
        self._require(bool(alert.get("message")), "Message can not be empty.")
        self._check(alert, {"message", "alias", "description", "priority", "details", "entity"})
        details = alert.get("details", {})
        texts = [text for pair in details.items() for text in pair]
        self._require(all(isinstance(text, str) for text in texts), "details holds no text")
        self._require(sum(map(units, texts)) <= 8_000, "details is too long")
        tags = alert.get("tags", [])
        self._require(len(tags) <= 20 and all(0 < units(tag) <= 50 for tag in tags), "tags")
        self._require(all({"type"} < {*one} for one in alert.get("responders", [])), "responders")
        self.open(alert["alias"], alert, details.get("event_id", ""), json.dumps(alert))

    def _act(self, method: str, action: str, key: str, body: dict[str, Any]) -> None:
        if method == "POST" and action == "close":
            self._check(body, set())
            self._find(key)
            self.close(key, None, body.get("note", ""))
        elif method == "POST" and action == "notes":
            self._require(bool(body.get("note")), "note can not be empty")
            self._check(body, set())
            self._find(key)
            self.incidents[key].notes.append(body["note"])
        elif method == "PUT" and action in _UPDATES and self.updates:
            self._require({*body} == {action}, f"{sorted(body)} for {action}")
            self._check(body, {action})
            self._find(key)
            self.incidents[key].fields[action] = body[action]
        else:
            raise Refused(404, {"message": "Not Found"})

    def _find(self, key: str) -> None:
        if key not in self.incidents and self.knows_by_404:
            raise Refused(404, {"message": "Alert does not exist.", "requestId": "1"})

    def _check(self, body: dict[str, Any], more: set[str]) -> None:
        self.check_keys(body, {"source", "user", "note", *_LISTS, *more}, "the request")
        before = len(self.violations)
        self.check_texts(body, _CAPS)
        if len(self.violations) > before:
            raise Refused(422, {"message": self.violations[-1], "took": 0.0, "requestId": "1"})
        priority = body.get("priority", "P3")
        self._require(bool(_PRIORITY.fullmatch(priority)), f"priority {priority!r}")

    def _require(self, kept: bool, breach: str) -> None:
        self.check(kept, breach)
        if not kept:
            raise Refused(422, {"message": breach, "took": 0.0, "requestId": "1"})


def receive_jsm(port: int = 0) -> AbstractAsyncContextManager[Jsm]:
    return serve(Jsm(), port)
