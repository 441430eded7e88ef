"""Translates the settings into the values that the parts are given, since no part sees settings."""

import asyncio
from collections.abc import Callable

from alarmbridge.core import expiry, thresholds
from alarmbridge.core.errors import Unreachable
from alarmbridge.core.filters import Match
from alarmbridge.core.health import Manners
from alarmbridge.core.noise import Rules
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.retry import Patience
from alarmbridge.core.routing import Subscription
from alarmbridge.core.silence import Silence, configured_id
from alarmbridge.mediant.access import Access
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.orders import PrivilegeLevel
from alarmbridge.mediant.tls import Trust
from alarmbridge.recurrence import Calendar, Window
from alarmbridge.runtime.credentials import HashedCredentials
from alarmbridge.runtime.dispatcher import Destination
from alarmbridge.runtime.ports import Dice
from alarmbridge.runtime.surroundings import Target
from alarmbridge.runtime.watch.certificates import CertificateRound
from alarmbridge.runtime.watch.configuration import ConfigurationRound
from alarmbridge.runtime.watch.desk import Desk
from alarmbridge.runtime.watch.license import LicenseRound
from alarmbridge.runtime.watch.measurements import MeasurementRound
from alarmbridge.runtime.watch.unwatched import STATUS
from alarmbridge.runtime.watch.watcher import Round
from alarmbridge.settings.models import ApiSettings, DeviceSettings, Settings
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.settings.watch import WebPagesWatch
from alarmbridge.sinks.base import MatchConfig, Sink, SinkConfig, WordedConfig
from alarmbridge.sinks.registry import make_sink
from alarmbridge.sinks.templates import Templates
from alarmbridge.web.access import Role, Token
from alarmbridge.web.outside import Front
from alarmbridge.web.pages.web_pages import OpenPage
from alarmbridge.web.site import Door


def access_of(device: DeviceSettings) -> Access:
    """Say how a configured device is reached."""
    return Access(
        name=device.name,
        url=device.url,
        username=device.username,
        password=device.password.get_secret_value(),
        timeout=device.timeout.total_seconds(),
        max_connections=device.max_connections,
        trust=Trust(
            fingerprint=device.tls.fingerprint,
            verify=device.tls.verify,
            ca_file=device.tls.ca_file,
        ),
    )


def target_of(device: DeviceSettings, *, dice: Dice) -> Target:
    """Say what a configured device is to its poller, and how it is to be treated."""
    return Target(
        facts=DeviceFacts(name=device.name, url=device.url, tags=device.tags),
        manners=Manners(
            interval=device.interval,
            full_sync=device.full_sync,
            unreachable_after=device.unreachable_after,
            auth_retry=device.auth_retry,
        ),
        credentials=HashedCredentials(
            device.username, device.password.get_secret_value(), dice=dice
        ),
        active_table_size=device.active_table_size,
        history_table_size=device.history_table_size,
        watch_status=device.watch.status,
    )


def rounds_of(device: DeviceSettings, desk: Desk) -> list[Round]:
    """Make the rounds that are to be gone on a configured device: those that are switched on."""
    watch, rounds = device.watch, list[Round]()
    if (certificates := watch.certificates) is not None:
        rounds.append(CertificateRound(desk, every=certificates.every, within=certificates.within))
    if watch.license is not None:
        rounds.append(LicenseRound(desk, every=watch.license.every))
    if (measurements := watch.measurements) is not None:
        rounds.append(
            MeasurementRound(
                desk,
                every=measurements.every,
                names=measurements.names,
                hysteresis=measurements.hysteresis if measurements.alarms else None,
            )
        )
    if (configuration := watch.configuration) is not None:
        rounds.append(
            ConfigurationRound(
                desk,
                every=configuration.every,
                on_alarms=configuration.on_alarms,
                keep=configuration.keep,
            )
        )
    return rounds


