"""Whether a device's clock proves that the second of its last change is over.

`lastChange` has a resolution of one second, so a token that stands still proves nothing until the
second it names has passed: a further change within it would leave the token as it is. The only
clock that can tell is the device's own, `localTimeStamp`.

The two moments are often written in two ways ("…Z" beside "…+03:00"), and a "Z" may be local time
all the same, in one of them or in both. So a comparison counts when both are written with one and
the same offset, or when the instants and the wall clocks agree on it. Where they do not, only one
thing is certain: once the same token was seen a second earlier, by the same clock, the second
that it names had already begun by then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alarmbridge.core.device_time import DeviceTime

_SECOND = timedelta(seconds=1)
_DOUBTFUL = {"Z", ""}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A token, and the device's own second at which it was first seen to stand."""

    token: str | None
    second: datetime | None


def sight(
    before: Sighting | None, *, last_change: DeviceTime | None, local_time: DeviceTime | None
) -> Sighting:
    """Note when a token was first seen; local_time must have been asked for after the token.

    A clock that was set back starts the wait anew, because the second may come a second time.
    """
    token = last_change.raw if last_change else None
    second = _second(local_time)
    if before is None or before.token != token or before.second is None:
        return Sighting(token, second)
    if second is not None and second < before.second:
        return Sighting(token, second)
    return before


def second_is_over(
    sighting: Sighting, *, last_change: DeviceTime | None, local_time: DeviceTime | None
) -> bool:
    """Whether no further change can still carry this token.

    sighting: what `sight` made of the same two moments. No token at all (404: no change since
    boot) names no second, and the next change is bound to bring one.
    """
    if last_change is None:
        return True
    now = _second(local_time)
    if local_time is None or now is None:
        return False
    seen_before = sighting.second is not None and now - sighting.second >= _SECOND
    return seen_before or _is_later(local_time, last_change)


def _is_later(local_time: DeviceTime, last_change: DeviceTime) -> bool:
    """Whether the clock is beyond a second, whatever the zones may mean."""
    now, then = _second(local_time), _second(last_change)
    if now is None or then is None or {local_time.zone, last_change.zone} <= _DOUBTFUL:
        return False
    if local_time.zone == last_change.zone:
        return now > then
    return now > then and _instant(local_time) > _instant(last_change)


def _second(moment: DeviceTime | None) -> datetime | None:
    return moment.wall if moment else None


def _instant(moment: DeviceTime) -> datetime:
    if moment.at is None:
        raise AssertionError("what names a second names an instant")
    return moment.at.replace(microsecond=0)
