"""Advice: the configuration that would calm what a report found, with values from what it counted.

None of it hides a critical alarm without saying how many; where nothing else would help, the cause
has to be mended, and there is no advice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alarmbridge.core.durations import write_duration
from alarmbridge.core.report_figures import DAY, MINUTE, Actor, Figures, Standing
from alarmbridge.core.report_text import comment_of, flow, glob_of, quoted
from alarmbridge.core.severity import Severity

_DELAYS = (5, 10, 15, 20, 30, 45, 60)
_PAUSES = tuple(timedelta(minutes=number) for number in (2, 5, 10, 15, 30))
_REPEATS = tuple(timedelta(hours=number) for number in (1, 2, 4, 8, 24))
_SHELVED = timedelta(days=7)
_MOST_SHELVED = 5
_MOST = 0.9
_FEW = 0.05
_ENOUGH = 20
_TWICE = 2  # a raise and its clear


class Place(StrEnum):
    """Where advice is to be pasted: among the keys of a sink, of one that people read, or at the
    start of a line of the file.
    """

    SINK = "sink"
    PEOPLE = "people"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Some configuration. saves: notices that a sink would not have been sent in the period.

    saves is None where that cannot be said. hides_critical: how many critical alarms a sink would
    not have been told, or not by themselves; words say so, too.
    """

    words: str
    place: Place
    yaml: str
    saves: int | None = None
    hides_critical: int = 0


def on_rate(figures: Figures) -> Iterator[Advice]:
    """Have a sink told of the worst only, as far down as one alarm in ten minutes allows."""
    for least in (Severity.WARNING, Severity.MINOR, Severity.MAJOR, Severity.CRITICAL):
        below = _below(figures, least)
        if figures.raised - below <= figures.period.count:
            yield Advice(
                words=f"At a sink that disturbs people: only {least} alarms or worse, of which "
                "there were few enough. The others stay on the page and in the archive.",
                place=Place.SINK,
                yaml=f"match: {{min_severity: {least}}}",
                saves=_TWICE * below,
            )
            return
    yield from on_flood(figures)


def on_flood(figures: Figures) -> Iterator[Advice]:
    """Gather for people, and slow down for programs."""
    gathered = _below(figures, Severity.CRITICAL)
    yield Advice(
        words="At a sink that people read: one message in ten minutes, and critical alarms at "
        "once. So many raises would not have come by themselves, at the least.",
        place=Place.PEOPLE,
        yaml="digest: {every: 10m, urgent: critical}",
        saves=max(0, gathered - len(figures.slots)),
    )
    yield Advice(
        words="At a sink that can take no more: the others wait, critical ones among them, and "
        "nothing is left out.",
        place=Place.SINK,
        yaml="rate_limit: 10/10m",
    )


def on_frequent(figures: Figures) -> Iterator[Advice]:
    """Keep away those of the most frequent that never were worse than minor."""
    calm = [
        one
        for one in figures.frequent.items
        if one.worst.rank <= Severity.MINOR.rank and one.raised > 1 and _can_be_named(one)
    ]
    if not calm:
        return
    rows = "".join(f"\n  - {_match_of(one)}" for one in calm)
    yield Advice(
        words=f"Mend their cause first. Until then, at a sink that disturbs people, without those "
        f"{len(calm)} of the most frequent that never were worse than minor. If one of them gets "
        "worse, that will not be told there either.",
        place=Place.SINK,
        yaml=f"exclude:{rows}",
        saves=_TWICE * sum(one.raised for one in calm),
    )


def on_chattering(figures: Figures) -> Iterator[Advice]:
    """Tell once that an alarm flaps, and then how it stands when it is calm."""
    longest = max((one.pause for one in figures.chattering.items), default=MINUTE)
    calm = next((one for one in _PAUSES if one >= longest), _PAUSES[-1])
    yield Advice(
        words="The third raise within a minute says that the alarm flaps; how it stands is told "
        f"once it has been calm for {write_duration(calm)}, longer than it usually pauses."
        + _of_critical(figures.critical_again, "held back until then"),
        place=Place.SINK,
        yaml=f"flapping: {{raises: 3, within: 1m, calm: {write_duration(calm)}}}",
        saves=_TWICE * figures.again,
        hides_critical=figures.critical_again,
    )


def on_fleeting(figures: Figures) -> Iterator[Advice]:
    """Wait before telling for as long as nine of ten fleeting alarms stood."""
    total = sum(one.count for one in figures.brief)
    # The longest hides all of them.
    seconds = next(one for one in _DELAYS if _hidden(figures, one)[0] >= _MOST * total)
    count, critical = _hidden(figures, seconds)
    yield Advice(
        words=f"Of {total:,} fleeting alarms {count:,} would not have been told."
        + _of_critical(critical, "among these; each that lasts is told that much later"),
        place=Place.SINK,
        yaml=f"delay: {seconds}s",
        saves=_TWICE * count,
        hides_critical=critical,
    )
    if figures.transients:
        yield from _on_transients(figures)


