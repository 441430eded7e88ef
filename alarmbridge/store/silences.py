"""Silences, as the archive keeps them."""

from datetime import datetime

from alarmbridge.core.silence import Silence
from alarmbridge.store.transaction import Transaction


async def silences_around(
    tx: Transaction, now: datetime, *, since: datetime
) -> tuple[Silence, ...]:
    """Load the silences that end after a moment."""
    del tx, now, since
    return ()
