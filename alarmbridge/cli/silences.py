"""`silences`: for a while nobody is told of some alarms."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated

import typer

from alarmbridge.cli.options import (
    AsJson,
    ConfigFile,
    Limit,
    MinSeverity,
    login_name,
    opened,
    settings_of,
    wait_for,
)
from alarmbridge.cli.output import local, show_json, show_table, warn
from alarmbridge.cli.silence_options import SilenceOptions
from alarmbridge.core.alarm import Origin
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.core.silence import Place, Silence, place_of, silence_as_json
from alarmbridge.store.operator_actions import end_silence, silence
from alarmbridge.store.page import Page, read_row_id
from alarmbridge.store.silences import (
    fetch_silence,
    list_silences,
)
from alarmbridge.translation import calendar_of

app = typer.Typer(help="For a while nobody is told of some alarms.", no_args_is_help=True)


@app.command()
def add(
    config: ConfigFile = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Of this device; repeatable: any.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=GLOB",
            help="Of devices with this tag; repeatable: of one key any, of several keys all.",
        ),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Of this name; repeatable: any.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Of this source; repeatable: any.")
    ] = None,
    description: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="With this text; repeatable: any.")
    ] = None,
    origin: Annotated[
        list[Origin] | None, typer.Option(help="A device's, or the bridge's own; repeatable.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=GLOB",
            help="With this label, as the sink alertmanager has it, or severity or origin; "
            "repeatable: of one label any, of several labels all.",
        ),
    ] = None,
    not_label: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=GLOB", help="Without this label; repeatable: without any."),
    ] = None,
    min_severity: MinSeverity = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Every alarm; instead of all these.")
    ] = False,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="LENGTH", help="For so long: 30m, 2h, 3d.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Until then: 2026-11-23T22:00:00Z, or local time."),
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From then on; else from now.")
    ] = None,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why.")] = "",
    author: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who; else the login name.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Silence alarms; a running daemon minds it at once.

    They are kept all the same. A clear still goes to who was told of its raise.
    """
    now, options = datetime.now(UTC), SilenceOptions()
    match = options.match(
        {
            "devices": device,
            "tags": options.by_key("tag", tag or ()),
            "labels": options.by_key("label", label or ()),
            "not_labels": options.by_key("not-label", not_label or ()),
            "name": name,
            "source": source,
            "description": description,
            "origin": [one.value for one in origin or ()],
            "min_severity": min_severity.value if min_severity else None,
        },
        everything=everything,
    )
    when = options.span(begin, until, lasting, now=now)
    words = options.line("comment", comment)
    person = options.line("author", login_name() if author is None else author)
    options.check()

    async def work() -> Silence:
        async with opened(config) as archive, archive.begin() as tx:
            return await silence(
                tx,
                match=match,
                starts_at=when.first,
                ends_at=when.last,
                comment=words,
                author=person,
                who=login_name(),
                now=now,
            )

    added = wait_for(work())
    names = [one.name for one in settings_of(config).devices]
    for glob in match.devices:
        if not any(fnmatchcase(name, glob) for name in names):
            warn(f"No device is called {glob}; it is silenced all the same.")
    if as_json:
        show_json(silence_as_json(added, now=now))
        return
    start = "" if added.starts_at <= now else f"from {local(added.starts_at)} "
    print(f"Silence {added.id}: {match}, {start}until {local(added.ends_at)}.")


@app.command("list")
def list_them(
    config: ConfigFile = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List silences in force or to come, the newest first.

    Before them those of the configuration, in the order in which they begin; of a maintenance
    window what comes next.
    """
    now = datetime.now(UTC)
    configured = calendar_of(settings_of(config)).coming(now)

    async def load() -> Page[Silence]:
        async with opened(config) as archive, archive.read() as tx:
            return await list_silences(
                tx, now=now, configured=configured, include_ended=everything, limit=limit
            )

    found = wait_for(load())
    if as_json:
        for one in found.items:
            show_json(silence_as_json(one, now=now))
        return
    show_table(
        ("ID", "STANDS IN", "STATE", "FROM", "UNTIL", "MATCH", "COMMENT", "AUTHOR"),
        [
            (
                _short(one),
                one.place.value,
                one.state(now).value,
                local(one.starts_at),
                local(one.ends_at),
                str(one.match),
                one.comment,
                one.author,
            )
            for one in found.items
        ],
        empty="No silences.",
        more=found.next is not None,
    )


@app.command()
def expire(
    silence: Annotated[
        str, typer.Argument(metavar="ID", help="Its number, as `silences list` shows it.")
    ],
    config: ConfigFile = None,
) -> None:
    """End a silence now.

    What waited for it is told within a second or two, as far as it still stands.
    """
    if place_of(silence) is not Place.ARCHIVE:
        raise AlarmbridgeError(
            f"{silence} stands in the configuration; it can be ended only there."
        )
    number, now = read_row_id(silence), datetime.now(UTC)
    if number is None:
        words = f"silences expire: {silence!r} is no number"
        raise ConfigError([f"{words}; what stands in the configuration ends only there"])

    async def work() -> Silence | None:
        """End it; return it where it was over already."""
        async with opened(config) as archive, archive.begin() as tx:
            if await end_silence(tx, number, who=login_name(), now=now):
                return None
            found = await fetch_silence(tx, number)
            if found is None:
                raise AlarmbridgeError(f"There is no silence {number}; see: silences list --all.")
            return found

    over = wait_for(work())
    if over is not None:
        raise AlarmbridgeError(f"Silence {number} is over since {local(over.ends_at)}.")
    print(f"Silence {number} has ended.")


def _short(silence: Silence) -> str:
    """Name it as briefly as beside its place it can be: a window, and not when it comes next."""
    return silence.id if silence.place is Place.ARCHIVE else silence.id.split("/")[2]
