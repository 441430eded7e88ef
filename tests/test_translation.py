"""The settings, as the values that the parts are given."""

from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import SecretStr

from alarmbridge.core.filters import Match
from alarmbridge.core.severity import Severity
from alarmbridge.core.silence import Place
from alarmbridge.settings.models import DeviceSettings, Settings, TlsSettings
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.sinks.base import MatchConfig
from alarmbridge.sinks.log import Config
from alarmbridge.translation import access_of, calendar_of, destination_of, match_of, target_of

DEVICE = DeviceSettings(
    name="a",
    url="https://a",
    username="u",
    password=SecretStr("p"),
    timeout="2s",
    max_connections=3,
    interval="7s",
    auth_retry="1h",
    tags={"site": "ams"},
    tls=TlsSettings(verify=False, fingerprint="ab" * 32),
)


def test_a_device_is_reached_as_it_is_configured() -> None:
    access = access_of(DEVICE)
    assert (access.url, access.username, access.password) == ("https://a", "u", "p")
    assert (access.timeout, access.max_connections) == (2.0, 3)
    assert (access.trust.verify, access.trust.fingerprint) == (False, "ab" * 32)


async def test_a_device_is_treated_as_it_is_configured() -> None:
    target = target_of(DEVICE, dice=Random(1))
    assert (target.facts.name, target.facts.url, target.facts.tags) == (
        "a",
        "https://a",
        {"site": "ams"},
    )
    assert target.manners.interval == timedelta(seconds=7)
    assert target.manners.auth_retry == timedelta(hours=1)
    assert target.credentials is not None
    assert await target.credentials.match(await target.credentials.digest())


def test_a_lane_has_the_manners_of_its_sink() -> None:
    destination = destination_of(Config(name="lines", concurrency=3, give_up_after="1h"))
    assert (destination.name, destination.concurrency) == ("lines", 3)
    assert destination.patience.give_up_after == timedelta(hours=1)


def test_a_sink_hears_of_what_it_wants() -> None:
    match = match_of(MatchConfig(min_severity="major", devices="sbc-*", tags={"site": "ams"}))
    assert match.min_severity is Severity.MAJOR
    assert (tuple(match.devices), dict(match.tags)) == (("sbc-*",), {"site": ("ams",)})


def test_the_calendar_has_what_is_configured() -> None:
    silence = {
        "match": {"devices": "sbc-*"},
        "from": "2026-11-23 22:00",
        "until": "2026-11-24 06:00",
        "comment": "The new firmware",
        "author": "noc",
    }
    window = {
        "name": "night",
        "everything": True,
        "cron": "0 23 * * *",
        "duration": "2h",
        "comment": "Backups",
    }
    settings = Settings(
        silences=(SilenceSettings.model_validate(silence),),
        maintenance=(MaintenanceSettings.model_validate(window),),
    )
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    once, nightly = calendar_of(settings).at(now)
    assert (once.match.devices, once.comment, once.author) == (
        ("sbc-*",),
        "The new firmware",
        "noc",
    )
    assert (once.place, nightly.place) == (Place.CONFIGURATION, Place.MAINTENANCE)
    assert (nightly.match, nightly.comment) == (Match(), "Backups")
    assert nightly.ends_at == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert calendar_of(settings).at(now)[0].id == once.id
