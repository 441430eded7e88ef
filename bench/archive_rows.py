# ruff: noqa: S608 - the SQL is made of our own numbers and names
"""What the benchmark of the archive fills a database with, by the database's own hands.

Alarms of 400 days on 1,000 devices. One has a twentieth of all, ten have hardly any, one has a
clock that is sixteen years slow. One alarm in a hundred stands, one in fifty is critical, one in a
hundred thousand is indeterminate. A twentieth of all have events and deliveries to two sinks.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from alarmbridge.core.catalogue import CATALOGUE
from alarmbridge.core.search_words import words_of
from alarmbridge.store.schema import upgrade
from alarmbridge.store.word_facets import device_word

DEVICES, BUSY, SLOW_CLOCK = 1000, 0, 7
FEW = range(990, 1000)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SPAN = timedelta(days=400)
_FIRST_DEVICE = 1000
_BATCH = 500_000
_PRIME = 4_294_967_291
_FACTORS = ((2654435761, 40503), (2246822519, 48271), (3266489917, 69621), (668265263, 16807))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database says what the two say differently."""

    series: str
    code: str
    instant: str
    words: str
    hour: str


SQLITE = Dialect(
    series="(WITH RECURSIVE s(n) AS (VALUES({first}) UNION ALL SELECT n + 1 FROM s"
    " WHERE n < {last}) SELECT n FROM s)",
    code="printf('%08x-0000-5000-8000-%012x', {dice}, n)",
    instant="strftime('%Y-%m-%dT%H:%M:%S', {second}, 'unixepoch') || printf('.%06dZ', {micro})",
    words="{words}",
    hour="strftime('%Y%m%d%H', raised, 'unixepoch')",
)
POSTGRES = Dialect(
    series="(SELECT generate_series({first}::bigint, {last}::bigint) AS n)",
    code="lpad(to_hex({dice}), 8, '0') || '-0000-5000-8000-' || lpad(to_hex(n), 12, '0')",
    instant="to_timestamp({second}) + ({micro}) * interval '1 microsecond'",
    words="array_to_tsvector(string_to_array({words}, ' '))",
    hour="to_char(to_timestamp(raised) AT TIME ZONE 'UTC', 'YYYYMMDDHH24')",
)


def device_name(number: int) -> str:
    """Name a device of the archive."""
    return f"sbc-{number:04}"


def fill(url: str, count: int) -> None:
    """Make that many alarms in a database that is not there yet, or empty; say how long it took."""
    asyncio.run(upgrade(url))
    started = time.monotonic()
    statements = _statements(POSTGRES if url.startswith("postgresql") else SQLITE, count)
    if url.startswith("postgresql"):
        asyncio.run(_fill_postgres(url, statements))
    else:
        _fill_sqlite(Path(url.removeprefix("sqlite:///")), statements)
    print(f"  {count} alarms built in {time.monotonic() - started:.0f} s", flush=True)


def _fill_sqlite(path: Path, statements: Iterable[str]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -1500000"):
            database.execute(f"PRAGMA {pragma}")
        found = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('alarms', 'events', 'deliveries')"
        ).fetchall()
        indexes = [(name, sql) for name, sql in found if not sql.startswith("CREATE UNIQUE")]
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        for statement in (*statements, *(sql for _, sql in indexes), "ANALYZE"):
            _tell(statement)
            database.execute(statement)
        database.execute("PRAGMA journal_mode = WAL")


