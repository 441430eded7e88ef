"""Watching: a list that is looked at again and again, and events as they come."""

import asyncio
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from alarmbridge.cli.answers import Answers, Document, Wanted
from alarmbridge.cli.output import console_of, lay_out, show_json, show_line
from alarmbridge.cli.views import View
from alarmbridge.core.errors import AlarmbridgeError, ConfigError
from alarmbridge.telemetry.logs import printable


async def follow_events(answers: Answers, view: View, wanted: Wanted, *, as_json: bool) -> None:
    """Print each event as it comes, until somebody has had enough."""
    alarms = wanted.parameters.getall("alarm", [])
    async for event in answers.follow(wanted):
        if alarms and event["data"]["alarm"]["id"] not in alarms:
            continue
        if as_json:
            show_json(event, at_once=True)
        else:
            show_line(view.row(event))


async def print_changes(answers: Answers, view: View, wanted: Wanted, every: timedelta) -> None:
    """Print each document of a list when it is new or has changed since the last look."""
    before: dict[object, Document] = {}
    while True:
        page = await answers.ask(view.kind, wanted)
        for document in reversed(page.items):
            if before.get(document[view.key]) != document:
                show_json(document, at_once=True)
        before = {document[view.key]: document for document in page.items}
        await asyncio.sleep(every.total_seconds())


async def refresh(answers: Answers, view: View, wanted: Wanted, every: timedelta) -> None:
    """Show a list in place on a terminal, anew after each look; it survives those that fail."""
    console = console_of()
    if not console.is_terminal:
        raise ConfigError(["--watch: this is no terminal; with --json it prints what changes"])
    table = await _look(answers, view, wanted, console.width)
    with Live(table, console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.refresh()
            await asyncio.sleep(every.total_seconds())
            try:
                table = await _look(answers, view, wanted, console.width)
                live.update(table)
            except AlarmbridgeError as error:
                # As it was last, and why it is not as it is now.
                live.update(Group(Text(printable(str(error)), style="bold red"), table))


async def _look(answers: Answers, view: View, wanted: Wanted, width: int) -> RenderableType:
    page = await answers.ask(view.kind, wanted)
    return lay_out(view.heads, map(view.row, page.items), empty=view.empty, width=width)
