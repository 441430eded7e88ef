"""Asking a simulated device for what is no alarm, without sockets."""

import json
from typing import Any

from alarmbridge.simulator.bodies import Answer
from alarmbridge.simulator.device import Device, Reply
from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.login import Level, Login
from alarmbridge.simulator.model import Mediant
from alarmbridge.simulator.request import Sent, sent_file, sent_json

API = "/api/v1"
NOW = 1_800_000_000.0


def device(level: Level = "admin", *, pair: bool = False, **habits: Any) -> Device:
    """Make a device that booted a day ago."""
    model = Mediant("d1", seed=3, now=NOW - 86400, habits=Habits(**habits))
    if pair:
        model.pair()
    return Device(model, Login("admin", "right", level=level))


def send(
    asked: Device,
    path: str,
    body: Sent | None = None,
    *,
    method: str = "GET",
    at: float = 0.0,
    accept: str = "*/*",
    **query: str,
) -> Reply:
    """Send one request, so many seconds after NOW."""
    return asked.handle(
        path if path.startswith("/index") else API + path,
        query,
        NOW + at,
        method=method,
        authorization=asked.login.authorization,
        accept=accept,
        body=body,
    )


def get(asked: Device, path: str, *, at: float = 0.0, **query: str) -> Answer:
    """Read one resource."""
    return send(asked, path, at=at, **query).answer


def put(asked: Device, path: str, content: bytes | str, *, at: float = 0.0, **query: str) -> Answer:
    """Upload one file."""
    return send(asked, path, sent_file(content), method="PUT", at=at, **query).answer


def post(asked: Device, path: str, *, at: float = 0.0, **attributes: object) -> Answer:
    """Have one action done."""
    return send(asked, path, sent_json(attributes), method="POST", at=at).answer


def read(answer: Answer) -> Any:
    """Decode an answer that went well."""
    assert answer.status == 200, answer
    return json.loads(answer.body)


def told(answer: Answer) -> tuple[int, str]:
    """Decode an answer that describes what happened: status, description."""
    return answer.status, json.loads(answer.body)["description"]
