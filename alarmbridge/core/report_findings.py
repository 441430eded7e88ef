"""Findings: what a period's figures come to, each beside what the standards ask for.

The targets are those of ANSI/ISA-18.2-2016 (Table 7) and of EEMUA Publication 191, third edition,
in our words. They are meant per operator; what is counted here is taken for one operator's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alarmbridge.core import report_advice as advice
from alarmbridge.core.durations import in_words
from alarmbridge.core.report_advice import Advice
from alarmbridge.core.report_figures import Figures
from alarmbridge.core.report_rates import Flood, Rates
from alarmbridge.core.severity import Severity

ISA = "ISA-18.2"
EEMUA = "EEMUA 191"


class Verdict(StrEnum):
    """How a figure is, in words; listed from best to worst."""

    GOOD = "good"
    LOOK = "look at it"
    BAD = "bad"


_RANKS = list(Verdict)


class Topic(StrEnum):
    """What a finding is about; listed as a report is read."""

    RATE = "rate"
    FLOODS = "floods"
    FREQUENT = "frequent"
    CHATTERING = "chattering"
    FLEETING = "fleeting"
    STANDING = "standing"
    SEVERITIES = "severities"
    ACKNOWLEDGED = "acknowledged"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found. words: what; target: what is asked for, and by whom."""

    topic: Topic
    verdict: Verdict
    words: str
    target: str
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class Priorities:
    """Shares of the three priorities of the standards, 0 to 1 each.

    high is critical, medium is major; minor, warning and indeterminate are low.
    """

    high: float
    medium: float
    low: float


TOO_FEW = 20
"""Alarms below which a distribution says nothing."""

_FEW_UNSEEN = 0.1


def share_of(part: float, whole: float) -> float:
    """Say which part of a whole that is, 0 to 1; 0 of nothing."""
    return min(1.0, part / whole) if whole else 0.0


def priorities_of(figures: Figures) -> Priorities:
    """Share the alarms out among three priorities."""
    told = {word: one.raised for word, one in figures.severities.items()}
    total = sum(told.values())
    high, medium = told.get(Severity.CRITICAL, 0), told.get(Severity.MAJOR, 0)
    return Priorities(
        share_of(high, total), share_of(medium, total), share_of(total - high - medium, total)
    )


def on_rate(figures: Figures, rates: Rates) -> Finding:
    """Judge how many alarms come."""
    verdict = _grade(rates.average, good=1, bad=2)
    return Finding(
        topic=Topic.RATE,
        verdict=verdict,
        words=f"{_number(rates.average)} alarms in ten minutes on average, "
        f"{_number(rates.per_day)} a day; at most {rates.peak:,} in ten minutes.",
        target=f"At most 1 in ten minutes on average, about 150 a day, is very likely acceptable; "
        f"2, about 300 a day, are the most that can be managed ({ISA}; {EEMUA} says alike).",
        advice=_unless_good(verdict, advice.on_rate(figures)),
    )


def on_floods(figures: Figures, rates: Rates, floods: Sequence[Flood]) -> Finding:
    """Judge how often more came than anybody can follow."""
    share = flood_share(floods, figures)
    verdict = max(
        _grade(share, good=0.01, bad=0.05),
        _grade(rates.crowded_share, good=0.01, bad=0.05),
        key=_RANKS.index,
    )
    count = f"{len(floods):,} flood{'s' * (len(floods) != 1)}"
    return Finding(
        topic=Topic.FLOODS,
        verdict=verdict,
        words=f"{count}, {_share(share)} of the time; {_share(rates.crowded_share)} of all ten "
        "minutes had more than 10 alarms.",
        target=f"Less than 1 % of the time in flood, and of ten minutes with more than 10 alarms "
        f"({ISA}). A flood begins with more than 10 in ten minutes and ends with fewer than 5.",
        advice=_unless_good(verdict, advice.on_flood(figures)) if floods else (),
    )


def on_frequent(figures: Figures) -> Finding:
    """Judge how much of all comes from a few."""
    share = frequent_share(figures)
    too_few = figures.raised < TOO_FEW
    # Where few alarms come, the most frequent of them disturb nobody.
    bad = 0.5 if figures.raised > figures.period.count else 1.0
    verdict = Verdict.GOOD if too_few else _grade(share, good=0.05, bad=bad)
    words = f"{_share(share)} of all come from the ten most frequent of "
    words += f"{figures.frequent.count:,} different alarms."
    return Finding(
        topic=Topic.FREQUENT,
        verdict=verdict,
        words="There are too few alarms to tell the frequent ones." if too_few else words,
        target=f"The ten most frequent make up less than 1 % to 5 % at most ({ISA}).",
        advice=_unless_good(verdict, advice.on_frequent(figures)),
    )


def on_chattering(figures: Figures) -> Finding:
    """Judge what is raised again and again."""
    count, share = figures.chattering.count, share_of(figures.again, figures.raised)
    verdict = _of_none(count, share, bad=0.05)
    return Finding(
        topic=Topic.CHATTERING,
        verdict=verdict,
        words=f"{count:,} alarm{'s' * (count != 1)} chattered: raised three times or more within a "
        "minute."
        if count
        else "No alarm chattered.",
        target=f"None, and a plan for each that does ({ISA}); three raises within a minute is the "
        "usual measure.",
        advice=_unless_good(verdict, advice.on_chattering(figures)),
    )


