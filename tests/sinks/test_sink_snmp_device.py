from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hostile_texts import hostile_lives, hostile_texts
from hypothesis import given, settings
from sink_notices import DEVICE, NOW, make_alarm

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.catalogue import CATALOGUE
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import build_body, with_note
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling, read_telling
from alarmbridge.sinks import snmp_device
from alarmbridge.sinks.snmp_device import build_trap, find_trap, name_alarm, read_name

TRAPS = "1.3.6.1.4.1.5003.9.10.1.21.2.0"
LINK = (1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21, 2, 0, 10)
VARIABLES = (*LINK[:-3], 1)
LIMITS = {2: 200, 3: 100, 8: 100, 9: 100, 10: 100, 12: 100, 13: 100, 14: 100, 15: 100, 16: 255}


def alarm(**keys: object) -> Alarm:
    return replace(make_alarm(), oid=f"{TRAPS}.10", **keys)  # type: ignore[arg-type] - passed on


def values(telling: Telling) -> dict[int, object]:
    """What is bound, by the number of the variable; the device's address is 0."""
    bound = build_trap(telling, trap=LINK, source="Board#1").varbinds
    return {one.oid[-2] if one.oid[:-2] == VARIABLES else 0: one.value for one in bound}


def told_raised(raised: Alarm, *, sequence: int = 1) -> Telling:
    return read_telling(build_body(tell_raised(raised, sequence=sequence, now=NOW), DEVICE))


@pytest.mark.parametrize(
    "oid",
    [
        f"{TRAPS}.10",
        f".{TRAPS}.148 ",
        # Unknown to the catalogue, since newer.
        f"{TRAPS}.999",
        # Of a device that was told to send under another enterprise.
        "1.3.6.1.4.1.99999.7.2.0.10",
    ],
)
def test_a_trap_of_a_device_is_found(oid: str) -> None:
    assert find_trap(oid) == tuple(map(int, oid.strip().removeprefix(".").split(".")))


@pytest.mark.parametrize(
    "oid",
    [
        None,
        "",
        "rubbish",
        TRAPS,
        f"{TRAPS}.0",
        f"{TRAPS}.1002",
        f"{TRAPS}.10.1",
        # The EMS's own, the IETF's, and under another enterprise what no device is known to send.
        "1.3.6.1.4.1.5003.9.20.3.2.0.42",
        "1.3.6.1.6.3.1.1.5.3",
        "1.3.6.1.2.1.4.7.2",
        "1.3.6.1.4.1.99999.7.2.0.999",
    ],
)
def test_what_no_device_sends_is_none(oid: str | None) -> None:
    assert find_trap(oid) is None


def test_every_device_trap_of_the_catalogue_is_found() -> None:
    own = [oid for oid in CATALOGUE if oid.startswith(f"{TRAPS}.")]
    assert len(own) > 50
    assert [oid for oid in own if find_trap(oid) is None] == []


def test_an_alarm_is_named_by_device_trap_and_source() -> None:
    assert name_alarm(alarm()) == f"sbc-ams-1 {TRAPS}.10 Board#1"
    assert name_alarm(alarm(source=None)) == f"sbc-ams-1 {TRAPS}.10 "
    assert name_alarm(alarm(source="a\nb  c")) == f"sbc-ams-1 {TRAPS}.10 a b c"


def test_what_no_trap_says_has_no_such_name() -> None:
    assert name_alarm(make_alarm()) is None
    assert name_alarm(alarm(origin=Origin.BRIDGE)) is None


@given(hostile_texts)
def test_trap_and_source_are_read_back_from_the_name(source: str) -> None:
    named = read_name(name_alarm(alarm(source=source)) or "")
    assert named is not None
    trap, read = named
    assert trap == LINK
    assert name_alarm(alarm(source=read)) == name_alarm(alarm(source=source))


