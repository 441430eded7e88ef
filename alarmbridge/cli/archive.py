"""`alarms`, `events` and `devices`: what the archive holds."""

from pathlib import Path
from typing import Annotated

import typer

from alarmbridge.cli.answers import Wanted
from alarmbridge.cli.export import export, form_of
from alarmbridge.cli.listing import After, All, Every, Watch, manner_of, run, show
from alarmbridge.cli.options import AsJson, ConfigFile, Limit, MinSeverity
from alarmbridge.cli.source import CaFile, TokenFile, Url, asked
from alarmbridge.cli.views import ALARM_VIEW, DEVICE_VIEW, EVENT_VIEW
from alarmbridge.core.alarm import Origin, State
from alarmbridge.core.errors import ConfigError
from alarmbridge.core.severity import Severity
from alarmbridge.store.page import MOST

Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="KEY:VALUE", help="Of devices with this tag; repeatable."),
]


def alarms(
    config: ConfigFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    state: Annotated[list[State] | None, typer.Option(help="Only active, or only cleared.")] = None,
    severity: Annotated[
        list[Severity] | None,
        typer.Option(case_sensitive=False, help="Of this severity; repeatable."),
    ] = None,
    min_severity: MinSeverity = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this device; repeatable.")
    ] = None,
    tag: Tags = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Of this source; repeatable.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this name; repeatable.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", "-q", metavar="WORDS", help="With these words in it.")
    ] = None,
    raised_after: Annotated[
        str | None, typer.Option(metavar="TIME", help="Raised later, by the device's clock.")
    ] = None,
    raised_before: Annotated[
        str | None, typer.Option(metavar="TIME", help="Raised earlier, by the device's clock.")
    ] = None,
    origin: Annotated[
        list[Origin] | None, typer.Option(help="A device's, or the bridge's own.")
    ] = None,
    limit: Limit = 100,
    after: After = None,
    whole: All = False,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE", help="Write all of them into a file, .csv or .ndjson."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """List alarms, the newest first."""
    wanted = Wanted(
        state=state,
        severity=severity,
        min_severity=min_severity,
        device=device,
        tag=tag,
        source=source,
        name=name,
        q=text,
        raised_after=raised_after,
        raised_before=raised_before,
        origin=origin,
    )
    asking = asked(config, url, token_file, ca_file)
    manner = manner_of(as_json=as_json, whole=whole, watch=watch, every=every)
    if into is None:
        if force:
            raise ConfigError(["--force goes with --export"])
        show(ALARM_VIEW, wanted.put(limit=limit, after=after), manner, asking)
        return
    if as_json or whole or after or manner.every:
        raise ConfigError(["--export takes none of --json, --all, --after, --watch, --every"])
    file = into
    form_of(file)
    wanted.read(ALARM_VIEW.kind.question)

    async def work() -> None:
        async with asking as answers:
            count = await export(answers, wanted, file, force=force)
        print(f"Alarms exported to {file}: {count}.")

    run(work())


def events(
    config: ConfigFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this device; repeatable.")
    ] = None,
    alarm: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Of this alarm, as `alarms --json` shows it; repeatable."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="alarm.raised and so on; repeatable."),
    ] = None,
    limit: Limit = 100,
    after: After = None,
    whole: All = False,
    as_json: AsJson = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Print new ones as they come, until Ctrl-C.")
    ] = False,
) -> None:
    """List events, the newest first, as they were told."""
    wanted = Wanted(device=device, alarm=alarm, type=kind, limit=limit, after=after)
    if watch and after is not None:
        raise ConfigError(["--watch and --after: give one of them"])
    manner = manner_of(as_json=as_json, whole=whole, watch=watch, every=None)
    show(EVENT_VIEW, wanted, manner, asked(config, url, token_file, ca_file))


def devices(
    config: ConfigFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    ca_file: CaFile = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Of this name; repeatable.")
    ] = None,
    tag: Tags = None,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = None,
) -> None:
    """List devices, and how each of them is."""
    manner = manner_of(as_json=as_json, whole=not (watch or every), watch=watch, every=every)
    wanted = Wanted(name=name, tag=tag, limit=MOST)
    show(DEVICE_VIEW, wanted, manner, asked(config, url, token_file, ca_file))
