from dataclasses import replace
from datetime import UTC, datetime

from sink_notices import DEVICE, NOW, make_alarm

from alarmbridge.core.alarm import Alarm, ClearReason
from alarmbridge.core.bridge import DEVICE_UNREACHABLE, raise_own
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import build_body
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling
from alarmbridge.sinks.snmp_own import ROOT, build_notification

OID = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
CLEARED_AT = datetime(2010, 3, 2, tzinfo=UTC)


def alarm(**keys: object) -> Alarm:
    return replace(make_alarm(), **keys)  # type: ignore[arg-type] - passed on


def told(event: Event, device: object = DEVICE) -> tuple[int, dict[int, object]]:
    """The notification's number, and what it binds by the number of the object; 0: the address."""
    body = build_body(event, device)  # type: ignore[arg-type] - or none
    notification = build_notification(read_telling(body))
    assert notification.trap[:-1] == (*ROOT, 0)
    ours = (*ROOT, 1)
    return notification.trap[-1], {
        one.oid[-2] if one.oid[:-2] == ours else 0: one.value for one in notification.varbinds
    }


def test_a_raise_says_all_that_is_known() -> None:
    event = tell_raised(alarm(oid=OID, event_type="equipmentAlarm"), sequence=7, now=NOW)
    device = replace(DEVICE, product="Mediant SW", version="7.20A", serial_number="6D2F")
    number, said = told(event, device)
    assert number == 1
    assert list(said) == [*range(1, 26), 0]
    assert (said[1], said[2], said[5]) == (event.id.encode(), 7, b"alarm-1")
    assert (said[6], said[7]) == (4, 1)
    assert said[14] == tuple(map(int, OID.split(".")))
    assert (said[12], said[16], said[17], said[18], said[19]) == (5, bytes(8), 1, 2, 1)
    assert [said[number] for number in range(20, 26)] == [
        b"sbc-ams-1",
        b"https://10.4.219.229",
        b"10.4.219.229",
        b"Mediant SW 7.20A",
        b"6D2F",
        b"site=ams",
    ]


def test_a_change_says_what_it_was_before() -> None:
    worse = alarm(severity=Severity.CRITICAL)
    event = tell_changed(worse, previous_severity=Severity.WARNING, sequence=2, now=NOW)
    number, said = told(event)
    assert (number, said[6], said[7]) == (2, 3, 6)


def test_a_clear_is_cleared_and_says_by_whom_and_what_it_was_last() -> None:
    gone = alarm(
        clear_description="Trunk is up",
        clear_reason=ClearReason.DEVICE_RESTART,
        cleared_at=CLEARED_AT,
    )
    number, said = told(tell_cleared(gone, sequence=3, now=NOW))
    assert (number, said[6], said[7]) == (3, 1, 4)
    assert (said[9], said[10], said[17]) == (b"Trunk is down", b"Trunk is up", 3)
    assert said[16] == bytes((7, 218, 3, 2, 0, 0, 0, 0)) + b"+\x00\x00"


def test_a_clear_without_a_time_has_the_one_when_it_was_seen() -> None:
    _, said = told(tell_cleared(alarm(), sequence=3, now=NOW))
    assert said[16] == said[3] != bytes(8)


def test_an_alarm_of_the_bridges_own_without_a_device_says_so() -> None:
    event = raise_own(
        DEVICE_UNREACHABLE, device="", subject="x", words="No answer.", sequence=1, now=NOW
    )
    _, said = told(event, None)
    assert (said[8], said[14], said[19], said[20]) == (b"deviceUnreachable", (0, 0), 2, b"")
    assert 0 not in said


def test_what_is_no_oid_is_told_as_none() -> None:
    _, said = told(tell_raised(alarm(oid="1.3.99999999999"), sequence=1, now=NOW))
    assert said[14] == (0, 0)
