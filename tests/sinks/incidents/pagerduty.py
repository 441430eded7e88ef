"""PagerDuty's Events API v2: enqueue, and what comes of each event."""

import json
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from aiohttp import web

from .desk import Desk, Heard, Refused, read_json, serve

ROUTING_KEY = "canary0routing0key0of032letters0"
_TOP = {
    *("routing_key", "event_action", "dedup_key", "client", "client_url"),
    *("links", "images", "payload"),
}
_PAYLOAD = {
    *("summary", "source", "severity", "timestamp"),
    *("component", "group", "class", "custom_details"),
}


class PagerDuty(Desk):
    """An account with one integration per routing key.

    opened_by: the routing key by which each incident was opened; by another one it is not closed.
    """

    secrets = (ROUTING_KEY, "canary-user", "canary-password")

    def __init__(self) -> None:
        super().__init__()
        self.routing_keys = {ROUTING_KEY}
        self.opened_by: dict[str, str] = {}

    def configure(self, url: str) -> None:
        host = url.removeprefix("http://")
        self.raw = {
            "type": "pagerduty",
            "url": f"http://canary-user:canary-password@{host}",
            "routing_key": ROUTING_KEY,
        }

    async def take(self, request: web.BaseRequest) -> web.Response:
        if (request.method, request.raw_path) != ("POST", "/v2/enqueue"):
            raise Refused(404, {"message": "Not Found"})
        if len(await request.read()) > 512_000:
            raise Refused(413, {"message": "Event exceeds the size limit"})
        event = await read_json(request)
        self.check_keys(event, _TOP, "the event")
        self.check_texts(event, {"dedup_key": 255, "client": 1024})
        if event.get("routing_key") not in self.routing_keys:
            raise Refused(400, {"status": "invalid event", "errors": ["Invalid routing key"]})
        if "dedup_key" not in event:
            raise Refused(400, {"status": "invalid event", "errors": ["no dedup_key"]})
        match event.get("event_action"):
            case "trigger":
                self._trigger(event)
            case "resolve":
                self._resolve(event)
            case _:
                raise Refused(400, {"status": "invalid event", "errors": ["event_action"]})
        processed = {"status": "success", "message": "Event processed"}
        return web.json_response({**processed, "dedup_key": event["dedup_key"]}, status=202)

    def _trigger(self, event: dict[str, Any]) -> None:
        payload = event.get("payload")
        if not isinstance(payload, dict) or not {"summary", "source", "severity"} <= {*payload}:
            raise Refused(400, {"status": "invalid event", "errors": ["payload"]})
        self._check(event, payload)
        key, details = event["dedup_key"], payload.get("custom_details", {})
        if self.open(key, payload, details.get("event_id", ""), json.dumps(payload)):
            self.opened_by[key] = event["routing_key"]
        elif self.opened_by[key] == event["routing_key"]:
            self.incidents[key].fields = payload
        else:
            self.violations.append(f"{key} is opened a second time, by another routing key")

    def _resolve(self, event: dict[str, Any]) -> None:
        key = event["dedup_key"]
        self.check("payload" not in event, "a resolve has a payload")
        if key in self.incidents and self.opened_by[key] != event["routing_key"]:
            self.violations.append(f"{key} is resolved by another routing key: dropped")
            self.heard.append(Heard(None, "cleared", ""))
        else:
            self.close(key, None, "")

    def _check(self, event: dict[str, Any], payload: dict[str, Any]) -> None:
        self.check_keys(payload, _PAYLOAD, "the payload")
        self.check_texts(payload, {"summary": 1024, "source": 1024})
        self.check_texts(payload, {"component": 1024, "group": 1024, "class": 1024})
        severities = {"critical", "error", "warning", "info"}
        self.check(payload["severity"] in severities, f"severity {payload['severity']!r}")
        said_at = datetime.fromisoformat(payload.get("timestamp", "1970-01-01T00:00:00Z"))
        self.check(said_at.tzinfo is not None, "timestamp has no zone")
        details = payload.get("custom_details", {})
        self.check(isinstance(details, dict), "custom_details is no object")
        for link in event.get("links", []):
            kept = {"href"} <= {*link} <= {"href", "text"} and link["href"].startswith("http")
            self.check(kept, "a link has no href")


def receive_pagerduty(port: int = 0) -> AbstractAsyncContextManager[PagerDuty]:
    return serve(PagerDuty(), port)
