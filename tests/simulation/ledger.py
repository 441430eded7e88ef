"""The oracle's own eyes on the archive: plain sqlite3, nothing of the program's store."""

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r"\[([a-z0-9]+)-e(\d+)-(\d+)\]$")


def token_of(text: str | None) -> int | None:
    """Read the number of the transition that a text tells of, None where it has none."""
    found = _TOKEN.search(text or "")
    return int(found[3]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as the archive has it. at: the virtual moment of its commit."""

    at: float
    position: int
    id: str
    alarm_id: str
    device: str
    kind: str
    sequence: int
    text: str
    alarm: dict[str, Any]

    @property
    def is_own(self) -> bool:
        """Whether the bridge speaks of itself."""
        return bool(self.alarm["origin"] == "bridge")


@dataclass(frozen=True, slots=True)
class Held:
    """An alarm that stands in the archive. device_alarm_id: None when it was never listed."""

    device: str
    id: str
    description: str
    severity: str
    device_alarm_id: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A declared gap, in virtual seconds by our wall clock."""

    device: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Owed:
    """What became of one delivery."""

    event_id: str
    sink: str
    kind: str
    state: str
    reason: str | None


class Ledger:
    """Reads the archive's file from outside, between commits."""

    def __init__(self, path: Path, epoch: float) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._epoch = epoch
        self._position = 0

    def news(self, now: float) -> list[Event]:
        """Read the events that were committed since the last call."""
        rows = self._db.execute(
            "SELECT e.position, e.id, e.alarm_id, d.name, e.kind, e.sequence, e.body FROM events e"
            " JOIN devices d ON d.id = e.device_id WHERE e.position > ? ORDER BY e.position",
            (self._position,),
        ).fetchall()
        if rows:
            self._position = rows[-1][0]
        return [_event(now, *row) for row in rows]

    def active(self) -> list[Held]:
        """List the devices' alarms that stand."""
        rows = self._db.execute(
            "SELECT d.name, a.id, a.description, a.severity, a.device_alarm_id FROM alarms a"
            " JOIN devices d ON d.id = a.device_id"
            " WHERE a.state = 'active' AND a.origin = 'device' ORDER BY a.id"
        )
        return [Held(*row) for row in rows]

    def own(self) -> list[tuple[str, str, str]]:
        """List device, name and description of the bridge's own alarms that stand."""
        return self._db.execute(
            "SELECT d.name, a.name, a.description FROM alarms a"
            " JOIN devices d ON d.id = a.device_id"
            " WHERE a.state = 'active' AND a.origin = 'bridge' ORDER BY a.id"
        ).fetchall()

    def backlog(self) -> int:
        """Count what is still owed."""
        return int(
            self._db.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()[
                0
            ]
        )

    def owed(self) -> list[Owed]:
        """List all deliveries."""
        return [
            Owed(*row)
            for row in self._db.execute(
                "SELECT event_id, sink, kind, state, reason FROM deliveries ORDER BY id"
            )
        ]

    def gaps(self) -> list[Gap]:
        """List all declared gaps."""
        rows = self._db.execute(
            "SELECT d.name, s.since, s.until FROM blind_spells s"
            " JOIN devices d ON d.id = s.device_id WHERE s.kind = 'gap' ORDER BY s.id"
        )
        return [
            Gap(name, self._virtual(since), self._virtual(until)) for name, since, until in rows
        ]

    def open_spells(self) -> list[tuple[str, str]]:
        """List device and kind of the blind spells that have not ended."""
        return self._db.execute(
            "SELECT d.name, s.kind FROM blind_spells s JOIN devices d ON d.id = s.device_id"
            " WHERE s.until IS NULL ORDER BY s.id"
        ).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _virtual(self, text: str) -> float:
        return datetime.fromisoformat(text).timestamp() - self._epoch


def _event(now: float, *row: Any) -> Event:
    position, event_id, alarm_id, device, kind, sequence, text = row
    return Event(
        at=now,
        position=position,
        id=event_id,
        alarm_id=alarm_id,
        device=device,
        kind=kind,
        sequence=sequence,
        text=text,
        alarm=json.loads(text)["data"]["alarm"],
    )