async def _fill_postgres(url: str, statements: Iterable[str]) -> None:
    database = await asyncpg.connect(url)
    await database.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    await database.execute("SET maintenance_work_mem = '1GB'")
    indexes = await database.fetch(
        "SELECT indexname AS name, indexdef AS sql FROM pg_indexes"
        " WHERE tablename IN ('alarms', 'events', 'deliveries', 'alarm_words')"
        " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    for index in indexes:
        await database.execute(f'DROP INDEX "{index["name"]}"')
    rows = [index["sql"] for index in indexes]
    for statement in (*statements, *rows, "VACUUM ANALYZE"):
        _tell(statement)
        await database.execute(statement)
    await database.close()


def _tell(statement: str) -> None:
    if " VALUES " not in statement:
        print(f"  {time.strftime('%H:%M:%S')} {statement[:72]}", flush=True)


def _statements(dialect: Dialect, count: int) -> Iterator[str]:
    yield from _kinds()
    yield from _devices(dialect)
    for first in range(1, count + 1, _BATCH):
        last = min(first + _BATCH - 1, count)
        yield from _alarms(dialect, dialect.series.format(first=first, last=last), count)
    yield "DROP TABLE kinds"


def _kinds() -> Iterator[str]:
    yield (
        "CREATE TABLE kinds (kind integer, name text, oid text, event_type text,"
        " probable_cause text, description text, words text)"
    )
    for number, entry in enumerate(CATALOGUE.values()):
        said = (entry.meaning or entry.name)[:120]
        words = words_of((entry.name, said, entry.oid, entry.event_type, entry.probable_cause))
        texts = (entry.name, entry.oid, entry.event_type, entry.probable_cause, said)
        values = ", ".join(map(_quoted, (*texts, " ".join(words))))
        yield f"INSERT INTO kinds VALUES ({number}, {values})"


def _devices(dialect: Dialect) -> Iterator[str]:
    yield "CREATE TABLE facets (device_id integer, facet text)"
    first_seen = dialect.instant.format(second=int((NOW - SPAN).timestamp()), micro=0)
    for number in range(DEVICES):
        name, tags = device_name(number), {"site": f"s{number % 50}", "region": f"r{number % 4}"}
        row = f"{_FIRST_DEVICE + number}, {_quoted(name)}, {_quoted(json.dumps(tags))}"
        yield (
            "INSERT INTO devices (id, name, tags, first_seen_at, sequence)"
            f" VALUES ({row}, {first_seen}, 100000000)"
        )
        yield f"INSERT INTO facets VALUES ({_FIRST_DEVICE + number}, '{device_word(name)}')"


def _alarms(dialect: Dialect, series: str, count: int) -> Iterator[str]:
    instant = dialect.instant.format
    seen = instant(second="second", micro="micro")
    raised = instant(second="raised", micro="0")
    closed = (
        f"CASE WHEN state = 'cleared' THEN {instant(second='second + hold', micro='micro')} END"
    )
    made = _made(dialect, series, count)
    yield (
        "INSERT INTO alarms (id, device_id, identity, origin, state, severity, description,"
        " clear_description, source, oid, name, event_type, probable_cause, device_alarm_id,"
        " raised_at, dated_at, cleared_at, clear_reason, seen_at, recorded_at, closed_at,"
        " transient, revision, raise_row, clear_row, stale)"
        f" SELECT id, device_id, 'i' || id, 'device', state, severity, {_DESCRIPTION},"
        " CASE WHEN state = 'cleared' THEN 'Alarm cleared' END,"
        " 'Board#' || (n % 8), oid, name, event_type, probable_cause, '' || (n % 100000),"
        f" {raised}, {raised}, {closed}, CASE WHEN state = 'cleared' THEN 'device' END,"
        f" {seen}, {seen}, {closed}, hold < 120, 1, '1', '2', FALSE FROM {made} AS made"
        " JOIN kinds ON kinds.kind = made.kind"
    )
    yield f"INSERT INTO alarm_texts (number, alarm_id) SELECT n, id FROM {made} AS made"
    words = dialect.words.format(words=_WORDS.format(hour=dialect.hour))
    yield (
        f"INSERT INTO alarm_words (rowid, words) SELECT n, {words} FROM {made} AS made"
        " JOIN kinds ON kinds.kind = made.kind JOIN facets ON facets.device_id = made.device_id"
    )
    yield (
        "INSERT INTO events (position, id, alarm_id, device_id, sequence, kind, at, body)"
        f" SELECT n, 'e' || id, id, device_id, n, 'raised', {seen}, {_BODY}"
        f" FROM {made} AS made WHERE n % 20 = 0"
    )
    for place, sink in enumerate(("incidents", "chat")):
        yield (
            "INSERT INTO deliveries (id, event_id, alarm_id, device_id, sink, key, kind, state,"
            " head, attempts, created_at, next_at, forced)"
            f" SELECT 2 * n + {place}, 'e' || id, id, device_id, '{sink}', id, 'raised',"
            " CASE WHEN hold % 1000 = 0 THEN 'dead' WHEN hold % 1000 = 1 THEN 'pending'"
            " WHEN hold % 10 = 2 THEN 'dropped' ELSE 'delivered' END,"
            f" hold % 1000 = 1, 1, {seen}, {seen}, FALSE FROM {made} AS made WHERE n % 20 = 0"
        )


_BODY = (
    """'{"type":"alarm.raised","timestamp":"2026-01-01T00:00:00.000000Z","data":{"event_id":"e'"""
    """ || id || '","alarm":{"id":"' || id || '","severity":"' || severity ||"""
    """ '","description":"Trunk out of service","clear_description":null}}}'"""
)
_DESCRIPTION = (
    "description || ' (group ' || (n % 31) || ', port ' || (n % 997) || ')'"
    " || CASE WHEN n % 10 = 0 THEN ' session x' || n ELSE '' END"
)
_WORDS = (
    "words || ' sbc ' || name_part || ' group ' || (n % 31) || ' port ' || (n % 997)"
    " || ' board ' || (n % 8) || CASE WHEN n % 10 = 0 THEN ' session x' || n ELSE '' END"
    " || CASE WHEN state = 'cleared' THEN ' alarm cleared' ELSE '' END"
    " || ' _severity' || severity || ' _state' || state || ' ' || facet"
    " || ' _hour' || {hour} || ' _day' || substr({hour}, 1, 8)"
    " || ' _month' || substr({hour}, 1, 6)"
)


def _made(dialect: Dialect, series: str, count: int) -> str:
    """Say what all tables are made of, a row an alarm: pseudo-random, and the same each time."""
    start, span = int((NOW - SPAN).timestamp()), int(SPAN.total_seconds())
    a, b, c, d = (
        f"(n * {first} % {_PRIME} / 977 * {second} % {_PRIME})" for first, second in _FACTORS
    )
    device = (
        f"CASE WHEN {a} % 100 < 5 THEN {BUSY} WHEN {b} % 1000 < 990 THEN {b} % 1000"
        f" WHEN {a} % 5000 = 7 THEN {b} % 1000 ELSE 1 END"
    )
    severity = (
        f"CASE WHEN {c} % 1000000 < 10 THEN 'indeterminate' WHEN {c} % 1000000 < 20000 THEN"
        f" 'critical' WHEN {c} % 1000000 < 250000 THEN 'major' WHEN {c} % 1000000 < 700000"
        " THEN 'minor' ELSE 'warning' END"
    )
    kinds = len(CATALOGUE)
    code = dialect.code.format(dice=a)
    first = (
        f"SELECT n, {code} AS id, {device} AS device, {severity} AS severity,"
        f" ({d} % 1000) * ({d} % 1000) * {kinds} / 1000000 AS kind,"
        f" CASE WHEN {d} / 1000 % 100 = 0 THEN 'active' ELSE 'cleared' END AS state,"
        f" {a} / 100 % 7200 + 30 AS hold, {start} + n * {span} / {count} AS second,"
        f" {b} % 1000000 AS micro FROM {series} AS numbers"
    )
    return (
        f"(SELECT n, id, device + {_FIRST_DEVICE} AS device_id, severity, kind, state, hold,"
        f" second, micro, substr('' || (10000 + device), 2) AS name_part, second - n % 5"
        f" - CASE WHEN device = {SLOW_CLOCK} THEN 504576000 ELSE 0 END AS raised"
        f" FROM ({first}) AS f)"
    )


def _quoted(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
