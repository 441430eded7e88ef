"""Far ends that are posted to: receivers of webhooks, of chat messages, and incident tools."""

import json
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, Literal

from acceptance_ports import free_port
from acceptance_receiver import SECRET
from aiohttp import web
from far_end import FarEnd, Ledger, Shown, State
from sinks.incidents.desk import Desk, serve
from standardwebhooks import Webhook, WebhookVerificationError

_HOST = "127.0.0.1"
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)


class WebEnd(FarEnd):
    """A server that takes every post that it can read, and remembers over a restart."""

    secrets = ("canary-token",)
    again: Literal["never", "open"] = "never"

    def __init__(self, folder: Path) -> None:
        del folder
        self.ledger = Ledger(again=self.again)
        self.violations = self.ledger.violations
        self.address = f"{_HOST}:{free_port()}"
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        host, _, port = self.address.partition(":")
        await web.TCPSite(self._runner, host, int(port)).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def state(self) -> State:
        return self.ledger.shown

    def read(self, headers: Mapping[str, str], body: str) -> None:
        """Note what a post says. Raises one of the usual errors where it says nothing."""
        raise NotImplementedError

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.text()
        try:
            self.read(request.headers, body)
        except _UNREADABLE as error:
            self.violations.append(f"cannot be read ({error!r}): {body}")
        return web.Response(status=204)


class WebhookEnd(WebEnd):
    """A receiver of Standard Webhooks, which checks the signature, and each repeat."""

    secrets = (SECRET, SECRET.removeprefix("whsec_"), "canary-token")
    form = "native"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bodies: dict[str, str] = {}

    def configuration(self) -> dict[str, Any]:
        url = f"http://{self.address}/canary-token"
        return {"type": "webhook", "url": url, "secret": SECRET, "format": self.form}

    def read(self, headers: Mapping[str, str], body: str) -> None:
        event_id = headers["webhook-id"]
        try:
            Webhook(SECRET).verify(body, {**headers})
        except WebhookVerificationError as error:
            self.violations.append(f"{event_id}: {error}")
        if self._bodies.setdefault(event_id, body) != body:
            self.violations.append(f"{event_id}: its repeat has another body")
        self.read_message(event_id, headers, json.loads(body))

    def read_message(self, event_id: str, headers: Mapping[str, str], said: Any) -> None:
        """Note what a message says that is truly the sink's."""
        del headers
        data, alarm = said["data"], said["data"]["alarm"]
        if data["event_id"] != event_id:
            self.violations.append(f"{event_id}: its body bears another id")
        self.ledger.take(
            said["type"].removeprefix("alarm."),
            alarm["id"],
            severity=alarm["severity"],
            text=f"{data['device']['name']} {alarm['description']}",
            message_id=event_id,
        )


class CloudEventsEnd(WebhookEnd):
    """A broker that reads a CloudEvent's attributes only; source and id make an event one."""

    form = "cloudevents"
    _TYPE = re.compile(r"com\.alarmbridge\.alarm\.(raised|changed|cleared)")

    def read_message(self, event_id: str, headers: Mapping[str, str], said: Any) -> None:
        found = self._TYPE.fullmatch(headers["ce-type"])
        if headers["ce-specversion"] != "1.0" or found is None or headers["ce-id"] != event_id:
            raise ValueError("no CloudEvent of ours")
        self.ledger.take(
            found[1],
            (headers["ce-source"], headers["ce-subject"]),
            severity=headers["ce-severitytext"].lower(),
            text=f"{headers['ce-source']} {said['data']['alarm']['description']}",
            message_id=(headers["ce-source"], headers["ce-id"]),
        )


class AlertmanagerPayloadEnd(WebhookEnd):
    """One of the many that take what an Alertmanager posts; it goes by the fingerprint."""

    form = "alertmanager"
    again = "open"
    _STATUS: ClassVar = {"firing": "raised", "resolved": "cleared"}
    _FINGERPRINT = re.compile(r"[0-9a-f]{16}")

    def read_message(self, event_id: str, headers: Mapping[str, str], said: Any) -> None:
        del headers
        (alert,) = said["alerts"]
        if said["version"] != "4" or not self._FINGERPRINT.fullmatch(alert["fingerprint"]):
            raise ValueError("no alert of version 4")
        self.ledger.take(
            self._STATUS[alert["status"]],
            alert["fingerprint"],
            severity=alert["labels"]["severity"],
            text=f"{alert['labels']['device']} {alert['annotations']['description']}",
            message_id=event_id,
        )


class ChatEnd(WebEnd):
    """People who read what Apprise posts; they go by the id that stands in the text."""

    again = "open"
    _TITLE = re.compile(r"(?P<state>[A-Z]+)(?: \(was \w+\))? (?P<about>.+)")
    _ID = re.compile(r"^Id: (\S+)$", re.MULTILINE)
    _TYPES: ClassVar = {"CLEARED": {"success"}, "CRITICAL": {"failure"}, "MAJOR": {"failure"}}

    def configuration(self) -> dict[str, Any]:
        return {"type": "apprise", "url": f"json://{self.address}/canary-token"}

    def read(self, headers: Mapping[str, str], body: str) -> None:
        del headers
        said = json.loads(body)
        title, alarm_id = self._TITLE.fullmatch(said["title"]), self._ID.search(said["message"])
        if title is None or alarm_id is None:
            raise ValueError("says nothing")
        if said["type"] not in self._TYPES.get(title["state"], {"warning", "info"}):
            self.violations.append(f"{title['state']} is a {said['type']}")
        self.ledger.take(
            "cleared" if title["state"] == "CLEARED" else "raised",
            alarm_id[1],
            severity=title["state"].lower(),
            text=f"{title['about']} {said['message']}",
        )


class DeskEnd(FarEnd):
    """An incident tool that checks its contract. severity: the field that says how bad it is."""

    def __init__(self, desk: Desk, words: Mapping[str, str], *, severity: str) -> None:
        self.words = words
        self.secrets = desk.secrets
        self.violations = desk.violations
        self._desk = desk
        self._severity = severity
        self._port = free_port()
        self._serving = AsyncExitStack()
        desk.configure(f"http://{_HOST}:{self._port}")

    def configuration(self) -> dict[str, Any]:
        return dict(self._desk.raw)

    async def start(self) -> None:
        await self._serving.enter_async_context(serve(self._desk, self._port))

    async def stop(self) -> None:
        await self._serving.aclose()

    async def state(self) -> State:
        return {
            key: Shown(True, one.fields[self._severity], json.dumps(one.fields))
            for key, one in self._desk.incidents.items()
        }
