"""`run` and `demo`."""

import logging
from datetime import timedelta
from typing import Annotated

import typer

from alarmbridge.app import run as run_daemon
from alarmbridge.cli.options import ConfigFile, settings_of, wait_for
from alarmbridge.core.durations import parse_duration
from alarmbridge.core.errors import ConfigError
from alarmbridge.demo import run_demo
from alarmbridge.settings.addresses import Listen, parse_listen
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
        str | None,
        typer.Option("--for", metavar="LENGTH", help="End by itself after so long, 20s or 5m."),
    ] = None,
    devices: Annotated[
        int, typer.Option(metavar="N", min=1, max=50, help="How many devices to play.")
    ] = 3,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the probes answer; loopback only.")
    ] = "127.0.0.1:8480",
) -> None:
    """Show it at work on simulated devices.

    Nothing is needed and nothing is left behind: the archive is in a temporary folder, and a
    webhook receiver prints what it is told.
    """
    length, address = _length(lasting), _address(listen)
    set_up_logging(level="WARNING")
    wait_for(run_demo(lasting=length, count=devices, listen=address))


def _length(lasting: str | None) -> timedelta | None:
    if lasting is None:
        return None
    try:
        return parse_duration(lasting)
    except ValueError as error:
        raise ConfigError([f"--for: {error}"]) from error


def _address(listen: str) -> Listen:
    try:
        address = parse_listen(listen)
    except ValueError as error:
        raise ConfigError([f"--listen: {error}"]) from error
    if not address.loopback:
        raise ConfigError([f"--listen: is {address}, which others can reach; use 127.0.0.1"])
    return address
