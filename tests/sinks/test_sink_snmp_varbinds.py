from datetime import UTC, datetime, timedelta, timezone

import pytest
from hostile_texts import hostile_texts
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.payload import DeviceFacts
from alarmbridge.sinks.snmp_varbinds import (
    TRAP_ADDRESS,
    Syntax,
    address_of,
    fit,
    integer,
    moment,
    parse_oid,
    text,
)

OID = (1, 3, 6, 1, 4, 1, 0)


@given(hostile_texts, st.integers(min_value=3, max_value=255))
def test_a_text_is_one_line_of_so_many_octets_and_stays_as_it_is(value: str, octets: int) -> None:
    fitted = fit(value, octets=octets)
    assert len(fitted.encode()) <= octets
    assert fitted.isprintable()
    assert fit(fitted, octets=octets) == fitted
    bound = text(OID, value, octets=octets)
    assert (bound.syntax, bound.value) == (Syntax.OCTETS, fitted.encode())


def test_no_text_is_an_empty_one() -> None:
    assert text(OID, None, octets=100).value == b""


def test_a_moment_is_eleven_octets_of_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    bound = moment(OID, datetime(2026, 11, 23, 22, 4, 5, 250_000, tzinfo=berlin))
    assert bound.value == bytes((7, 234, 11, 23, 21, 4, 5, 2)) + b"+\x00\x00"


def test_no_moment_is_eight_octets_of_zero() -> None:
    assert moment(OID, None).value == bytes(8)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_can_be_written(instant: datetime) -> None:
    value = moment(OID, instant).value
    assert isinstance(value, bytes)
    assert len(value) == 11
    assert value[0] * 256 + value[1] == instant.year


@pytest.mark.parametrize(
    ("url", "octets"),
    [
        ("https://10.4.219.229", (10, 4, 219, 229)),
        ("http://192.0.2.10:8080", (192, 0, 2, 10)),
        ("https://sbc-ams-1.example", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_a_device_has_the_address_that_its_url_holds_in_digits(
    url: str, octets: tuple[int, ...] | None
) -> None:
    bound = address_of(DeviceFacts(name="sbc", url=url))
    assert [(one.oid, one.syntax, tuple(one.value)) for one in bound] == (  # type: ignore[arg-type]
        [(TRAP_ADDRESS, Syntax.ADDRESS, octets)] if octets else []
    )


def test_no_device_has_no_address() -> None:
    assert address_of(None) == ()


@pytest.mark.parametrize("dotted", ["1.3.6.1", ".1.3.6.1", " 1.3.6.1 ", " .1.3.6.1"])
def test_an_oid_is_read_as_devices_write_it(dotted: str) -> None:
    assert parse_oid(dotted) == (1, 3, 6, 1)


@pytest.mark.parametrize(
    "dotted",
    [
        None,
        "",
        "1",
        "1.",
        "..1.3",
        "1..3",
        "3.1",
        "1.40",
        "0.40",
        "1.3.4294967296",
        "1.3.99999999999",
        "1.3.-1",
        "1.3.x",
        "\u0661.\u0663.\u0666",
        "2.4294967295",
        "1.3" + ".1" * 127,
    ],
)
def test_what_is_no_oid_is_none(dotted: str | None) -> None:
    assert parse_oid(dotted) is None


def test_the_largest_arcs_are_read() -> None:
    assert parse_oid("2.4294967215.4294967295") == (2, 4294967215, 4294967295)
    assert len(parse_oid("1.3" + ".1" * 126) or ()) == 128


def test_a_number_is_bound_as_an_integer() -> None:
    assert (integer(OID, 4).syntax, integer(OID, 4).value) == (Syntax.INTEGER, 4)
