"""Notices as the dispatcher would hand them over."""

from datetime import UTC, datetime

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import KINDS, Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling
from alarmbridge.core.wording import word

NOW = datetime(2026, 11, 23, 21, 4, 5, 250_000, tzinfo=UTC)
DEVICE = DeviceFacts(name="sbc-ams-1", url="https://10.4.219.229", tags={"site": "ams"})


def make_alarm(
    *,
    severity: Severity = Severity.MAJOR,
    description: str = "Trunk is down",
    clear_description: str | None = None,
    number: int = 1,
) -> Alarm:
    return Alarm(
        id=f"alarm-{number}",
        device="sbc-ams-1",
        severity=severity,
        description=description,
        clear_description=clear_description,
        source="Board#1",
        name="acBoardEthernetLinkAlarm",
        seen_at=NOW,
    )


def raised(alarm: Alarm | None = None, *, device: DeviceFacts | None = DEVICE) -> Notice:
    return as_notice(tell_raised(alarm or make_alarm(), sequence=1, now=NOW), device)


def changed() -> Notice:
    alarm = make_alarm(severity=Severity.CRITICAL)
    event = tell_changed(alarm, previous_severity=Severity.MAJOR, sequence=2, now=NOW)
    return as_notice(event, DEVICE)


def cleared(alarm: Alarm | None = None) -> Notice:
    event = tell_cleared(alarm or make_alarm(), sequence=3, now=NOW)
    return as_notice(event, DEVICE)


def as_notice(event: Event, device: DeviceFacts | None) -> Notice:
    body = build_body(event, device)
    words = word(read_telling(body))
    return Notice(
        event_id=event.id,
        kind=KINDS[type(event)],
        alarm_id=event.alarm.id,
        key=event.alarm.id,
        body=body,
        severity=event.alarm.severity,
        title=words.title,
        text=words.text,
        sent_at=NOW,
    )
