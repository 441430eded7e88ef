"""Listing: how a command shows what it asked for, once or again and again."""

import sys
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import typer

from alarmbridge.cli.answers import EVENTS, Answers, Document, Wanted, ask_all
from alarmbridge.cli.options import wait_for
from alarmbridge.cli.output import show_json, show_table
from alarmbridge.cli.views import View
from alarmbridge.cli.watch import follow_events, print_changes, refresh
from alarmbridge.core.durations import parse_duration
from alarmbridge.core.errors import ConfigError

_INTERRUPTED = 130
_USUAL = timedelta(seconds=2)

After = Annotated[
    str | None,
    typer.Option("--after", metavar="CURSOR", help="Go on behind a page, by what it said."),
]
All = Annotated[bool, typer.Option("--all", help="All there are, page after page.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show it again and again, until Ctrl-C.")]
Every = Annotated[
    str | None, typer.Option("--every", metavar="TIME", help="Watch, each so often; else 2s.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it is to be shown. whole: all pages of it. every: None when it is not watched."""

    as_json: bool = False
    whole: bool = False
    every: timedelta | None = None


def manner_of(*, as_json: bool, whole: bool = False, watch: bool, every: str | None) -> Manner:
    """Read the options; raises ConfigError."""
    try:
        pause = parse_duration(every) if every is not None else _USUAL
    except ValueError as error:
        raise ConfigError([f"--every: {error}"]) from None
    if not timedelta(milliseconds=100) <= pause <= timedelta(days=1):
        raise ConfigError(["--every: must be from 100ms to 1d"])
    watched = watch or every is not None
    if watched and whole:
        raise ConfigError(["--watch and --all: give one of them"])
    return Manner(as_json=as_json, whole=whole, every=pause if watched else None)


def show(
    view: View, wanted: Wanted, manner: Manner, source: AbstractAsyncContextManager[Answers]
) -> None:
    """Show what is wanted; all mistakes in it are told before anybody is asked."""
    wanted.read(view.kind.question)

    async def work() -> None:
        async with source as answers:
            if manner.every is not None:
                await _watch(answers, view, wanted, manner)
            elif manner.as_json:
                await _print(answers, view, wanted, whole=manner.whole)
            else:
                await _tabulate(answers, view, wanted, whole=manner.whole)

    run(work())


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; Ctrl-C ends it quietly."""
    try:
        wait_for(work)
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None


async def _watch(answers: Answers, view: View, wanted: Wanted, manner: Manner) -> None:
    every = manner.every or _USUAL
    if view.kind is EVENTS:
        await follow_events(answers, view, wanted, as_json=manner.as_json)
    elif manner.as_json:
        await print_changes(answers, view, wanted, every)
    else:
        await refresh(answers, view, wanted, every)


async def _print(answers: Answers, view: View, wanted: Wanted, *, whole: bool) -> None:
    async for page in ask_all(answers, view.kind, wanted):
        for document in page.items:
            show_json(document)
        if not whole:
            _hint(page.next)
            return


async def _tabulate(answers: Answers, view: View, wanted: Wanted, *, whole: bool) -> None:
    found: list[Document] = []
    after: str | None = None
    async for page in ask_all(answers, view.kind, wanted):
        found += page.items
        after = page.next
        if not whole:
            break
    show_table(view.heads, map(view.row, found), empty=view.empty)
    _hint(after)


def _hint(after: str | None) -> None:
    if after is not None:
        sys.stdout.flush()
        print(f"There are more; see --limit and --all, or --after '{after}'.", file=sys.stderr)