@pytest.mark.parametrize("key", ["", "alarm-1", "a b c", "a", "a 1.3 b"])
def test_any_other_key_is_no_such_name(key: str) -> None:
    assert read_name(key) is None


def test_sixteen_variables_follow_one_another_and_the_address_is_last() -> None:
    assert list(values(told_raised(alarm()))) == [*range(1, 17), 0]


def test_a_raise_says_what_the_device_would() -> None:
    said = values(
        told_raised(
            alarm(
                event_type="communicationsAlarm",
                probable_cause="unexpectedInformation",
                raised_at=datetime(2010, 3, 1, 23, 0, tzinfo=UTC),
            )
        )
    )
    assert (said[2], said[3]) == (b"Trunk is down", b"Board#1")
    assert [said[number] for number in (1, 4, 5, 6, 7)] == [9, 4, 1, 1, 74]
    assert said[11] == bytes((7, 218, 3, 1, 23, 0, 0, 0)) + b"+\x00\x00"
    assert said[15] == b"sbc-ams-1"


def test_words_that_the_mib_has_no_number_for_are_other() -> None:
    said = values(told_raised(alarm(event_type="operationalViolation", probable_cause="mystery")))
    assert (said[6], said[7]) == (0, 0)
    assert (values(told_raised(alarm()))[6], values(told_raised(alarm()))[7]) == (0, 0)


def test_a_change_is_a_raise_anew_with_the_new_severity() -> None:
    event = tell_changed(
        alarm(severity=Severity.CRITICAL),
        previous_severity=Severity.MAJOR,
        sequence=2,
        now=NOW,
    )
    said = values(read_telling(build_body(event, DEVICE)))
    assert (said[4], said[10]) == (5, f"alarm.changed {event.id}".encode())


@pytest.mark.parametrize(
    ("words", "said_words"), [("Trunk is up", b"Trunk is up"), (None, b"Trunk is down")]
)
def test_a_clear_has_severity_0_and_its_own_words(words: str | None, said_words: bytes) -> None:
    gone = alarm(clear_description=words, cleared_at=datetime(2010, 3, 2, tzinfo=UTC))
    event = tell_cleared(gone, sequence=3, now=NOW)
    said = values(read_telling(build_body(event, DEVICE)))
    assert (said[2], said[4]) == (said_words, 0)
    assert said[11] == bytes((7, 218, 3, 2, 0, 0, 0, 0)) + b"+\x00\x00"


def test_a_note_stands_in_the_second_free_text() -> None:
    body = build_body(tell_raised(alarm(), sequence=1, now=NOW), None)
    said = values(read_telling(with_note(body, "flapping: 5 raises in 10 minutes")))
    assert (said[8], said[9]) == (b"", b"flapping: 5 raises in 10 minutes")
    assert (said[15], said[16]) == (b"", b"")


@pytest.mark.parametrize(("sequence", "unique"), [(0, 0), (32000, 32000), (32001, 0)])
def test_the_unique_id_goes_round(sequence: int, unique: int) -> None:
    assert values(told_raised(alarm(), sequence=sequence))[5] == unique


@settings(deadline=None, max_examples=25)
@given(hostile_lives())
def test_every_text_keeps_its_limit(life: list[Notice]) -> None:
    for notice in life:
        said = values(read_telling(notice.body))
        for number, limit in LIMITS.items():
            octets = said[number]
            assert isinstance(octets, bytes)
            assert len(octets) <= limit
            assert octets.decode().isprintable()


def test_there_are_75_causes_and_6_types_as_in_the_mib() -> None:
    causes = snmp_device._CAUSE_NUMBERS
    assert (len(causes), causes["lossOfSignal"], causes["unexpectedInformation"]) == (75, 29, 74)
    assert snmp_device._TYPE_NUMBERS["environmentalAlarm"] == 5
    known = {entry.probable_cause for entry in CATALOGUE.values() if entry.probable_cause}
    assert known - causes.keys() == set()
