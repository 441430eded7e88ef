"""The whole site over an archive with something in it, hostile texts among it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiohttp.test_utils import unused_port

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.decision import Decision
from alarmbridge.core.delivery import DeliveryState, Outcome
from alarmbridge.core.event import Event, tell_cleared, tell_raised
from alarmbridge.core.filters import Match
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.routing import Subscription
from alarmbridge.core.severity import Severity
from alarmbridge.recurrence import Calendar
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, open_spell
from alarmbridge.store.devices import DeviceEntry, register_devices, save_status
from alarmbridge.store.lanes import record, take
from alarmbridge.store.silences import add_silence
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.access import Role, Token
from alarmbridge.web.news import News
from alarmbridge.web.outside import Front
from alarmbridge.web.pages.web_pages import WebPages
from alarmbridge.web.server import WebServer
from alarmbridge.web.site import Door, Inside, make_server

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOSTILE = '=cmd()|"<script>alert(1)</script>"\r\nsecond\x1b[31m line \u202eback\u2028' + "x" * 5000
TOKENS = tuple(Token(name=role.value, role=role, token=f"canary-{role.value}") for role in Role)


class Clock:
    """A clock that stands, and what was woken by whoever changed something."""

    def __init__(self) -> None:
        self.at = NOW
        self.seconds = 0.0
        self.woken = 0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def wake(self) -> None:
        self.woken += 1


def alarm_of(number: int, device: str = "sbc-1", **other: object) -> Alarm:
    """Make an alarm of a device; each was seen a second after the one before."""
    said: dict[str, object] = {
        "id": f"{number:08x}-0000",
        "device": device,
        "severity": Severity.MAJOR,
        "description": f"Trunk {number} is down",
        "source": f"Board#{number}",
        "oid": "1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
        "name": "acBoardEthernetLinkAlarm",
        "device_alarm_id": str(number),
        "raised_at": NOW + timedelta(seconds=number),
        "seen_at": NOW + timedelta(seconds=number),
    }
    return Alarm(**(said | other))  # type: ignore[arg-type] - as the test says


async def tell(archive: Archive, clock: Clock, *alarms: Alarm) -> None:
    """Raise alarms, and clear those that are cleared, as the daemon does."""
    for alarm in alarms:
        recorder = Recorder(
            archive=archive,
            clock=clock,  # type: ignore[arg-type] - it need not wait
            metrics=Metrics(),
            subscriptions=[
                Subscription(sink="incidents", match=Match(), key_for=lambda alarm, _: alarm.id)
            ],
            wake=clock.wake,
        )
        facts = DeviceFacts(name=alarm.device, url=f"https://{alarm.device}")
        held = await recorder.load(alarm.device)
        standing = replace(alarm, state=State.ACTIVE, clear_reason=None)
        told: list[Event] = [tell_raised(standing, sequence=held.sequence + 1, now=NOW)]
        if alarm.state is State.CLEARED:
            told.append(tell_cleared(alarm, sequence=held.sequence + 2, now=NOW))
        await recorder.record(
            held, Decision(events=tuple(told)), facts=facts if alarm.device else None
        )


async def fill(archive: Archive, clock: Clock) -> None:
    """Have two devices, one of them blind; five alarms; a silence; a delivery that died."""
    entries = [
        DeviceEntry(name="sbc-1", url="https://sbc-1", tags={"site": "ams"}),
        DeviceEntry(name="sbc-2", url="https://sbc-2", tags={"site": "ber"}),
    ]
    async with archive.begin() as tx:
        await register_devices(tx, entries, now=NOW)
        await save_status(tx, "sbc-1", product="Mediant SW", version="7.20A", read_at=NOW)
        await open_spell(tx, "sbc-2", kind=SpellKind.UNREACHABLE, since=NOW, reason="timed out")
        await add_silence(
            tx,
            match=Match(devices=("sbc-9",)),
            starts_at=NOW,
            ends_at=NOW + 24 * HOUR,
            comment="upgrade",
            author="noc",
            now=NOW,
        )
    cleared = {"state": State.CLEARED, "clear_reason": ClearReason.DEVICE}
    await tell(
        archive,
        clock,
        alarm_of(1),
        alarm_of(2, description=HOSTILE, source=HOSTILE[:300], severity=Severity.CRITICAL),
        alarm_of(3, **cleared, clear_description="Trunk 3 is up", cleared_at=NOW + HOUR),
        alarm_of(4, "sbc-2", severity=Severity.MINOR, raised_at=None),
        alarm_of(5, "", origin=Origin.BRIDGE, source="alarmbridge", name="sinkFailing", oid=None),
    )
    async with archive.begin() as tx:
        first, second, *_ = await take(tx, "incidents", now=NOW, limit=10)
        outcomes = [
            Outcome(
                delivery_id=delivery.id, state=state, attempts=1, at=NOW, answer=answer, reason=why
            )
            for delivery, state, answer, why in (
                (first, DeliveryState.DELIVERED, "HTTP 200", None),
                (second, DeliveryState.DEAD, None, "HTTP 400: no such thing"),
            )
        ]
        await record(tx, outcomes)


def make_site(
    archive: Archive,
    clock: Clock,
    *,
    tokens: Sequence[Token] = (),
    front: Front | None = None,
    unwell: Sequence[str] = (),
    web_pages: WebPages | None = None,
) -> WebServer:
    """Make the whole site on a free port."""

    async def readiness() -> list[str]:
        return list(unwell)

    inside = Inside(
        archive=archive,
        calendar=Calendar(),
        metrics=Metrics(),
        readiness=readiness,
        now=clock.now,
        monotonic=clock.monotonic,
        draw=_draw(),
        wake=clock.wake,
        news=News(archive, wake=lambda: None),
        web_pages=web_pages or {},
    )
    door = Door(
        host="127.0.0.1",
        port=unused_port(),
        tokens=tokens,
        front=front or Front(),
        session=12 * HOUR,
    )
    return make_server(door, inside)


def _draw() -> Callable[[int], bytes]:
    drawn = iter(range(1, 10_000))
    return lambda size: next(drawn).to_bytes(size, "big")
