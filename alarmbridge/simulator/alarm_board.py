"""The alarm board of a device: what is raised, changed and cleared on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.numbering import Numbering
from alarmbridge.simulator.repertoire import Kind, named, worded
from alarmbridge.simulator.tables import ActiveTable, HistoryTable, Row
from alarmbridge.simulator.truth import Chronicle, Happening, Reason, Transition


@dataclass(slots=True, kw_only=True)
class _Alarm:
    """One alarm that stands. shown: its text in the table. device_id: 0 until it is raised."""

    kind: Kind
    severity: str
    text: str
    source: str | None
    oid: str | None
    dated: bool
    number: int = 0
    device_id: int = 0
    listed: bool = True
    shown: str = ""


class AlarmBoard:
    """Both tables of one device, and the chronicle of all that ever happened to its alarms.

    name: leads its tokens and its dice. seed: of those dice. tokens: see `Chronicle`.
    Each `now` is in UTC seconds and must not run backwards; the device's own clock may.
    """

    def __init__(
        self, name: str, *, seed: int = 0, habits: Habits | None = None, tokens: bool = False
    ) -> None:
        self.name = name
        self._chronicle = Chronicle(name, tokens=tokens)
        self._habits = habits or Habits()
        self._active = ActiveTable()
        self._history = HistoryTable()
        self._alarms: dict[int, _Alarm] = {}
        self._standing: dict[int, Transition] = {}
        self._raised = 0
        self._clock_ahead = 0.0
        self._changed_at: int | None = None
        # A stream of dice per use, otherwise one habit switched would shuffle all the others.
        self._ids = Numbering(Random(f"{seed}/{name}/ids"))
        self._holes = Random(f"{seed}/{name}/holes")

    @property
    def chronicle(self) -> Chronicle:
        """What truly happened: transitions in order, evictions, the epoch."""
        return self._chronicle

    @property
    def truth(self) -> list[Transition]:
        """All transitions in the order they happened; not to be changed."""
        return self._chronicle.transitions

    @property
    def standing(self) -> dict[int, Transition]:
        """The alarms that stand, by number, each with its last raise or change; oldest first."""
        return dict(self._standing)

    def stands(self, alarm: int) -> bool:
        """Whether an alarm was raised and is not cleared."""
        return alarm in self._alarms

    @property
    def active_count(self) -> int:
        """How many rows the active table shows."""
        return len(self._active)

    @property
    def history_count(self) -> int:
        """How many rows the history holds."""
        return len(self._history)

    def raise_alarm(
        self,
        now: float,
        kind: str | Kind = "acProxyConnectionLost",
        *,
        n: int | None = None,
        m: int | None = None,
        severity: str | None = None,
        source: str | None = None,
        description: str | None = None,
        clear_description: str | None = None,
        oid: str | None = None,
    ) -> int:
        """Raise an alarm; returns its number, the handle for everything else.

        kind: one of `KINDS` by name, or any other whole. n, m: fill in its words, by default from
        the alarm's number. The rest replaces what the kind says. ValueError: no such kind.
        """
        said = worded(
            named(kind) if isinstance(kind, str) else kind,
            n=self._raised + 1 if n is None else n,
            m=self._raised % 9 + 1 if m is None else m,
        )
        said = replace(
            said,
            severity=severity or said.severity,
            source=said.source if source is None else source,
            text=said.text if description is None else description,
            clear_text=said.clear_text if clear_description is None else clear_description,
            oid=oid or said.oid,
        )
        return self._open(now, self._with_holes(said))

    def clear(self, now: float, alarm: int, *, description: str | None = None) -> None:
        """Clear an alarm; description replaces its clear text. ValueError: it does not stand."""
        self._close(now, self._find(alarm), text=description)

    def change(
        self,
        now: float,
        alarm: int,
        *,
        description: str | None = None,
        severity: str | None = None,
    ) -> None:
        """Change text or severity in place; with neither, to the text the kind changes to.

        The history shows nothing of it. ValueError: it does not stand, or has no such text.
        """
        found = self._find(alarm)
        if description is None and severity is None:
            description = found.kind.changing
            if description is None:
                raise ValueError(f"{self.name}: {found.kind.name} has no second text to change to")
        if description is not None:
            found.text, found.shown = description, self._chronicle.mark(description)
        found.severity = severity or found.severity
        row = self._active.find(found.device_id) if found.listed else None
        if row is not None:
            row.description, row.severity = found.shown, found.severity
        self._standing[alarm] = self._chronicle.add(self._transition(now, found, "changed"))
        if self._habits.changes_move_last_change:
            self._touch(now)

    def escalate(
        self, now: float, alarm: int, severity: str, *, description: str | None = None
    ) -> int:
        """Clear an alarm and raise it with another severity at once; returns the new number."""
        old = self._find(alarm)
        self._close(now, old, reason="escalation")
        new = replace(old, severity=severity, text=description or old.text)
        return self._open(now, new, reason="escalation", follows=alarm)

    def clock_step(self, seconds: float) -> None:
        """Move the device's own clock, forwards or backwards; nothing else notices."""
        self._clock_ahead += seconds

    def device_second(self, now: float) -> int:
        """Read the device's own clock, in whole UTC seconds."""
        return int((now + self._clock_ahead) // 1)

    def _restart(self, now: float, keep: Iterable[int] | bool, *, anew: bool) -> dict[int, int]:
        """Start over: no history, ids from 1, no lastChange; returns old to new numbers."""
        wanted = set(self._alarms) if keep is True else set(keep or ())
        kept = [alarm for number, alarm in self._alarms.items() if number in wanted]
        kept.sort(key=lambda alarm: alarm.device_id)
        for alarm in list(self._alarms.values()):
            if anew or alarm.number not in wanted:
                self._close(now, alarm, reason="restart")
        for row in self._history.clear():
            self._chronicle.evict(row.transition, now, "restart")
        self._chronicle.epoch += 1
        self._ids.restart(max((alarm.device_id for alarm in kept), default=0))
        numbers = {alarm.number: alarm.number for alarm in kept}
        if anew:
            for alarm in kept:
                numbers[alarm.number] = self._open(
                    now, replace(alarm), reason="restart", follows=alarm.number
                )
        self._changed_at = None
        if kept and self._habits.restart_moves_last_change:
            self._touch(now)
        return numbers

    def _open(
        self, now: float, alarm: _Alarm, *, reason: Reason = "", follows: int | None = None
    ) -> int:
        self._raised += 1
        alarm.number = self._raised
        if reason != "restart":
            alarm.device_id = self._ids.next_active(self._habits)
        alarm.shown = self._chronicle.mark(alarm.text)
        row = self._row(now, alarm, alarm.shown, alarm.severity)
        alarm.listed = self._active.admit(row, self._habits)
        shared = self._habits.history_ids == "shared"
        logged = self._log(now, row, alarm.device_id if shared else None)
        self._alarms[alarm.number] = alarm
        raised = self._transition(now, alarm, "raised", row=logged)
        raised = replace(raised, reason=reason, follows=follows)
        self._standing[alarm.number] = self._chronicle.add(raised)
        self._touch(now)
        return alarm.number

    def _close(
        self, now: float, alarm: _Alarm, *, text: str | None = None, reason: Reason = ""
    ) -> None:
        del self._alarms[alarm.number], self._standing[alarm.number]
        if alarm.listed:
            self._active.remove(alarm.device_id)
        logged = None
        if self._habits.clear_rows and reason != "restart":
            shown = alarm.shown
            if self._habits.own_clear_text:
                shown = self._chronicle.mark(text or alarm.kind.clear_text)
            logged = self._log(now, self._row(now, alarm, shown, "Cleared"))
        cleared = self._transition(now, alarm, "cleared", row=logged)
        self._chronicle.add(replace(cleared, reason=reason))
        self._touch(now)

    def _row(self, now: float, alarm: _Alarm, shown: str, severity: str) -> Row:
        return Row(
            id=alarm.device_id,
            transition=self._chronicle.next_number,
            description=shown,
            severity=severity,
            source=alarm.source,
            oid=alarm.oid,
            at=self.device_second(now) if alarm.dated else None,
        )

    def _log(self, now: float, row: Row, number: int | None = None) -> Row:
        row = replace(row, id=self._ids.next_history(self._habits) if number is None else number)
        for gone in self._history.append(row, self._habits.history_cap):
            self._chronicle.evict(gone.transition, now, "ring")
        return row

    def _transition(
        self, now: float, alarm: _Alarm, kind: Happening, *, row: Row | None = None
    ) -> Transition:
        return Transition(
            device=self.name,
            number=self._chronicle.next_number,
            alarm=alarm.number,
            kind=kind,
            at=now,
            device_at=self.device_second(now),
            severity=alarm.severity,
            description=_shown(alarm, kind, row),
            source=alarm.source,
            oid=alarm.oid,
            dated=alarm.dated,
            device_alarm_id=str(alarm.device_id) if alarm.listed else None,
            history_id=None if row is None else str(row.id),
            epoch=self._chronicle.epoch,
        )

    def _touch(self, now: float) -> None:
        self._changed_at = self.device_second(now)

    def _find(self, alarm: int) -> _Alarm:
        if alarm not in self._alarms:
            raise ValueError(f"{self.name}: alarm {alarm} does not stand")
        return self._alarms[alarm]

    def _with_holes(self, kind: Kind) -> _Alarm:
        habits, draw = self._habits, self._holes.random
        return _Alarm(
            kind=kind,
            severity=kind.severity,
            text=kind.text,
            source=None if draw() < habits.without_source else kind.source,
            oid=None if draw() < habits.without_oid else kind.oid,
            dated=draw() >= habits.without_date,
        )


def _shown(alarm: _Alarm, kind: Happening, row: Row | None) -> str:
    if row is not None:
        return row.description
    return "" if kind == "cleared" else alarm.shown