def on_fleeting(figures: Figures) -> Finding:
    """Judge what is gone before anybody could do something."""
    count = fleeting_count(figures)
    share = share_of(count, figures.raised)
    verdict = _of_none(count, share, bad=0.2)
    unseen = f" {figures.transients:,} came and went between two looks." * bool(figures.transients)
    return Finding(
        topic=Topic.FLEETING,
        verdict=verdict,
        words=f"{count:,} alarms ({_share(share)}) were gone within a minute.{unseen}",
        target=f"None, and a plan for each that is ({ISA}); a minute is our measure, which it "
        "leaves open.",
        advice=_unless_good(verdict, advice.on_fleeting(figures)),
    )


def on_standing(figures: Figures, days: Iterable[int]) -> Finding:
    """Judge what stands for more than a day."""
    most = max(days, default=0)
    verdict = _grade(most, good=4, bad=9)
    return Finding(
        topic=Topic.STANDING,
        verdict=verdict,
        words=f"{figures.standing.count:,} alarms have stood for more than a day now; on the worst "
        f"day {most:,} had.",
        target=f"Fewer than 5 on any day ({ISA}); fewer than 10 standing on average ({EEMUA}).",
        advice=_unless_good(verdict, advice.on_standing(figures)),
    )


def on_severities(figures: Figures, shares: Priorities) -> Finding:
    """Judge whether the urgent stands out."""
    too_few = figures.raised < TOO_FEW
    verdict = max(
        _grade(shares.high, good=0.05, bad=0.2),
        _grade(shares.medium, good=0.2, bad=0.5),
        key=_RANKS.index,
    )
    verdict = Verdict.GOOD if too_few else verdict
    words = f"{_share(shares.low)} low, {_share(shares.medium)} medium, {_share(shares.high)} high."
    return Finding(
        topic=Topic.SEVERITIES,
        verdict=verdict,
        words="There are too few alarms to share them out." if too_few else words,
        target=f"About 80 % low, 15 % medium, 5 % high ({ISA}, {EEMUA}). Here critical is high, "
        "major is medium; minor, warning and indeterminate are low.",
        advice=_unless_good(verdict, advice.on_split(figures)),
    )


def on_acknowledged(figures: Figures) -> Finding:
    """Judge whether anybody looks."""
    share = unacknowledged_share(figures)
    urgent = any(one.severity is Severity.CRITICAL for one in figures.unacknowledged.items)
    verdict = Verdict.GOOD if share <= _FEW_UNSEEN else Verdict.LOOK
    verdict = Verdict.BAD if urgent else verdict
    words = f"{_share(share)} of all were never acknowledged here; "
    words += f"{figures.unacknowledged.count:,} of those stand"
    words += ", critical ones among them." if urgent else "."
    if figures.median is not None:
        words += f" Half of the others were within {in_words(figures.median)}."
    return Finding(
        topic=Topic.ACKNOWLEDGED,
        verdict=verdict,
        words=words if figures.raised or urgent else "There is nothing to acknowledge.",
        target="Neither standard names a number. What nobody acknowledges needs no one's answer, "
        "so it is no alarm; or it is acknowledged elsewhere, and nobody tells alarmbridge.",
        advice=_unless_good(verdict, advice.on_unacknowledged(figures)),
    )


def on_blind(figures: Figures) -> Finding:
    """Judge what the report cannot know."""
    blind = figures.blind
    verdict = Verdict.LOOK if blind.count else Verdict.GOOD
    verdict = Verdict.BAD if any(one.lasting for one in blind.items) else verdict
    lasting = " At least one cannot be seen now." * (verdict is Verdict.BAD)
    devices = f"{blind.count:,} device{'s' * (blind.count != 1)}"
    return Finding(
        topic=Topic.BLIND,
        verdict=verdict,
        words=f"{devices} could not be seen for a time; what they raised then may be missing here."
        f"{lasting}"
        if blind.count
        else "All devices could be seen all the time.",
        target="No device unseen: our own measure, for the report is blind there, too.",
    )


def flood_share(floods: Iterable[Flood], figures: Figures) -> float:
    """Say which part of the period was flood, 0 to 1."""
    return sum(flood.length / figures.period.length for flood in floods)


def frequent_share(figures: Figures) -> float:
    """Say which part of all the most frequent make up, 0 to 1."""
    return share_of(sum(one.raised for one in figures.frequent.items), figures.raised)


def fleeting_count(figures: Figures) -> int:
    """Count the alarms that were gone within a minute."""
    return sum(one.count for one in figures.brief)


def unacknowledged_share(figures: Figures) -> float:
    """Say which part of all was never acknowledged, 0 to 1."""
    told = figures.severities.values()
    return share_of(
        sum(one.raised - one.acknowledged for one in told), sum(one.raised for one in told)
    )


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """Say how the whole is."""
    return max((one.verdict for one in findings), key=_RANKS.index, default=Verdict.GOOD)


def _grade(figure: float, *, good: float, bad: float) -> Verdict:
    if figure <= good:
        return Verdict.GOOD
    return Verdict.BAD if figure > bad else Verdict.LOOK


def _of_none(count: int, share: float, *, bad: float) -> Verdict:
    """Judge what should not be at all."""
    if not count:
        return Verdict.GOOD
    return Verdict.BAD if share > bad else Verdict.LOOK


def _unless_good(verdict: Verdict, given: Iterable[Advice]) -> tuple[Advice, ...]:
    return () if verdict is Verdict.GOOD else tuple(given)


def _number(figure: float) -> str:
    if figure >= 10 or figure == int(figure):  # noqa: PLR2004 - from there on tenths say nothing
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 0.1 else "less than 0.1"  # noqa: PLR2004 - likewise


def _share(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 0.1:  # noqa: PLR2004 - what is shown of it
        return "less than 0.1 %"
    return f"{percent:.0f} %" if percent >= 10 or percent == int(percent) else f"{percent:.1f} %"  # noqa: PLR2004 - likewise