def watched_on(device: DeviceSettings) -> frozenset[str]:
    """Name the alarms of the bridge's own that something still looks after on a device."""
    watch, names = device.watch, set[str]()
    names.update(STATUS if watch.status else ())
    names.update(expiry.NAMES if watch.certificates else ())
    names.update(thresholds.NAMES if watch.measurements and watch.measurements.alarms else ())
    return frozenset(names)


def web_page_of(
    device: DeviceSettings,
    settings: WebPagesWatch,
    line: FullHttpTransport,
    well: Callable[[], bool],
) -> OpenPage:
    """Make what has a device make a token: the one thing that is ever asked of it but by GET.

    One at a time and within the device's time limit, because the poller shares its line; and not
    while that is in trouble, which may be a password that must not be tried once more.
    """
    maintenance, one = Maintenance(device.name, line), asyncio.Lock()

    async def open_page(who: str) -> str:
        if one.locked() or not well():
            raise Unreachable(f"{device.name} cannot be asked for a link just now")
        async with one:
            try:
                async with asyncio.timeout(device.timeout.total_seconds()):
                    token = await maintenance.create_auth_token(who, PrivilegeLevel(settings.level))
            except TimeoutError as error:
                raise Unreachable(f"{device.name} made no link in time") from error
        return line.web_page(token.value)

    return open_page


def destination_of(config: SinkConfig) -> Destination:
    """Make a configured sink, and say what manners its lane is to have."""
    return Destination(
        name=config.name,
        sink=make_sink(config),
        concurrency=config.concurrency,
        timeout=config.timeout,
        patience=Patience(give_up_after=config.give_up_after),
        templates=_templates_of(config),
        rules=rules_of(config),
        repeat=config.repeat,
        rate_limit=config.rate_limit,
    )


def subscription_of(config: SinkConfig, sink: Sink) -> Subscription:
    """Say what a configured sink is to routing."""
    return Subscription(
        sink=config.name,
        match=match_of(config.match),
        exclude=tuple(match_of(one) for one in config.exclude),
        rules=rules_of(config),
        key_for=sink.key_for,
        credential=sink.credential,
    )


def rules_of(config: SinkConfig) -> Rules:
    """Say by which rules the noise at a configured sink is kept down."""
    return Rules(
        delay=config.delay,
        flapping=config.flapping.rule if config.flapping else None,
        transients=config.transients,
        digest=config.digest.rule if config.digest else None,
    )


def _templates_of(config: SinkConfig) -> Templates:
    if isinstance(config, WordedConfig):
        return Templates(title=config.title, body=config.body)
    return Templates()


def door_of(api: ApiSettings) -> Door:
    """Say where the site listens, and who may come in."""
    return Door(
        host=api.listen.host,
        port=api.listen.port,
        tokens=[
            Token(name=one.name, role=Role(one.role), token=one.token.get_secret_value())
            for one in api.tokens
        ],
        front=Front(prefix=api.prefix, proxies=api.trusted_proxies),
        session=api.session,
    )


def calendar_of(settings: Settings) -> Calendar:
    """Make the calendar of all that is silenced by the configuration."""
    return Calendar(
        [_silence_of(config) for config in settings.silences],
        [_window_of(config) for config in settings.maintenance],
    )


def _silence_of(config: SilenceSettings) -> Silence:
    match = match_of(config.match)
    return Silence(
        id=configured_id(match, starts_at=config.from_, ends_at=config.until),
        match=match,
        starts_at=config.from_,
        ends_at=config.until,
        comment=config.comment,
        author=config.author,
    )


def _window_of(config: MaintenanceSettings) -> Window:
    return Window(
        name=config.name,
        match=match_of(config.match),
        rule=config.rule,
        duration=config.duration,
        comment=config.comment,
    )


def match_of(config: MatchConfig) -> Match:
    """Say which alarms a configured sink or silence means."""
    return Match(
        min_severity=config.min_severity,
        devices=config.devices,
        tags=config.tags,
        names=config.name,
        sources=config.source,
        descriptions=config.description,
        origins=tuple(origin.value for origin in config.origin),
        labels=config.labels,
        not_labels=config.not_labels,
    )
