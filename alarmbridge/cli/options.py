"""What several commands take, and how they reach settings and archive."""

import asyncio
import getpass
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from alarmbridge.core.severity import Severity
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import Settings
from alarmbridge.store.archive import Archive, open_archive
from alarmbridge.store.schema import check

T = TypeVar("T")

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; else $ALARMBRIDGE_CONFIG, ./alarmbridge.yaml, "
        "/etc/alarmbridge/alarmbridge.yaml.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document a line, for programs.")]
MinSeverity = Annotated[
    Severity | None, typer.Option(case_sensitive=False, help="This bad or worse.")
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="Rows at most.")]


def settings_of(config: Path | None) -> Settings:
    """Load the settings; raises ConfigError with every mistake in them."""
    return load_settings(config)


@asynccontextmanager
async def opened(config: Path | None) -> AsyncIterator[Archive]:
    """Open the configured archive beside a running daemon, after a look at its schema."""
    url = settings_of(config).database.location
    await check(url)
    archive = open_archive(url)
    try:
        yield archive
    finally:
        await archive.dispose()


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end."""
    return asyncio.run(work)


def login_name() -> str:
    """Say who types; "" where this machine knows no name, as in many a container."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""
