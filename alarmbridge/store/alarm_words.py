"""The words of each alarm, kept beside it for the search.

SQLite has them in an FTS5 table, PostgreSQL in a table with an index of its own (GIN); in both it
is called alarm_words, its rowid is the number of the alarm in alarm_texts. That rises as alarms
are entered, so that the newest of a million hits are found without sorting them.
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.search_words import words_of
from alarmbridge.store.tables import alarm_texts
from alarmbridge.store.transaction import QUICK, Transaction
from alarmbridge.store.word_facets import facets_of
from alarmbridge.store.word_sql import AsWords

# Not among the others: no two databases have it as the same kind of table.
alarm_words = Table(
    "alarm_words",
    MetaData(),
    Column("rowid", BigInteger, primary_key=True),
    Column("words", Text),
)

_NUMBER = select(alarm_texts.c.number).where(alarm_texts.c.alarm_id == bindparam("of_alarm"))
_ENTER = insert(alarm_texts).values(alarm_id=bindparam("of_alarm")).execution_options(**QUICK)
_ADD = (
    insert(alarm_words)
    .from_select(
        ["rowid", "words"],
        select(alarm_texts.c.number, AsWords(bindparam("said", type_=Text))).where(
            alarm_texts.c.alarm_id == bindparam("of_alarm")
        ),
    )
    .execution_options(**QUICK)
)
_CHANGE = (
    update(alarm_words)
    .where(alarm_words.c.rowid == _NUMBER.scalar_subquery())
    .values(words=AsWords(bindparam("said", type_=Text)))
    .execution_options(**QUICK)
)
_LEAVING: BindParameter[str] = bindparam("alarm_ids", expanding=True)
_FORGET = (
    delete(alarm_words).where(
        alarm_words.c.rowid.in_(
            select(alarm_texts.c.number).where(alarm_texts.c.alarm_id.in_(_LEAVING))
        )
    ),
    delete(alarm_texts).where(alarm_texts.c.alarm_id.in_(_LEAVING)),
)


async def enter_words(tx: Transaction, alarms: Sequence[Alarm]) -> None:
    """Make alarms that are new be found by their words."""
    rows = [_row(alarm) for alarm in alarms]
    if rows:
        await tx.execute(_ENTER, [{"of_alarm": row["of_alarm"]} for row in rows])
        await tx.execute(_ADD, rows)


async def change_words(tx: Transaction, alarms: Sequence[Alarm]) -> None:
    """Make alarms be found by what they say now."""
    rows = [_row(alarm) for alarm in alarms]
    if rows:
        await tx.execute(_CHANGE, rows)


async def forget_words(tx: Transaction, alarm_ids: list[str]) -> None:
    """Forget the words of alarms that leave."""
    for statement in _FORGET:
        await tx.execute(statement, {"alarm_ids": alarm_ids})


def _row(alarm: Alarm) -> dict[str, str]:
    words = words_of(
        (
            alarm.device,
            alarm.description,
            alarm.clear_description,
            alarm.source,
            alarm.name,
            alarm.oid,
            alarm.event_type,
            alarm.probable_cause,
        )
    )
    return {"of_alarm": alarm.id, "said": " ".join((*words, *facets_of(alarm)))}
