"""Instants and values: they come back as they went in, from either database."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from store_cases import NOW, alarm_of, held_of, raise_alarm, register, rows_of

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarms import fetch_alarm
from alarmbridge.store.archive import Archive
from alarmbridge.store.column_types import Instant
from alarmbridge.store.tables import alarms

NUMBERS = itertools.count()
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
RAW_TIMES = TEXTS | st.just("2026-11-23T21:04:05.123Z") | st.just("2026-11-23 21:04:05+03:00")


@st.composite
def any_alarm(draw: st.DrawFn) -> Alarm:
    maybe = st.none() | TEXTS
    return Alarm(
        id="",
        device="sbc-1",
        origin=draw(st.sampled_from(Origin)),
        state=draw(st.sampled_from(State)),
        severity=draw(st.sampled_from(Severity)),
        description=draw(TEXTS),
        clear_description=draw(maybe),
        source=draw(maybe),
        oid=draw(maybe),
        name=draw(maybe),
        event_type=draw(maybe),
        probable_cause=draw(maybe),
        device_alarm_id=draw(maybe),
        device_date=draw(st.none() | RAW_TIMES.map(parse_device_time)),
        raised_at=draw(st.none() | INSTANTS),
        cleared_at=draw(st.none() | INSTANTS),
        cleared_raw=draw(maybe),
        clear_reason=draw(st.none() | st.sampled_from(ClearReason)),
        seen_at=draw(INSTANTS),
        recorded_at=NOW,
        transient=draw(st.booleans()),
        revision=draw(st.integers(0, 2**31 - 1)),
        raise_row=draw(maybe),
        clear_row=draw(maybe),
        stale=draw(st.booleans()),
    )


@given(alarm=any_alarm())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_every_field_of_an_alarm_comes_back(archive: Archive, alarm: Alarm) -> None:
    await register(archive, "sbc-1")
    stored = await raise_alarm(archive, replace(alarm, id=f"{next(NUMBERS)}"), sinks=())

    async with archive.read() as tx:
        assert await fetch_alarm(tx, stored.id) == stored


@given(at=INSTANTS, hours=st.integers(-14, 14))
def test_an_instant_of_any_zone_is_kept_in_utc_to_the_microsecond(at: datetime, hours: int) -> None:
    local = at.astimezone(timezone(timedelta(hours=hours)))
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        stored = Instant().bind_processor(dialect)(local)
        back = Instant().result_processor(dialect, None)(stored)
        assert (back, back.utcoffset()) == (at, timedelta(0))


@given(one=INSTANTS, other=INSTANTS)
def test_instants_as_text_are_ordered_like_time(one: datetime, other: datetime) -> None:
    write = Instant().bind_processor(sqlite.dialect())

    assert (write(one) < write(other)) == (one < other)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_an_instant_without_a_zone_is_refused(dialect: object) -> None:
    with pytest.raises(ValueError, match="has no zone"):
        Instant().bind_processor(dialect)(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


async def test_instants_are_compared_in_the_database(archive: Archive) -> None:
    await register(archive, "sbc-1")
    await raise_alarm(archive, alarm_of(1))

    async with archive.read() as tx:
        later = select(alarms.c.id).where(alarms.c.seen_at > NOW - timedelta(microseconds=1))
        exact = select(alarms.c.id).where(alarms.c.seen_at > NOW)
        assert len((await tx.execute(later)).rows) == 1
        assert (await tx.execute(exact)).rows == []


async def test_an_alarm_without_its_own_date_is_dated_by_when_it_was_seen(
    archive: Archive,
) -> None:
    await register(archive, "sbc-1")
    await raise_alarm(archive, alarm_of(1, raised_at=None))

    (held,) = (await held_of(archive)).active
    (row,) = await rows_of(archive, "SELECT dated_at = seen_at AS same FROM alarms")
    assert (held.raised_at, bool(row.same)) == (None, True)