def _hidden(figures: Figures, seconds: int) -> tuple[int, int]:
    """Count the alarms that were gone before that, and the critical ones among them."""
    hidden = [one for one in figures.brief if one.seconds < seconds]
    return sum(one.count for one in hidden), sum(one.critical for one in hidden)


def _on_transients(figures: Figures) -> Iterator[Advice]:
    count, critical = figures.transients, figures.critical_transients
    yield Advice(
        words=f"{count:,} alarms came and went unseen; they would come together."
        + _of_critical(critical, "among these, as they are over"),
        place=Place.PEOPLE,
        yaml="transients: digest",
        hides_critical=critical,
    )
    yield Advice(
        words=f"{count:,} alarms came and went unseen; nobody would hear of them."
        + _of_critical(critical, "among these"),
        place=Place.SINK,
        yaml="transients: drop",
        saves=_TWICE * count,
        hides_critical=critical,
    )


def on_standing(figures: Figures) -> Iterator[Advice]:
    """Shelve what is known and stands, for a week and not for ever."""
    known = [
        one
        for one in figures.standing.items
        if one.severity is not Severity.CRITICAL and _can_be_named(one)
    ]
    if known:
        shelved = known[:_MOST_SHELVED]
        until = (figures.now + _SHELVED).replace(microsecond=0)
        rows = "".join(f"\n{_silence(one, figures.now, until)}" for one in shelved)
        yield Advice(
            words="Mend or clear what can be. What is known and has to wait is put on the shelf "
            f"for a week: {len(shelved)} of {figures.standing.count:,}, none of which is critical "
            "now; no raise of them is told meanwhile, however bad.",
            place=Place.FILE,
            yaml=f"silences:{rows}",
        )


def on_split(figures: Figures) -> Iterator[Advice]:
    """Have only the worst told at once, where too much is called urgent."""
    less = _below(figures, Severity.CRITICAL)
    if less:
        yield Advice(
            words="Severities are the device's. At a sink that people read: only critical alarms "
            "at once, all others together.",
            place=Place.PEOPLE,
            yaml="digest: {every: 5m, urgent: critical}",
        )


def on_unacknowledged(figures: Figures) -> Iterator[Advice]:
    """Leave out what nobody ever acknowledges, and remind of the rest."""
    counted = figures.severities
    seen = [
        word
        for word, told in counted.items()
        if told.acknowledged and told.acknowledged >= _FEW * told.raised
    ]
    if not seen:
        return
    least = min(seen, key=lambda one: one.rank)
    below = _below(figures, least)
    if below >= _ENOUGH:
        yield Advice(
            words=f"Hardly anybody acknowledges what is less than {least}: at a sink that disturbs "
            "people, without those.",
            place=Place.SINK,
            yaml=f"match: {{min_severity: {least}}}",
            saves=_TWICE * below,
        )
    usual = 2 * (figures.median or timedelta(0))
    every = next((one for one in _REPEATS if one >= usual), _REPEATS[-1])
    yield Advice(
        words="Reminds of what stands and nobody has acknowledged, no sooner than twice the time "
        "that it usually takes.",
        place=Place.SINK,
        yaml=f"repeat: {write_duration(every)}",
    )


def _below(figures: Figures, least: Severity) -> int:
    """Count the alarms that were less than that."""
    return sum(told.raised for word, told in figures.severities.items() if word.rank < least.rank)


def _of_critical(count: int, words: str) -> str:
    return f" {count:,} critical ones are {words}." if count else ""


def _can_be_named(one: Actor | Standing) -> bool:
    """Say whether configuration can mean this alarm, and not all of its device."""
    return bool(one.device and (one.name or one.description))


def _match_of(one: Actor | Standing) -> str:
    said: Iterable[tuple[str, str | None]] = (
        ("devices", one.device),
        ("name", one.name),
        ("description", None if one.name else one.description),
        ("source", one.source),
    )
    return flow((key, quoted(glob_of(text))) for key, text in said if text)


def _silence(one: Standing, now: datetime, until: datetime) -> str:
    lines = (
        comment_of(one.description),
        f"- match: {_match_of(one)}",
        f'  from: "{now.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"',
        f'  until: "{until:%Y-%m-%dT%H:%M:%SZ}"',
        f"  comment: Known, has stood for {(now - one.seen_at) // DAY} d",
    )
    return "\n".join(f"  {line}" for line in lines)
