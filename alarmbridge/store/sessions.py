"""Sessions: browsers that have shown a token once. A digest of each, and when it ends."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from alarmbridge.store.tables import sessions
from alarmbridge.store.transaction import QUICK, Transaction

MOST = 1000
"""Sessions at a time; of more those that were opened first end."""

_FIND = (
    select(sessions.c.proof)
    .where(sessions.c.id == bindparam("session"), sessions.c.ends_at > bindparam("now"))
    .execution_options(**QUICK)
)


async def open_session(
    tx: Transaction, session: str, *, proof: str, now: datetime, ends_at: datetime
) -> None:
    """Keep a session; those that have ended leave, and the oldest of too many."""
    row = {"id": session, "proof": proof, "opened_at": now, "ends_at": ends_at}
    await tx.execute(insert(sessions), row)
    await tx.execute(delete(sessions).where(sessions.c.ends_at <= now))
    surplus = (
        select(sessions.c.id)
        .order_by(sessions.c.opened_at.desc(), sessions.c.id)
        .limit(10 * MOST)
        .offset(MOST)
    )
    await tx.execute(delete(sessions).where(sessions.c.id.in_(surplus)))


async def find_session(tx: Transaction, session: str, *, now: datetime) -> str | None:
    """Load the proof of a session; None when it has ended, or there is none."""
    rows = (await tx.execute(_FIND, {"session": session, "now": now})).rows
    return rows[0].proof if rows else None


async def end_session(tx: Transaction, session: str) -> bool:
    """End a session; say whether there was one."""
    return (await tx.execute(delete(sessions).where(sessions.c.id == session))).count > 0
