"""Devices with how each of them is: what stands there, and whether the bridge can see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, func, literal, select

from alarmbridge.core.severity import Severity
from alarmbridge.store.blind_spells import SpellKind
from alarmbridge.store.column_types import Instant
from alarmbridge.store.devices import COLUMNS, DeviceRecord, record_of, tagged
from alarmbridge.store.page import Cursors, Page, page_of, size_of
from alarmbridge.store.tables import ACTIVE, alarms, blind_spells, devices
from alarmbridge.store.transaction import Transaction, batches

_CURSORS = Cursors("devices")


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device, its active alarms by severity, and what makes the bridge blind for it."""

    record: DeviceRecord
    active: Mapping[Severity, int]
    blind: SpellKind | None

    @property
    def word(self) -> str:
        """How it is, in a word: followed, removed, or the kind of blindness."""
        if self.record.removed_at is not None:
            return "removed"
        return self.blind.value if self.blind is not None else "followed"


async def list_states(
    tx: Transaction,
    *,
    names: Collection[str] = (),
    tags: Mapping[str, Collection[str]] | None = None,
    limit: int = 100,
    after: str | None = None,
) -> Page[DeviceState]:
    """List devices by name, also those removed; the bridge itself is none.

    names: only these. tags: each key must have one of the values. Raises BadCursor.
    """
    behind = "" if after is None else _CURSORS.read(after)
    statement = (
        select(*COLUMNS)
        .where(devices.c.name > literal(behind, Text))
        .order_by(devices.c.name)
        .limit(size_of(limit) + 1)
    )
    if names:
        statement = statement.where(devices.c.name.in_(sorted(names)))
    statement = statement.where(*tagged(tags or {}))
    records = [record_of(row) for row in (await tx.execute(statement)).rows]
    found = await _states_of(tx, records)
    return page_of(found, [record.name for record in records], _CURSORS, limit=limit)


async def fetch_state(tx: Transaction, name: str) -> DeviceState | None:
    """Load one device; None when none of that name was ever configured."""
    found = await list_states(tx, names=(name,), limit=1)
    return found.items[0] if found.items else None


@dataclass(frozen=True, slots=True)
class Overview:
    """How all devices are: those followed, when one was last read, those that cannot be seen.

    blind: the first of them by name, at most as many as were asked for; of blind_count.
    """

    followed: int
    read_at: datetime | None
    blind: Sequence[DeviceState]
    blind_count: int


async def look_over(tx: Transaction, *, limit: int) -> Overview:
    """See how all devices are, and some of those that cannot be seen."""
    row = (await tx.execute(_FOLLOWED)).rows[0]
    names = [one.name for one in (await tx.execute(_BLIND_NAMES)).rows]
    shown = names[:limit]
    blind = (await list_states(tx, names=shown, limit=limit)).items if shown else ()
    return Overview(row.number, row.read_at, blind, len(names))


async def _states_of(tx: Transaction, records: Sequence[DeviceRecord]) -> list[DeviceState]:
    active: dict[str, dict[Severity, int]] = {record.name: {} for record in records}
    blind: dict[str, SpellKind] = {}
    for batch in batches([record.name for record in records]):
        for row in (await tx.execute(_ACTIVE.where(devices.c.name.in_(batch)))).rows:
            active[row.name][Severity(row.severity)] = row.number
        # The latest comes last: it counts before an older one.
        for row in (await tx.execute(_BLIND.where(devices.c.name.in_(batch)))).rows:
            blind[row.name] = SpellKind(row.kind)
    return [DeviceState(one, active[one.name], blind.get(one.name)) for one in records]


_ACTIVE = (
    select(devices.c.name, alarms.c.severity, func.count().label("number"))
    .join(alarms, devices.c.id == alarms.c.device_id)
    .where(alarms.c.state == ACTIVE)
    .group_by(devices.c.name, alarms.c.severity)
)
_BLIND = (
    select(devices.c.name, blind_spells.c.kind)
    .join(blind_spells, devices.c.id == blind_spells.c.device_id)
    .where(blind_spells.c.until.is_(None))
    .order_by(blind_spells.c.id)
)
_FOLLOWED = select(
    func.count().label("number"), func.max(devices.c.read_at, type_=Instant).label("read_at")
).where(devices.c.name != "", devices.c.removed_at.is_(None))
_BLIND_NAMES = (
    select(devices.c.name)
    .join(blind_spells, devices.c.id == blind_spells.c.device_id)
    .where(blind_spells.c.until.is_(None), devices.c.name != "", devices.c.removed_at.is_(None))
    .distinct()
    .order_by(devices.c.name)
)
