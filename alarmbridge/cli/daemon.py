"""`run` and `demo`."""

import logging
from datetime import timedelta
from typing import Annotated

import typer

from alarmbridge.app import run as run_daemon
from alarmbridge.cli.options import ConfigFile, settings_of, wait_for
from alarmbridge.core.errors import ConfigError
from alarmbridge.demo import run_demo
from alarmbridge.sinks.fields import parse_duration
from alarmbridge.telemetry.logs import set_up_logging

_log = logging.getLogger(__name__)


def run(config: ConfigFile = None) -> None:
    """Follow every configured device until SIGTERM or Ctrl-C."""
    settings = settings_of(config)
    set_up_logging(style=settings.log.format, level=settings.log.level)
    for warning in settings.warnings():
        _log.warning("%s", warning)
    wait_for(run_daemon(settings))


def demo(
    lasting: Annotated[
        str | None, typer.Option("--for", help="End by itself after this long, 20s for one.")
    ] = None,
    devices: Annotated[int, typer.Option(min=1, max=50, help="How many devices to play.")] = 3,
    listen: Annotated[str, typer.Option(help="Where the probes answer.")] = "127.0.0.1:8480",
) -> None:
    """Show it at work: simulated devices, an archive in a temporary folder, a webhook receiver."""
    set_up_logging(level="WARNING")
    wait_for(run_demo(lasting=_length(lasting), count=devices, listen=listen))


def _length(lasting: str | None) -> timedelta | None:
    if lasting is None:
        return None
    try:
        return parse_duration(lasting)
    except ValueError as error:
        raise ConfigError([f"--for: {error}"]) from error
