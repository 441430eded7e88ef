"""Operator actions: what people did about alarms, and whatever else they changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, func, insert, literal, or_, select, update

from alarmbridge.core.filters import Match
from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.silence import Silence
from alarmbridge.store.column_types import Instant
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.replay import replay, replay_dead
from alarmbridge.store.silences import add_silence, expire_silence
from alarmbridge.store.tables import alarms, operator_actions
from alarmbridge.store.transaction import Transaction

_REPLAY = "delivery.replay"
LOGIN = "login"
LOGOUT = "logout"
SILENCE_ADD = "silence.add"
SILENCE_EXPIRE = "silence.expire"
SINK_RESYNC = "sink.resync"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTaken:
    """Somebody changed something. alarm_id: None where no alarm was meant; target: what then.

    action: a word of OperatorAction, or what was done to the target: `silence.add`.
    """

    id: int
    at: datetime
    who: str
    action: str
    alarm_id: str | None
    target: str
    comment: str


_CURSORS = Cursors("actions")
_COLUMNS = tuple(column for column in operator_actions.c)
_NOW = bindparam("now", type_=Instant)
_WHO = bindparam("who", type_=Text)
_OPEN = alarms.c.operator_closed_at.is_(None)
_UNSEEN = alarms.c.acknowledged_at.is_(None)
# An alarm is closed by who has seen it: sinks that repeat it until then do so no longer.
_CHANGES: Mapping[OperatorAction, tuple[ColumnElement[bool], dict[str, Any]]] = {
    OperatorAction.ACK: (_UNSEEN, {"acknowledged_at": _NOW, "acknowledged_by": _WHO}),
    OperatorAction.UNACK: (
        or_(~_UNSEEN, ~_OPEN),
        {
            "acknowledged_at": None,
            "acknowledged_by": None,
            "operator_closed_at": None,
            "operator_closed_by": None,
        },
    ),
    OperatorAction.CLOSE: (
        _OPEN,
        {
            "operator_closed_at": _NOW,
            "operator_closed_by": _WHO,
            "acknowledged_at": func.coalesce(alarms.c.acknowledged_at, _NOW),
            "acknowledged_by": func.coalesce(alarms.c.acknowledged_by, _WHO),
        },
    ),
}


async def act(
    tx: Transaction,
    alarm_id: str,
    action: OperatorAction,
    *,
    who: str,
    now: datetime,
    comment: str = "",
) -> bool:
    """Do what an operator does about an alarm; say whether that changed anything.

    False where the alarm was so already, and where there is none; nothing is noted then. Whether
    it is cleared does not matter, and stays as it is.
    """
    if action is OperatorAction.COMMENT:
        known = (await tx.execute(select(literal(1)).where(alarms.c.id == alarm_id))).rows
        if not known:
            return False
    else:
        condition, values = _CHANGES[action]
        statement = update(alarms).where(alarms.c.id == alarm_id, condition).values(values)
        changed = await tx.execute(statement, {"now": now, "who": who})
        if changed.count == 0:
            return False
    await note(tx, action.value, who=who, now=now, alarm_id=alarm_id, comment=comment)
    return True


async def note(
    tx: Transaction,
    action: str,
    *,
    who: str,
    now: datetime,
    alarm_id: str | None = None,
    target: str = "",
    comment: str = "",
) -> None:
    """Note that somebody changed something."""
    row = {
        "at": now,
        "who": who,
        "action": action,
        "alarm_id": alarm_id,
        "target": target,
        "comment": comment,
    }
    await tx.execute(insert(operator_actions), row)


async def silence(
    tx: Transaction,
    *,
    match: Match,
    starts_at: datetime,
    ends_at: datetime,
    comment: str,
    author: str,
    who: str,
    now: datetime,
) -> Silence:
    """Add a silence, and note who did. author: whom it is said to be of."""
    added = await add_silence(
        tx,
        match=match,
        starts_at=starts_at,
        ends_at=ends_at,
        comment=comment,
        author=author,
        now=now,
    )
    await note(tx, SILENCE_ADD, who=who, now=now, target=added.id, comment=comment)
    return added


async def end_silence(tx: Transaction, number: int, *, who: str, now: datetime) -> bool:
    """End a silence, and note who did; say whether it was not over before."""
    ended = await expire_silence(tx, number, now=now)
    if ended:
        await note(tx, SILENCE_EXPIRE, who=who, now=now, target=str(number))
    return ended


async def tell_again(
    tx: Transaction, ids: Collection[int], *, who: str, now: datetime
) -> tuple[int, ...]:
    """Replay deliveries, and note who did; return the ids that are owed once more.

    Only those are noted. At most `replay.MOST` ids.
    """
    owed = await replay(tx, ids, now=now)
    if owed:
        await note(tx, _REPLAY, who=who, now=now, target=" ".join(map(str, owed)))
    return owed


async def tell_dead_again(tx: Transaction, *, sink: str | None, who: str, now: datetime) -> int:
    """Replay dead deliveries, and note who did; return how many are. Repeat it until 0.

    sink: None for those of all.
    """
    owed = await replay_dead(tx, sink=sink, now=now)
    if owed:
        target = f"{owed} dead" + (f" of {sink}" if sink else "")
        await note(tx, _REPLAY, who=who, now=now, target=target)
    return owed


async def list_actions(
    tx: Transaction, *, alarms: Collection[str] = (), limit: int = 100, after: str | None = None
) -> Page[ActionTaken]:
    """List what people did, the latest first; about these alarms, or all. Raises BadCursor."""
    statement = select(*_COLUMNS).order_by(operator_actions.c.id.desc()).limit(size_of(limit) + 1)
    if alarms:
        statement = statement.where(operator_actions.c.alarm_id.in_(sorted(set(alarms))))
    if after is not None:
        statement = statement.where(operator_actions.c.id < _CURSORS.read_number(after))
    rows = (await tx.execute(statement)).rows
    found = [ActionTaken(**row._mapping) for row in rows]  # noqa: SLF001 - public in spite of its name
    return page_of(found, [str(one.id) for one in found], _CURSORS, limit=limit)
