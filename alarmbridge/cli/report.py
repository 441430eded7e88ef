"""`report`: how the alarms of a period are by ISA-18.2 and EEMUA 191, and what would calm them."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from alarmbridge.cli.answers import Document, Wanted
from alarmbridge.cli.listing import run
from alarmbridge.cli.options import AsJson, ConfigFile, MinSeverity
from alarmbridge.cli.output import show_json, show_table, show_text
from alarmbridge.cli.source import CaFile, TokenFile, Url, asked
from alarmbridge.cli.views import at_of
from alarmbridge.core.report_advice import Place
from alarmbridge.core.texts import shorten
from alarmbridge.telemetry.logs import printable
from alarmbridge.web.report import ReportQuestion

_PLACES = {
    Place.SINK.value: "among the keys of a sink",
    Place.PEOPLE.value: "among the keys of a sink that people read (apprise)",
    Place.FILE.value: "in the file",
}
_FLOODS = 10
_CUT = 100


def report(
    config: ConfigFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From then on; usually a week ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to then; usually now.")
    ] = None,
    length: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="For so long, 30d.")
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this device; repeatable.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="KEY:VALUE", help="Of devices with this tag; repeatable."),
    ] = None,
    min_severity: MinSeverity = None,
    as_json: AsJson = False,
) -> None:
    """Report on the alarms of a period by ISA-18.2 and EEMUA 191, and what would calm them."""
    wanted = Wanted(
        since=since, until=until, device=device, tag=tag, min_severity=min_severity
    ).put(**{"for": length})
    wanted.read(ReportQuestion)

    async def work() -> None:
        async with asked(config, url, token_file, ca_file) as answers:
            made = await answers.report(wanted)
        if as_json:
            show_json(made)
        else:
            _print(made)

    run(work())


def _print(made: Document) -> None:
    print(f"{at_of(made['since'])} to {at_of(made['until'])}: {made['verdict']}")
    print(f"{made['raised']:,} alarms of {made['devices']:,} devices, by ISA-18.2 and EEMUA 191.\n")
    rows = [(one["verdict"], one["topic"], one["words"]) for one in made["findings"]]
    show_table(("HOW IT IS", "ABOUT", "TEXT"), rows, empty="")
    _print_lists(made)
    for finding in made["findings"]:
        for advice in finding["advice"]:
            _print_advice(finding, advice)
    print()
    for note in made["notes"]:
        print(printable(note))


def _print_lists(made: Document) -> None:
    actors = ("RAISED", "SHARE", "WORST", "DEVICE", "DESCRIPTION", "SOURCE")
    floods = [
        (at_of(one["since"]), at_of(one["until"]), f"{one['raised']:,}", f"{one['peak']:,}")
        for one in made["floods"]["items"][:_FLOODS]
    ]
    for title, heads, rows in (
        ("Floods, the latest first", ("SINCE", "UNTIL", "RAISED", "MOST IN 10 MIN"), floods),
        ("The most frequent", actors, map(_actor, made["frequent"]["items"])),
        ("Chattering", ("MOST IN 1 MIN", *actors), map(_chatter, made["chattering"]["items"])),
        ("Fleeting", ("FLEETING", *actors), map(_fleeting, made["fleeting"]["items"])),
        ("Standing for over a day", _STANDING, map(_standing, made["standing"]["items"])),
        ("Standing unacknowledged", _STANDING, map(_standing, made["unacknowledged"]["items"])),
        ("Not seen", ("DEVICE", "SPELLS", "SHARE", "NOW"), map(_blind, made["blind"]["items"])),
    ):
        _print_list(title, heads, list(rows))


_STANDING = ("SINCE", "SEVERITY", "DEVICE", "DESCRIPTION", "SOURCE")


def _print_list(title: str, heads: Sequence[str], rows: Sequence[Iterable[str | None]]) -> None:
    if rows:
        print(f"\n{title}\n")
        show_table(heads, [tuple(row) for row in rows], empty="")


def _print_advice(finding: Any, advice: Any) -> None:
    saves = "" if advice["saves"] is None else f" {advice['saves']:,} notices fewer."
    print(f"\nAgainst {finding['topic']}, {_PLACES.get(advice['place'], advice['place'])}:\n")
    show_text(f"{advice['words']}{saves}")
    print()
    for line in advice["yaml"].splitlines():
        # With its indentation, which YAML lives by.
        print(f"    {printable(line)}")


def _actor(one: Any) -> tuple[str | None, ...]:
    said = one["name"] or one["description"] or one["oid"]
    return (
        f"{one['raised']:,}",
        f"{one['share']:.1%}",
        one["severity"],
        one["device"],
        _cut(said),
        _cut(one["source"]),
    )


def _chatter(one: Any) -> tuple[str | None, ...]:
    return (f"{one['most']:,}", *_actor(one))


def _fleeting(one: Any) -> tuple[str | None, ...]:
    return (f"{one['fleeting']:,}", *_actor(one))


def _standing(one: Any) -> tuple[str | None, ...]:
    return (
        at_of(one["seen_at"]),
        one["severity"],
        one["device"],
        _cut(one["description"]),
        _cut(one["source"]),
    )


def _blind(one: Any) -> tuple[str | None, ...]:
    now = "cannot be seen" if one["lasting"] else "can be seen"
    return (one["device"], f"{one['spells']:,}", f"{one['share']:.1%}", now)


def _cut(text: str | None) -> str | None:
    return shorten(text, _CUT) if text else None
