"""`catalogue`: what is known of each kind of alarm, of devices and of the bridge's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson
from alarmbridge.cli.output import show_json, show_table, show_text
from alarmbridge.core import bridge
from alarmbridge.core.alarm import Origin
from alarmbridge.core.catalogue import CATALOGUE, look_up
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.core.severity import Severity

FEW = 5
_CLEARS = {True: "yes", False: "no", None: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of alarm. oid: None for one of the bridge's own."""

    origin: Origin
    name: str
    oid: str | None
    event_type: str | None
    probable_cause: str | None
    clears: bool | None
    severities: tuple[Severity, ...]
    meaning: str | None
    check: str | None


def catalogue(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="A name, an OID, or words that all occur."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the kinds of alarm that are known; of few, also what they mean and what to check."""
    found = _find(words or ())
    if as_json:
        for kind in found:
            show_json(_as_json(kind))
        return
    show_table(
        ("NAME", "OID", "TYPE", "CAUSE", "CLEARS", "SEVERITIES"),
        [
            (
                kind.name,
                kind.oid,
                kind.event_type,
                kind.probable_cause,
                _CLEARS[kind.clears],
                ", ".join(kind.severities),
            )
            for kind in found
        ],
        empty="",
    )
    for kind in found if len(found) <= FEW else ():
        _explain(kind)


def _find(words: Sequence[str]) -> list[_Kind]:
    found = _all_kinds()
    for word in words:
        found = _narrow(found, word)
    if not found:
        raise AlarmbridgeError(f"the catalogue has nothing for {' '.join(words)}")
    return found


def _all_kinds() -> list[_Kind]:
    known = [
        _Kind(
            origin=Origin.DEVICE,
            name=entry.name,
            oid=entry.oid,
            event_type=entry.event_type,
            probable_cause=entry.probable_cause,
            clears=entry.clears,
            severities=entry.severities,
            meaning=entry.meaning,
            check=entry.check,
        )
        for entry in CATALOGUE.values()
    ]
    own = [
        _Kind(
            origin=Origin.BRIDGE,
            name=name,
            oid=None,
            event_type=one.event_type,
            probable_cause=one.probable_cause,
            clears=True,
            severities=(one.severity,),
            meaning=one.meaning,
            check=one.check,
        )
        for name, one in bridge.CATALOGUE.items()
    ]
    return sorted(known + own, key=lambda kind: kind.name.lower())


def _narrow(kinds: Sequence[_Kind], word: str) -> list[_Kind]:
    """Keep those of that very name or OID, else those whose OID ends so, else those that say it."""
    low = word.strip().lower()
    if re.fullmatch(r"[0-9.]*[0-9]", low):
        entry = look_up(low)
        oid = entry.oid if entry else f".{low.lstrip('.')}"
        return [kind for kind in kinds if kind.oid and kind.oid.endswith(oid)]
    named = [kind for kind in kinds if kind.name.lower() == low]
    return named or [kind for kind in kinds if low in _all_words(kind)]


def _all_words(kind: _Kind) -> str:
    words = (
        kind.name,
        kind.event_type,
        kind.probable_cause,
        *kind.severities,
        kind.meaning,
        kind.check,
    )
    return "\n".join(word for word in words if word).lower()


def _explain(kind: _Kind) -> None:
    print(f"\n{kind.name}")
    for head, words in (("What it means", kind.meaning), ("What to check", kind.check)):
        show_text(f"{head}: {words or 'not known'}")


def _as_json(kind: _Kind) -> dict[str, object]:
    return {
        "name": kind.name,
        "oid": kind.oid,
        "origin": kind.origin.value,
        "event_type": kind.event_type,
        "probable_cause": kind.probable_cause,
        "clears": kind.clears,
        "severities": [severity.value for severity in kind.severities],
        "meaning": kind.meaning,
        "check": kind.check,
    }
