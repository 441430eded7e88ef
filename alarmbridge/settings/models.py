"""Every key of the configuration, with its type, its bounds and its default."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from alarmbridge.settings.addresses import (
    DatabaseUrl,
    DeviceUrl,
    Fingerprint,
    Listen,
    ListenAddress,
    Network,
    PathPrefix,
)
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.settings.watch import WatchSettings
from alarmbridge.sinks.base import SinkConfig
from alarmbridge.sinks.fields import CaFile, Duration, Name, Pause, Section, between, lower

_SHOWN_NAMES = 5
_LONG_OUTAGE = timedelta(hours=1)
_SHORT_TOKEN = 22  # 128 bits in base64


def _check_username(text: str) -> str:
    if ":" in text:
        raise ValueError("must not have a colon in it (RFC 7617)")
    return text


def _check_token(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be one word of ASCII characters")
    return token


class DatabaseSettings(Section):
    """The archive.

    retention: how long a cleared alarm is kept. upgrade_at_start: whether `run` may bring the
    schema up to date itself; by default where the database is an SQLite file of its own.
    """

    url: DatabaseUrl = SecretStr("sqlite:///alarmbridge.db")
    upgrade_at_start: bool | None = None
    retention: Annotated[Duration, between(timedelta(days=1))] = timedelta(days=400)

    @property
    def location(self) -> str:
        """The URL in clear; never to be shown."""
        return self.url.get_secret_value()

    @property
    def may_upgrade(self) -> bool:
        """Whether `run` upgrades the schema."""
        if self.upgrade_at_start is None:
            return self.location.startswith("sqlite:")
        return self.upgrade_at_start


class TokenSettings(Section):
    """Somebody who may use the API, and what for."""

    name: Name
    role: Literal["viewer", "operator", "admin"]
    token: Annotated[SecretStr, AfterValidator(_check_token)]


class ApiSettings(Section):
    """The HTTP API and the page; without tokens they answer on loopback only.

    prefix: what a reverse proxy has before every path. trusted_proxies: whose X-Forwarded-…
    headers are believed. session: how long a browser stays logged in.
    """

    listen: ListenAddress = Listen("127.0.0.1", 8480)
    tokens: tuple[TokenSettings, ...] = ()
    prefix: PathPrefix = ""
    trusted_proxies: tuple[Network, ...] = ()
    session: Annotated[Duration, between(timedelta(minutes=1), timedelta(days=90))] = timedelta(
        hours=12
    )


class TlsSettings(Section):
    """Whom to believe to be the device.

    fingerprint: pins a certificate and counts before all else. verify: false believes anybody.
    ca_file: authorities instead of the system's.
    """

    verify: bool = True
    ca_file: CaFile | None = None
    fingerprint: Fingerprint | None = None


class DeviceDefaults(Section):
    """How devices are followed; each key may stand at a device too.

    username, password: "" where they are not given; no device is without them in the end.
    active_table_size, history_table_size: how many rows the device's tables hold; an active
    list that long is never believed to be complete.
    """

    interval: Pause = timedelta(seconds=5)
    full_sync: Annotated[Duration, between(timedelta(seconds=1))] = timedelta(minutes=5)
    timeout: Pause = timedelta(seconds=10)
    username: Annotated[str, AfterValidator(_check_username)] = ""
    password: SecretStr = SecretStr("")
    max_connections: int = Field(default=2, ge=1, le=16)
    unreachable_after: int = Field(default=3, ge=1, le=1000)
    auth_retry: Annotated[Duration, between(timedelta(seconds=1))] = timedelta(minutes=10)
    tls: TlsSettings = TlsSettings()
    active_table_size: int = Field(default=120, ge=1)
    history_table_size: int = Field(default=500, ge=1)
    watch: WatchSettings = WatchSettings()


class DeviceSettings(DeviceDefaults):
    """A device, complete once `inherit` has been asked."""

    name: Name
    url: DeviceUrl
    tags: dict[str, str] = Field(default_factory=dict)

    def inherit(self, defaults: DeviceDefaults) -> "DeviceSettings":
        """Take from the defaults what this device does not say itself, within sections as well."""
        own = self.model_fields_set
        update = {key: getattr(defaults, key) for key in DeviceDefaults.model_fields}
        update |= {key: getattr(self, key) for key in own}
        for name in ("tls", "watch"):
            if name in own:
                section = getattr(self, name)
                said = {key: getattr(section, key) for key in section.model_fields_set}
                update[name] = getattr(defaults, name).model_copy(update=said)
        return self.model_copy(update=update)


class LogSettings(Section):
    """The program's own log, on stderr."""

    format: Literal["text", "json"] = "text"
    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = "info"


class Settings(Section):
    """All of it. file: where it was read; None when the environment said everything."""

    file: Path | None = None
    database: DatabaseSettings = DatabaseSettings()
    api: ApiSettings = ApiSettings()
    devices: tuple[DeviceSettings, ...] = ()
    sinks: tuple[SinkConfig, ...] = ()
    silences: tuple[SilenceSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    log: LogSettings = LogSettings()

    def warnings(self) -> list[str]:
        """Tell what works and should not stay so, one line each."""
        return list(self._warn())

    def _warn(self) -> Iterator[str]:
        if not self.devices:
            yield "devices: there are none, so nothing is followed"
        if not self.sinks:
            yield "sinks: there are none, so alarms are kept and nobody is told"
        plain = [device.name for device in self.devices if device.url.startswith("http://")]
        if plain:
            yield f"devices: over plain http anybody on the way reads the password: {_list(plain)}"
        trusting = [device.name for device in self.devices if _believes_anybody(device)]
        if trusting:
            yield f"devices: with tls.verify off anybody can pose as the device: {_list(trusting)}"
        counted = Counter(device.url for device in self.devices)
        twice = [device.name for device in self.devices if counted[device.url] > 1]
        if twice:
            yield f"devices: these share a url, so one box is asked twice: {_list(twice)}"
        short = [
            token.name
            for token in self.api.tokens
            if len(token.token.get_secret_value()) < _SHORT_TOKEN
        ]
        if short:
            yield f"api.tokens: shorter than {_SHORT_TOKEN} characters: {_list(short)}"
        yield from self._warn_of_sinks()

    def _warn_of_sinks(self) -> Iterator[str]:
        hasty = [sink.name for sink in self.sinks if sink.give_up_after < _LONG_OUTAGE]
        if hasty:
            yield (
                "sinks: with give_up_after below 1h an outage of the far end loses clears, and "
                f"leaves open what it was told: {_list(hasty)}"
            )
        for sink in self.sinks:
            yield from (f"sink {sink.name}: {warning}" for warning in sink.warnings())


def _believes_anybody(device: DeviceSettings) -> bool:
    tls = device.tls
    return device.url.startswith("https://") and not tls.verify and tls.fingerprint is None


def _list(names: Iterable[str]) -> str:
    all_names = list(names)
    more = len(all_names) - _SHOWN_NAMES
    shown = ", ".join(all_names[:_SHOWN_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown
