from datetime import timedelta
from typing import get_args

import pytest
from hostile_texts import hostile_lives
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import errind, rfc1902
from pysnmp.proto.api import v2c

from alarmbridge.core.delivery import Notice
from alarmbridge.core.telling import read_telling
from alarmbridge.sinks.snmp import Auth, Privacy
from alarmbridge.sinks.snmp_clock import EngineTime
from alarmbridge.sinks.snmp_device import build_trap
from alarmbridge.sinks.snmp_engine import AUTHENTICATION, PRIVACY
from alarmbridge.sinks.snmp_own import build_notification
from alarmbridge.sinks.snmp_session import _WORDS, build_pdu
from alarmbridge.sinks.snmp_varbinds import Notification, Oid, Syntax, Varbind, parse_oid

TIME = EngineTime(60_000, 120, timedelta(seconds=2.5))
LINK: Oid = (1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21, 2, 0, 10)


def heard(notification: Notification, *, confirmed: bool = True) -> list[tuple[Oid, object]]:
    """What a receiver reads of a notification, from its octets."""
    octets = encoder.encode(build_pdu(notification, TIME, confirmed=confirmed))
    kind = v2c.InformRequestPDU if confirmed else v2c.SNMPv2TrapPDU
    pdu, rest = decoder.decode(octets, asn1Spec=kind())
    assert rest == b""
    return [(tuple(oid), value) for oid, value in v2c.apiPDU.get_varbinds(pdu)]


@pytest.mark.parametrize("confirmed", [True, False])
def test_up_time_and_the_trap_come_first(confirmed: bool) -> None:
    (up_time, ticks), (trap_oid, trap) = heard(Notification(LINK, ()), confirmed=confirmed)
    assert (up_time, ticks) == ((1, 3, 6, 1, 2, 1, 1, 3, 0), rfc1902.TimeTicks(250))
    assert (trap_oid, tuple(trap)) == ((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), LINK)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("syntax", "value", "expected"),
    [
        (Syntax.INTEGER, -1, rfc1902.Integer32(-1)),
        (Syntax.UNSIGNED, 2**32 - 1, rfc1902.Unsigned32(2**32 - 1)),
        (Syntax.OCTETS, "é".encode(), rfc1902.OctetString(b"\xc3\xa9")),
        (Syntax.OBJECT_ID, (0, 0), rfc1902.ObjectIdentifier((0, 0))),
        (Syntax.TICKS, 7, rfc1902.TimeTicks(7)),
        (Syntax.ADDRESS, bytes((10, 4, 219, 229)), rfc1902.IpAddress("10.4.219.229")),
    ],
)
def test_each_syntax_has_its_own_tag(syntax: Syntax, value: int, expected: object) -> None:
    *_, (oid, bound) = heard(Notification(LINK, (Varbind((1, 3, 0), syntax, value),)))
    assert (oid, bound) == ((1, 3, 0), expected)
    assert bound.tagSet == expected.tagSet  # type: ignore[attr-defined]


@settings(deadline=None, max_examples=25)
@given(hostile_lives())
def test_whatever_is_told_can_be_written(life: list[Notice]) -> None:
    for notice in life:
        telling = read_telling(notice.body)
        own, trap = build_notification(telling), build_trap(telling, trap=LINK, source="\x00é")
        for notification in (own, trap):
            assert len(heard(notification)) == len(notification.varbinds) + 2


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**33), max_size=130))
def test_every_oid_that_is_read_can_be_written(arcs: list[int]) -> None:
    oid = parse_oid(".".join(map(str, arcs)))
    if oid is not None:
        *_, (_, bound) = heard(Notification(LINK, (Varbind(LINK, Syntax.OBJECT_ID, oid),)))
        assert tuple(bound) == oid == tuple(arcs)  # type: ignore[arg-type]


def test_every_protocol_that_can_be_configured_is_there() -> None:
    for section, known in ((Auth, AUTHENTICATION), (Privacy, PRIVACY)):
        assert set(get_args(section.model_fields["protocol"].annotation)) == set(known)


def test_what_a_manager_reports_is_worded() -> None:
    reported = {"UnknownUserName", "WrongDigest", "DecryptionError", "UnsupportedSecurityLevel"}
    assert {getattr(errind, name) for name in reported} <= set(_WORDS)
