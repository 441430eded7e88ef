"""Far ends: who stands behind each sink in the scenarios, and what they read from what they get.

A far end knows nothing of alarmbridge's archive. It tells alarms apart by what its wire gives it
for that, drops repeats as its kind does, and says of each alarm whether it is open and how bad it
is, in its own words. `FAR_ENDS` has one for each way of telling; a new sink adds one here.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from acceptance_receiver import SECRET, Receiver

SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
X733: Mapping[str, str] = MappingProxyType({word: word for word in SEVERITIES})


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm as a far end shows it. text: all that it was first told of it."""

    open: bool
    severity: str
    text: str


class FarEnd(Protocol):
    """One destination, started and stopped at will.

    words: what it calls each severity. acknowledges: whether it can be told anything while it is
    away; what is sent without an acknowledgement may be lost then, so it is not stopped.
    secrets: what must not be shown. violations: what no sink may send to it.
    """

    words: ClassVar[Mapping[str, str]] = X733
    acknowledges: ClassVar[bool] = True
    secrets: tuple[str, ...] = ()
    violations: list[str]

    def configuration(self) -> dict[str, Any]:
        """Give the keys of a sink that leads here, but for its name."""
        ...

    async def start(self) -> None:
        """Listen; returns once it does."""

    async def stop(self) -> None:
        """Go away: nobody listens any more. Keeps what such a far end keeps over a restart."""

    async def state(self) -> Mapping[Hashable, Shown]:
        """Show each alarm by the key under which this far end knows it."""
        ...


class Ledger:
    """What a far end makes of messages that come in turn.

    A message that bears the id of an earlier one is that one again and changes nothing.
    """

    def __init__(self) -> None:
        self.shown: dict[Hashable, Shown] = {}
        self.violations: list[str] = []
        self._ids: set[str] = set()

    def take(
        self,
        kind: str,
        key: Hashable,
        *,
        severity: str,
        text: str,
        message_id: str | None = None,
    ) -> None:
        """Note a message. kind: raised, changed or cleared."""
        if message_id in self._ids:
            return
        if message_id is not None:
            self._ids.add(message_id)
        before = self.shown.get(key)
        if before is None and kind != "raised":
            self.violations.append(f"{key}: {kind} without having been raised: {text}")
        if before is not None and not before.open and kind == "changed":
            self.violations.append(f"{key}: changed after it was cleared: {text}")
        # A clear's own severity is nobody's concern: the alarm was as bad as it was.
        now = Shown(kind != "cleared", severity, text)
        if before is not None:
            severity = before.severity if kind == "cleared" else severity
            now = replace(now, severity=severity, text=before.text)
        self.shown[key] = now


class WebhookEnd(FarEnd):
    """A receiver of Standard Webhooks, which checks the signature."""

    secrets = (SECRET, SECRET.removeprefix("whsec_"), "canary-token")

    def __init__(self, folder: Path) -> None:
        del folder
        self._receiver = Receiver()

    @property
    def violations(self) -> list[str]:  # type: ignore[override] - read alone
        return [*self._receiver.faults, *self._read().violations]

    def configuration(self) -> dict[str, Any]:
        return {"type": "webhook", "url": self._receiver.url, "secret": SECRET}

    async def start(self) -> None:
        await self._receiver.start()

    async def stop(self) -> None:
        await self._receiver.stop()

    async def state(self) -> Mapping[Hashable, Shown]:
        return self._read().shown

    def _read(self) -> Ledger:
        ledger = Ledger()
        for one in self._receiver.log:
            ledger.take(
                one.kind,
                one.alarm_id,
                severity=one.alarm["severity"],
                text=f"{one.device} {one.alarm['description']}",
                message_id=one.event["data"]["event_id"],
            )
        return ledger


class LogEnd(FarEnd):
    """Whoever reads the program's own log; tells alarms apart by device, name and source."""

    acknowledges = False
    _LINE = re.compile(
        r"\S+ \S+ \w+ +(?P<kind>raised|changed|cleared) (?P<severity>\w+)"
        r" (?P<key>\S+ \w+ at \S+): (?P<text>.*) \(event (?P<id>\S+)\)"
    )

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log"

    @property
    def violations(self) -> list[str]:  # type: ignore[override] - read alone
        return self._read().violations

    def configuration(self) -> dict[str, Any]:
        return {"type": "log"}

    async def state(self) -> Mapping[Hashable, Shown]:
        return self._read().shown

    def _read(self) -> Ledger:
        ledger = Ledger()
        for line in self._log.read_text(encoding="utf-8").splitlines():
            if found := self._LINE.fullmatch(line):
                ledger.take(
                    found["kind"],
                    found["key"],
                    severity=found["severity"],
                    text=f"{found['key']} {found['text']}",
                    message_id=found["id"],
                )
        return ledger


FAR_ENDS: Mapping[str, Callable[[Path], FarEnd]] = MappingProxyType(
    {
        "webhook": WebhookEnd,
        "log": LogEnd,
    }
)
"""Each is made with the folder of the scenario, where the bridge writes its `log`."""
