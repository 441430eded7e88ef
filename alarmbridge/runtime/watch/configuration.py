"""Watches a device's configuration: keeps it with its secrets masked, and tells what changed."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import timedelta
from fnmatch import fnmatchcase

from alarmbridge.core.bridge import CONFIGURATION_CHANGED
from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.event import Event, Raised
from alarmbridge.core.ini import is_ini, mask_secrets, read_ini
from alarmbridge.core.ini_diff import differences, summary_of
from alarmbridge.runtime.watch.desk import Desk
from alarmbridge.store.configurations import (
    add_configuration,
    list_configurations,
    load_configuration,
    note_unchanged,
)
from alarmbridge.store.transaction import Transaction

_SCHEDULE = "schedule"


class ConfigurationRound:
    """Fetches the INI file. on_alarms: names of alarms, with * and ?, that have it fetched at once.

    keep: how many different ones are kept.
    """

    name = "configuration"

    def __init__(
        self, desk: Desk, *, every: timedelta, on_alarms: Collection[str], keep: int
    ) -> None:
        self.every = every
        self._desk = desk
        self._on_alarms = on_alarms
        self._keep = keep
        self._reason = _SCHEDULE

    def notice(self, events: Iterable[Event]) -> bool:
        """Be told of events; says whether one is a reason to fetch it at once."""
        for event in events:
            name = event.alarm.name
            if isinstance(event, Raised) and name and self._is_reason(name):
                self._reason = f"alarm {name}"
                return True
        return False

    async def run(self) -> None:
        """Fetch it, compare it with the one before, and keep it where it is another."""
        desk = self._desk
        # Before the device is asked: what is noticed from now on is a reason for the next time.
        reason, self._reason = self._reason, _SCHEDULE
        raw = await desk.inspector.fetch_ini()
        # In a thread, because it may be megabytes.
        text = await asyncio.to_thread(_masked, raw, desk.device)
        async with desk.archive.read() as tx:
            records = (await list_configurations(tx, desk.device, limit=1)).items
            kept = await load_configuration(tx, desk.device, records[0].id) if records else None
        # Once more: what stored it may have known fewer secrets than this program does.
        before = await asyncio.to_thread(mask_secrets, kept) if kept is not None else None
        changes = await asyncio.to_thread(differences, before, text) if before is not None else ()

        async def save(tx: Transaction) -> None:
            await add_configuration(
                tx, desk.device, text, reason=reason, now=desk.clock.now(), keep=self._keep
            )

        if changes:
            await desk.pass_by(
                CONFIGURATION_CHANGED,
                subject="configuration",
                words=f"The configuration changed: {summary_of(changes)}",
                cleared=f"The configuration of {desk.device} is the new one.",
                also=save,
            )
            return
        async with desk.archive.begin() as tx:
            if before is None:
                await save(tx)
            else:
                await note_unchanged(tx, records[0].id, now=desk.clock.now())

    def _is_reason(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._on_alarms)


def _masked(raw: bytes, device: str) -> str:
    text = read_ini(raw)
    if not is_ini(text):
        raise BadAnswer(f"{device} sent an INI file that is none")
    return mask_secrets(text)
