"""The device that was named: how a command opens it, asks it, and asks before it changes it."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from alarmbridge.cli.options import ConfigFile, settings_of, wait_for
from alarmbridge.cli.output import show_json
from alarmbridge.core.errors import ConfigError
from alarmbridge.mediant.mediant import Mediant, open_mediant
from alarmbridge.settings.models import Settings
from alarmbridge.translation import access_of

T = TypeVar("T")

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", help="What is sent.")]
Target = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where it goes; else standard output.")
]


@asynccontextmanager
async def opened(context: typer.Context, config: Path | None) -> AsyncIterator[Mediant]:
    """Open the device that was named; raises ConfigError for one that is not configured."""
    settings, name = settings_of(config), str(context.obj)
    for one in settings.devices:
        if one.name == name:
            async with open_mediant(access_of(one)) as mediant:
                yield mediant
            return
    raise ConfigError([f"{name!r} is no device of the configuration{_known(settings)}"])


def ask(
    context: typer.Context, config: ConfigFile, question: Callable[[Mediant], Awaitable[T]]
) -> T:
    """Ask the device that was named."""

    async def work() -> T:
        async with opened(context, config) as mediant:
            return await question(mediant)

    return wait_for(work())


def confirm(context: typer.Context, what: str, *, yes: bool) -> None:
    """Say what is about to be done to the device, and go on only if somebody wants it."""
    words = f"{context.obj}: {what}"
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError([f"{words} This needs --yes where nobody can be asked."])
    typer.confirm(f"{words} Go on?", abort=True)


def do(
    context: typer.Context,
    config: ConfigFile,
    work: Callable[[Mediant], Awaitable[str]],
    *,
    otherwise: str,
    as_json: bool,
) -> None:
    """Have the device that was named do something, and show what it says to that."""
    words = ask(context, config, work)
    if as_json:
        show_json({"description": words})
    else:
        print(words or otherwise)


def show_all(values: Sequence[Any]) -> None:
    """Print values as JSON, one a line."""
    for value in values:
        show_json(asdict(value))


def _known(settings: Settings) -> str:
    names = [one.name for one in settings.devices]
    return f"; it has {', '.join(names[:20])}" if names else ""
