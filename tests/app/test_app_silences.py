"""Silences in a whole program: what is held, what is let go, and what is never told."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from app_parts import Receiver, running, settings_for, until

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.settings.models import Settings
from alarmbridge.settings.silences import SilenceSettings
from alarmbridge.simulator.farm import Farm
from alarmbridge.store.archive import Archive
from alarmbridge.store.deliveries import ListedDelivery, list_deliveries

PATH = "/api/v1/silences"


async def ask(settings: Settings, method: str, path: str, **sent: Any) -> Any:
    """Ask the program's API, which must do it."""
    async with (
        ClientSession() as session,
        session.request(method, f"http://{settings.api.listen}{path}", **sent) as answer,
    ):
        assert answer.status in {200, 201, 204}, await answer.text()
        return await answer.json() if answer.status != 204 else None


async def silence(settings: Settings, **match: str) -> str:
    body = {"match": match, "for": "1h", "comment": "SBC upgrade"}
    return str((await ask(settings, "POST", PATH, json=body))["id"])


async def deliveries_of(archive: Archive, device: str) -> tuple[ListedDelivery, ...]:
    async with archive.read() as tx:
        return (await list_deliveries(tx, devices=(device,))).items


async def held(archive: Archive, device: str) -> list[str]:
    """Say why what is owed about a device waits."""
    found = await deliveries_of(archive, device)
    return [one.reason or "" for one in found if one.state is DeliveryState.PENDING]


async def wait_until(archive: Archive, device: str, **states: int) -> None:
    """Wait until so many deliveries about a device are in each state; it has a deadline."""
    deadline = time.monotonic() + 10
    while Counter(one.state.value for one in await deliveries_of(archive, device)) != states:
        assert time.monotonic() < deadline, "it did not come true in time"


async def test_what_is_silenced_is_told_once_the_silence_is_ended(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        number = await silence(settings, devices="sim-1")
        for device in farm.devices.values():
            device.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        await wait_until(archive, "sim-1", pending=1)
        (told,) = receiver.told("raised")
        assert told["device"]["name"] == "sim-2"
        (why,) = await held(archive, "sim-1")
        assert "silence 1 (SBC upgrade, by api)" in why

        await ask(settings, "DELETE", f"{PATH}/{number}")
        await until(lambda: len(receiver.told("raised")) == 2)
    assert receiver.told("raised")[1]["device"]["name"] == "sim-1"


async def test_what_comes_and_goes_within_a_silence_is_never_told(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        number = await silence(settings, devices="sim-1")
        model = farm.devices["sim-1"].model
        alarm = model.raise_alarm(farm.clock(), n=1)
        await wait_until(archive, "sim-1", pending=1)
        model.clear(farm.clock(), alarm)
        await wait_until(archive, "sim-1", dropped=2)
        await ask(settings, "DELETE", f"{PATH}/{number}")
        farm.devices["sim-2"].model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
    assert [one["device"]["name"] for one in receiver.told("raised")] == ["sim-2"]
    assert receiver.told("cleared") == []


async def test_what_was_told_before_is_cleared_during_a_silence(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        model = farm.devices["sim-1"].model
        alarm = model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        await silence(settings, devices="sim-1")
        model.clear(farm.clock(), alarm)
        await until(lambda: receiver.told("cleared"))


async def test_a_silence_that_is_taken_out_of_the_configuration_holds_nothing_after_a_restart(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    now = datetime.now(UTC)
    configured = SilenceSettings.model_validate(
        {
            "match": {"devices": ["sim-1"]},
            "from": now - timedelta(hours=1),
            "until": now + timedelta(hours=1),
            "comment": "out of service",
        }
    )
    plain = settings_for(database, farm, receiver)
    farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
    async with running(plain.model_copy(update={"silences": (configured,)})) as program:
        await wait_until(archive, "sim-1", pending=1)
        (why,) = await held(archive, "sim-1")
        assert "(out of service)" in why
        (listed,) = (await ask(program._settings, "GET", PATH))["items"]
        assert (listed["place"], listed["state"]) == ("configuration", "active")
    assert receiver.told("raised") == []
    async with running(plain):
        await until(lambda: receiver.told("raised"))
