"""ServiceNow's inbound event collection: records become events, events alerts."""

import json
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from aiohttp import encode_basic_auth, web

from .desk import Desk, Refused, read_json, serve

USERNAME, PASSWORD = "canary-user", "canary-password"
_CAPS = {
    "source": 100,
    "event_class": 100,
    "node": 100,
    "resource": 100,
    "metric_name": 1024,
    "type": 100,
    "message_key": 1024,
    "description": 4000,
    "additional_info": 100_000,
}
_KNOWN = {*_CAPS, "severity", "time_of_event", "resolution_state"}
INSERTED = {"result": {"Default Bulk Endpoint": "1 events were inserted"}}


class ServiceNow(Desk):
    """One instance. password: its user's. said: the answer to what is accepted, as it stands."""

    secrets = (PASSWORD,)

    def __init__(self) -> None:
        super().__init__()
        self.password = PASSWORD
        self.said = json.dumps(INSERTED)

    def configure(self, url: str) -> None:
        login = {"username": USERNAME, "password": self.password}
        self.raw = {"type": "servicenow", "url": url, **login}

    async def take(self, request: web.BaseRequest) -> web.Response:
        login = encode_basic_auth(USERNAME, self.password)
        if request.headers.get("Authorization") != login:
            raise Refused(401, {"error": {"message": "User Not Authenticated"}})
        if (request.method, request.raw_path) != ("POST", "/api/global/em/jsonv2"):
            raise Refused(404, {"error": {"message": "Requested URI does not represent any"}})
        body = await read_json(request)
        records = body.get("records")
        if {*body} != {"records"} or not isinstance(records, list) or not records:
            raise Refused(400, {"error": {"message": "no records"}})
        for record in records:
            self._process(record)
        return web.Response(text=self.said, content_type="application/json")

    def _process(self, record: dict[str, Any]) -> None:
        self._check(record)
        facts = json.loads(record["additional_info"])
        kept = all(isinstance(fact, str) for fact in facts.values())
        self.check(isinstance(facts, dict) and kept, "additional_info holds no texts")
        key, event_id, text = record["message_key"], facts.get("event_id"), json.dumps(record)
        closing = record["severity"] == "0"
        kept = record.get("resolution_state") == ("Closing" if closing else "New")
        self.check(kept, f"{record.get('resolution_state')} with severity {record['severity']}")
        if closing:
            self.close(key, event_id, text)
        elif not self.open(key, record, event_id, text):
            self.incidents[key].fields = record

    def _check(self, record: dict[str, Any]) -> None:
        self.check_keys(record, _KNOWN, "the record")
        self.check_texts(record, _CAPS)
        self.check({*"012345"} >= {record.get("severity")}, "severity is none of 0 to 5")
        self.check(bool(record.get("node") or record.get("event_class")), "neither node nor class")
        self.check("message_key" in record, "no message_key")
        datetime.strptime(record["time_of_event"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - UTC


def receive_servicenow(port: int = 0) -> AbstractAsyncContextManager[ServiceNow]:
    return serve(ServiceNow(), port)
