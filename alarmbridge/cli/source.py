"""Whom a command asks: a running daemon by its URL, or the configured archive's database."""

import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from yarl import URL

from alarmbridge.cli.answers import Answers
from alarmbridge.cli.filed import FileAnswers
from alarmbridge.cli.options import opened
from alarmbridge.cli.output import warn
from alarmbridge.cli.remote import Daemon, connected
from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.environment import Environment
from alarmbridge.settings.loading import PLACES, find_file

_LONGEST_TOKEN = 64 * 1024
_NOBODY = (
    f"there is no configuration: neither {' nor '.join(map(str, PLACES))}; name it by --config, or "
    "a running daemon by --url or $ALARMBRIDGE_URL"
)

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Ask the daemon there instead of the database; else $ALARMBRIDGE_URL.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="With a token for it; else $ALARMBRIDGE_TOKEN_FILE or $ALARMBRIDGE_TOKEN.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help="Who vouches for it; else this machine's own."),
]


@asynccontextmanager
async def asked(
    config: Path | None,
    url: str | None,
    token_file: Path | None,
    ca_file: Path | None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[Answers]:
    """Open whom to ask; raises ConfigError where that is not clear.

    What is typed goes before what the environment says, and that before a file that is found.
    """
    if config is not None and url is not None:
        raise ConfigError(["--config and --url: give one of them, a database or a daemon to ask"])
    address = url or (environ.get("ALARMBRIDGE_URL") if config is None else None)
    if address:
        daemon = _daemon_of(address, token_file, ca_file, environ)
        if daemon.tells_its_token_to_anybody:
            warn(f"the token goes to {daemon.url} without TLS, for all on the way to read")
        async with connected(daemon) as answers:
            yield answers
        return
    if token_file is not None or ca_file is not None:
        raise ConfigError(["--token-file and --ca-file go with --url"])
    if find_file(config, environ) is None and not Environment(environ).tree:
        raise ConfigError([_NOBODY])
    async with opened(config) as archive:
        yield FileAnswers(archive)


def _daemon_of(
    address: str, token_file: Path | None, ca_file: Path | None, environ: Mapping[str, str]
) -> Daemon:
    try:
        url = URL(address.rstrip("/"))
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise ConfigError([f"--url: {address!r} is none; such as https://alarms.example/prefix"])
    if url.user or url.password:
        # It would be told in every process list.
        raise ConfigError(["--url: a URL must not have a secret in it; see --token-file"])
    return Daemon(url=url, token=_token_of(token_file, environ), tls=_tls_of(ca_file))


def _token_of(file: Path | None, environ: Mapping[str, str]) -> str | None:
    named = file or environ.get("ALARMBRIDGE_TOKEN_FILE")
    if not named:
        return environ.get("ALARMBRIDGE_TOKEN") or None
    try:
        token = Path(named).read_text()[:_LONGEST_TOKEN].strip()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError([f"--token-file: {named} cannot be read: {why}"]) from error
    if not token or not token.isascii() or not token.isprintable():
        raise ConfigError([f"--token-file: {named} holds no token"])
    return token


def _tls_of(file: Path | None) -> ssl.SSLContext | None:
    if file is None:
        return None
    try:
        return ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        raise ConfigError([f"--ca-file: {file} cannot be used: {error}"]) from error
