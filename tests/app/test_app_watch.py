"""The whole daemon looks after a device: what it finds is told, counted and shown."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from app_parts import Receiver, fetch, running, settings_for, until

from alarmbridge.settings.models import Settings
from alarmbridge.settings.watch import WatchSettings
from alarmbridge.simulator.device import Device
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import Status

WATCH = {
    "certificates": True,
    "license": True,
    "measurements": {"names": ["NetUtilPackets"]},
    "configuration": {"on_alarms": ["acBoardEthernetLink*"]},
    "web_pages": True,
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every round gone right away, and again right after a change."""
    monkeypatch.setattr("alarmbridge.runtime.watch.watcher._SPREAD", 0.0)
    monkeypatch.setattr("alarmbridge.runtime.watch.watcher._WAIT", 0.05)
    monkeypatch.setattr("alarmbridge.runtime.watch.watcher._LEAST", 0.0)


@pytest.fixture
def sbc(farm: Farm) -> Device:
    return farm.devices["sim-1"]


def watching(settings: Settings, **watch: object) -> Settings:
    """Have the first device looked after, and every table read each second."""
    first, *others = settings.devices
    sections = WatchSettings.model_validate(watch)
    update = {"watch": sections, "full_sync": timedelta(seconds=1)}
    devices = (first.model_copy(update=update), *others)
    return settings.model_copy(update={"devices": devices})


def names(receiver: Receiver, kind: str = "raised") -> list[str]:
    return [one["alarm"]["name"] for one in receiver.told(kind)]


def told(receiver: Receiver, name: str) -> dict[str, Any]:
    """Give what was told of the raise of an alarm of this name."""
    return next(one for one in receiver.told("raised") if one["alarm"]["name"] == name)


async def read_once(settings: Settings, device: str) -> None:
    """Wait until a device was read to the end: before that, it is asked for no link."""
    never = f'alarmbridge_device_last_good_poll_timestamp_seconds{{device="{device}"}} 0.0'
    async with asyncio.timeout(10):
        while never in (await fetch(settings, "/metrics"))[1]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.01)


async def test_what_is_found_is_told_counted_and_shown(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device
) -> None:
    sbc.model.box.certificates.expire(farm.clock(), 5, context=1)
    sbc.model.box.measurements.fix("NetUtilPackets", 40_000, index=0)
    settings = watching(settings_for(database, farm, receiver), **WATCH)
    async with running(settings):
        await until(lambda: {"certificateExpiring", "measurementHigh"} <= set(names(receiver)))
        (one,) = [
            one for one in receiver.told("raised") if one["alarm"]["name"] == "measurementHigh"
        ]
        assert one["alarm"]["description"] == "NetUtilPackets#0 is 40000, above 30000."
        assert one["device"]["serial_number"] == sbc.model.identity.serial_number
        _, metrics = await fetch(settings, "/metrics")
        labels = 'device="sim-1",index="0",measurement="NetUtilPackets"'
        assert f"alarmbridge_device_measurement{{{labels}}} 40000.0" in metrics
        days = 'alarmbridge_device_certificate_days_left{context="TLS context 1"'
        assert days in metrics
        assert 'device="sim-2"' not in metrics.partition("device_measurement")[2].partition("#")[0]


async def test_a_resource_that_alone_is_refused_costs_the_alarms_once(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alarmbridge.runtime.watch.watcher._AGAIN", timedelta(0))
    sbc.faults.add(Status(code=401, endpoints=frozenset({"license"})))
    settings = watching(settings_for(database, farm, receiver), license=True)
    first, *others = settings.devices
    hasty = first.model_copy(update={"auth_retry": timedelta(seconds=0.2)})
    settings = settings.model_copy(update={"devices": (hasty, *others)})
    asked = sbc.counters.requests
    async with running(settings):
        await until(lambda: "deviceLoginFailed" in names(receiver, "cleared"))
        polls = asked["lastChange"]
        await until(lambda: asked["lastChange"] > polls + 20)
    assert asked["license"] == 1
    assert names(receiver) == ["deviceLoginFailed"]


async def test_an_alarm_of_choice_has_the_configuration_looked_at(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device
) -> None:
    settings = watching(settings_for(database, farm, receiver), **WATCH)
    async with running(settings):
        await until(lambda: sbc.counters.requests["ini"] == 1)
        sbc.model.box.configuration.running.set("SyslogServerIP", "10.0.0.9")
        sbc.model.raise_alarm(farm.clock(), kind="acBoardEthernetLinkAlarm")
        await until(lambda: "configurationChanged" in names(receiver, "cleared"))
    assert "SyslogServerIP" in told(receiver, "configurationChanged")["alarm"]["description"]


async def test_a_switchover_to_other_software_is_told_from_the_status(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device
) -> None:
    sbc.model.pair()
    sbc.model.raise_alarm(farm.clock(), n=3)
    settings = watching(settings_for(database, farm, receiver))
    async with running(settings):
        # Told, and so stored: until then there is no unit that another one could take over from.
        await until(lambda: receiver.told("raised"))
        sbc.model.switch_over(farm.clock(), seconds=3600)
        sbc.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: "haSwitchover" in names(receiver))
        sbc.model.synchronise(farm.clock(), 0)
        sbc.model.raise_alarm(farm.clock(), n=2)
        await until(lambda: "haSwitchover" in names(receiver, "cleared"))
    assert "haNotOperational" not in names(receiver)


async def test_a_link_opens_the_devices_own_pages(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = watching(settings_for(database, farm, receiver), web_pages=True)
    async with running(settings), aiohttp.ClientSession() as session:
        await read_once(settings, "sim-1")
        url = f"http://{settings.api.listen}/devices/sim-1/web"
        async with session.get(url) as answer:
            assert (answer.status, answer.url.path) == (200, "/index.html")
            assert answer.url.host == "127.0.0.1"
        async with session.get(url.replace("sim-1", "sim-2")) as answer:
            assert answer.status == 404


async def test_what_is_watched_no_longer_ends_with_the_next_start(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device
) -> None:
    sbc.model.box.certificates.expire(farm.clock(), 5, context=1)
    sbc.model.box.measurements.fix("NetUtilPackets", 40_000, index=0)
    settings = settings_for(database, farm, receiver)
    async with running(watching(settings, **WATCH)):
        await until(lambda: {"certificateExpiring", "measurementHigh"} <= set(names(receiver)))
    async with running(watching(settings, certificates=True)):
        await until(lambda: "measurementHigh" in names(receiver, "cleared"))
    assert names(receiver, "cleared") == ["measurementHigh"]


async def test_what_is_not_switched_on_is_not_asked_for(
    database: Path, farm: Farm, receiver: Receiver, sbc: Device
) -> None:
    settings = watching(settings_for(database, farm, receiver))
    async with running(settings):
        sbc.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
    alarms = {"active", "active/id", "history", "history/id"}
    assert set(sbc.counters.requests) <= {"lastChange", "status", *alarms}
    assert sbc.counters.not_get == 0
