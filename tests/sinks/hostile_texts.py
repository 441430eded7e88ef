"""Texts as a broken or a hostile device could send them, for Hypothesis."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from sink_notices import DEVICE, as_notice, make_alarm

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_changed, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity

# What can be read, what breaks lines, quotes and headers, what cannot be seen, and what counts
# as two where characters are UTF-16 units.
_PIECES = st.sampled_from(
    ["down", "😀", "𐍈", "é", "\r\n", "\x00", "\x1b[2J", "\u202e", "\u2028", '"', "\\", "\x7f", "…"]
) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)

hostile_texts = st.builds(
    lambda pieces, times: ("".join(pieces) * times)[:10_000],
    st.lists(_PIECES, max_size=6),
    st.sampled_from([1, 2, 40, 10_000]),
)
"""Up to ten thousand characters."""


@st.composite
def hostile_lives(draw: Callable[..., str]) -> list[Notice]:
    """Draw a raise, a change and a clear of one alarm in which every text is hostile."""
    said = {
        key: draw(hostile_texts) or None
        for key in ("source", "name", "oid", "event_type", "probable_cause", "device_alarm_id")
    }
    alarm: Alarm = replace(make_alarm(description=draw(hostile_texts)), **said)
    worse = replace(alarm, description=draw(hostile_texts), severity=Severity.CRITICAL)
    gone = replace(worse, clear_description=draw(hostile_texts))
    now = alarm.seen_at
    return [
        as_notice(tell_raised(alarm, sequence=1, now=now), DEVICE),
        as_notice(
            tell_changed(worse, previous_severity=Severity.MAJOR, sequence=2, now=now), DEVICE
        ),
        as_notice(tell_cleared(gone, sequence=3, now=now), DEVICE),
    ]
