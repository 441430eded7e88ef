"""A model of a device: what is true of its alarms, and what a read of its tables shows of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.reading import Known, Reading, Row, Settled, Unsettled
from alarmbridge.core.severity import Severity

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = (("1.1", "Board#1"), ("1.2", "Board#1"), ("1.1", "Trunk#1"), ("1.3", "Trunk#2"))


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What devices do differently. drops: what is raised while the table is full is never listed.

    without_oid: no oid is ever told. clear_rows: the history tells of clears. slow: there are
    never two raises in one second, of which a read could see the wrong one alone.
    """

    active_cap: int = 100
    history_cap: int = 100
    drops: bool = False
    without_oid: bool = False
    clear_rows: bool = True
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One line of either table, with its details."""

    id: str
    leg: int
    reading: Reading

    @property
    def row(self) -> Row:
        return Row(self.id, self.reading.description)


@dataclass(kw_only=True)
class Leg:
    """One raise and what became of it; an escalation is two legs, the later follows the earlier.

    raised, ended, lost: seconds; lost when its raise row left the history.
    """

    number: int
    kind: int
    raised: int
    follows: int | None = None
    ended: int | None = None
    lost: int | None = None
    restarted: bool = False


@dataclass(frozen=True, kw_only=True)
class How:
    """How a read goes: what happens in its middle, what it misses and what it may ask.

    after_active, after_history: what happens once that list is read. torn: of which rows (place
    modulo 7) the lists miss. budget: details of history rows.
    """

    after_active: Sequence[Callable[["ModelDevice"], None]] = ()
    after_history: Sequence[Callable[["ModelDevice"], None]] = ()
    torn: frozenset[int] = frozenset()
    budget: int = 1000
    verify: bool = False

    @property
    def settled(self) -> bool:
        return not (self.after_active or self.after_history or self.torn)


@dataclass
class ModelDevice:
    habits: Habits = field(default_factory=Habits)
    second: int = 0
    uptime: int = 1000
    legs: list[Leg] = field(default_factory=list)
    standing: dict[int, ModelRow] = field(default_factory=dict)
    listed: dict[str, ModelRow] = field(default_factory=dict)
    history: list[ModelRow] = field(default_factory=list)
    severities: dict[int, tuple[Severity, int]] = field(default_factory=dict)
    next_id: int = 1
    next_row: int = 1

    @property
    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.second)

    def tick(self, seconds: int) -> None:
        self.second += seconds
        self.uptime += seconds

    def raise_alarm(self, kind: int) -> None:
        if kind in {self.legs[number].kind for number in self.standing}:
            return  # one thing is broken once
        if self.habits.slow:
            self.tick(1)
        severity, ended = self.severities.get(kind, (Severity.MAJOR, -9))
        # Another severity so soon would be an escalation.
        self._raise(kind, severity if self.second - ended <= 2 else Severity.MAJOR)

    def clear(self, pick: int) -> None:
        number = self._pick(pick)
        if number is not None:
            self._clear(number)

    def change(self, pick: int) -> None:
        number = self._pick(pick)
        if number is not None:
            self._reword(number, f"something else is wrong, at {self.second} #{number}")

    def escalate(self, pick: int) -> None:
        number = self._pick(pick)
        if number is None:
            return
        if self.habits.slow:
            self.tick(1)
        other = {Severity.MAJOR: Severity.CRITICAL}.get(self._severity(number), Severity.MAJOR)
        self._clear(number)
        self._raise(self.legs[number].kind, other, follows=number)

    def reboot(self, *, keep: bool, long_ago: bool = False) -> None:
        """Start anew. keep: what stood is raised again. long_ago: the uptime does not show it."""
        kinds = [self.legs[number].kind for number in self.standing]
        for number in list(self.standing):
            self._end(number, restarted=True)
        for row in self.history:
            self._lose(row)
        self.history, self.next_id, self.next_row = [], 1, 1
        self.tick(1)
        self.uptime = self.uptime + 1 if long_ago else 0
        for kind in kinds if keep else ():
            self._raise(kind, Severity.MAJOR)

    def read(self, known: Known, how: How) -> Settled | Unsettled:
        """Read as a survey does: lists, then details, then the URLs of what the list lacks."""
        active_list = _cut([row.row for row in self.listed.values()], how.torn)
        self._happen(how.after_active)
        # Where no oid is told, a hole in the history can look like anything.
        holes = frozenset() if self.habits.without_oid else how.torn
        history_list = _cut([row.row for row in self.history], holes)
        self._happen(how.after_history)
        news = [row.id for row in active_list if known.active.get(row.id) != row.description]
        asked = [row.id for row in active_list] if how.verify or known.verify else news
        details = {one: self.listed[one].reading for one in asked if one in self.listed}
        gone = {one for one in asked if one not in details}
        rows = [row for row in active_list if row.id not in gone]
        history, history_details, left = self._read_history(known, history_list, how.budget)
        settled = how.settled and not left
        complete = settled and len(active_list) < self.habits.active_cap
        if not complete:
            missing = known.active.keys() - {row.id for row in rows}
            found = {one: self.listed[one] for one in sorted(missing) if one in self.listed}
            rows += [row.row for row in found.values()]
            details |= {one: row.reading for one, row in found.items()}
            gone |= missing - found.keys()
        parts = {
            "active": tuple(rows),
            "details": details,
            "history": tuple(history),
            "history_details": history_details,
            "gone": frozenset(gone & known.active.keys()),
        }
        return Settled(**parts, complete=complete) if settled else Unsettled(**parts)

    def _read_history(
        self, known: Known, listed: Sequence[Row], budget: int
    ) -> tuple[list[Row], dict[str, Reading], int]:
        now = {row.id: row.reading for row in self.history}
        rows = [row for row in listed if row.id in now]
        news = [row.id for row in rows if known.history.get(row.id) != row.description]
        return rows, {one: now[one] for one in news[:budget]}, len(news[budget:])

    def _happen(self, acts: Sequence[Callable[["ModelDevice"], None]]) -> None:
        for act in acts:
            act(self)

    def _raise(self, kind: int, severity: Severity, *, follows: int | None = None) -> None:
        number = len(self.legs)
        self.legs.append(Leg(number=number, kind=kind, raised=self.second, follows=follows))
        reading = self._reading(self.next_id, number, severity, f"it is broken #{number}")
        row = ModelRow(id=reading.id, leg=number, reading=reading)
        self.standing[number] = row
        self.next_id += 2
        if len(self.listed) < self.habits.active_cap:
            self.listed[row.id] = row
        self._log(replace(reading, id=""), number)

    def _clear(self, number: int) -> None:
        row = self._end(number)
        self.severities[self.legs[number].kind] = (row.reading.severity, self.second)
        if self.habits.clear_rows:
            words = f"it is well #{number}"
            reading = self._reading(0, number, Severity.INDETERMINATE, words)
            self._log(replace(reading, cleared=True), number)

    def _end(self, number: int, *, restarted: bool = False) -> ModelRow:
        row = self.standing.pop(number)
        self.listed.pop(row.id, None)
        leg = self.legs[number]
        leg.ended, leg.restarted = self.second, restarted
        if not self.habits.drops:
            for waiting in self.standing.values():
                if len(self.listed) < self.habits.active_cap:
                    self.listed.setdefault(waiting.id, waiting)
        return row

    def _reword(self, number: int, words: str) -> None:
        old = self.standing[number]
        new = replace(old, reading=replace(old.reading, description=words))
        self.standing[number] = new
        if old.id in self.listed:
            self.listed[old.id] = new

    def _log(self, reading: Reading, number: int) -> None:
        row_id = f"r{self.next_row}"
        self.next_row += 3
        self.history.append(ModelRow(id=row_id, leg=number, reading=replace(reading, id=row_id)))
        if len(self.history) > self.habits.history_cap:
            self._lose(self.history.pop(0))

    def _lose(self, row: ModelRow) -> None:
        if not row.reading.cleared:
            self.legs[row.leg].lost = self.second

    def _reading(self, number: int, leg: int, severity: Severity, words: str) -> Reading:
        oid, source = KINDS[self.legs[leg].kind]
        return Reading(
            id=str(number),
            description=words,
            severity=severity,
            source=source,
            oid=None if self.habits.without_oid else oid,
            date=parse_device_time(self.now.isoformat().replace("+00:00", "Z")),
        )

    def _severity(self, number: int) -> Severity:
        return self.standing[number].reading.severity

    def _pick(self, pick: int) -> int | None:
        standing = list(self.standing)
        return standing[pick % len(standing)] if standing else None


def _cut(rows: Sequence[Row], torn: frozenset[int]) -> list[Row]:
    return [row for place, row in enumerate(rows) if place % 7 not in torn]
