"""A device that is no longer configured: what stood there is closed, for nobody looks any more."""

from dataclasses import replace
from datetime import datetime

from alarmbridge.core.alarm import ClearReason, Origin, State
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.event import tell_cleared


def remove_device(held: Held, *, now: datetime) -> Decision:
    """Clear all alarms of a device, its own and ours about it, with reason device_removed.

    Of its own nobody knows when they end; ours end now.
    """
    closed = [
        replace(
            alarm,
            state=State.CLEARED,
            stale=False,
            clear_reason=ClearReason.DEVICE_REMOVED,
            cleared_at=now if alarm.origin is Origin.BRIDGE else None,
        )
        for alarm in (*held.active, *held.own)
    ]
    return Decision(
        events=tuple(
            tell_cleared(alarm, sequence=held.sequence + place, now=now)
            for place, alarm in enumerate(closed, start=1)
        ),
        lost_marks=tuple(held.marks),
    )
