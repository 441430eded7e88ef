"""Devices: entered, found again, removed and back; and what each said of itself."""

import pytest
from sqlalchemy import text
from store_cases import NOW, SECOND, held_of, register

from alarmbridge.core.errors import StaleClaim, StoreError
from alarmbridge.core.health import Refusal
from alarmbridge.store.archive import Archive
from alarmbridge.store.devices import (
    DeviceEntry,
    DeviceRecord,
    list_devices,
    list_removed,
    load_refusal,
    mark_removed,
    register_devices,
    save_refusal,
    save_status,
)


async def devices_in(archive: Archive) -> dict[str, DeviceRecord]:
    async with archive.read() as tx:
        return {device.name: device for device in await list_devices(tx)}


async def test_devices_are_entered_once_and_follow_their_configuration(archive: Archive) -> None:
    await register(archive, "sbc-1", site="ams")
    entry = DeviceEntry(name="sbc-1", url="https://new", tags={"site": "Köln", "tier": "1"})
    async with archive.begin() as tx:
        await register_devices(tx, [entry, DeviceEntry(name="sbc-2", url="")], now=NOW + SECOND)

    devices = await devices_in(archive)
    assert sorted(devices) == ["sbc-1", "sbc-2"]
    assert (devices["sbc-1"].url, devices["sbc-1"].tags) == (entry.url, entry.tags)
    assert devices["sbc-1"].first_seen_at == NOW
    assert devices["sbc-2"].first_seen_at == NOW + SECOND


async def test_a_device_leaves_and_comes_back(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")
    async with archive.begin() as tx:
        assert await list_removed(tx, ["sbc-2"]) == ("sbc-1",)
        assert await mark_removed(tx, "sbc-1", now=NOW)
        assert not await mark_removed(tx, "sbc-1", now=NOW + SECOND)
        assert await list_removed(tx, ["sbc-2"]) == ()
    assert (await devices_in(archive))["sbc-1"].removed_at == NOW

    await register(archive, "sbc-1")

    assert (await devices_in(archive))["sbc-1"].removed_at is None


async def test_only_what_was_told_is_kept_anew(archive: Archive) -> None:
    await register(archive, "sbc-1")
    async with archive.begin() as tx:
        await save_status(tx, "sbc-1", product="Mediant SW", uptime=10**12, newest_last=True)
        await save_status(tx, "sbc-1", version="7.20A", serial_number="5967925", read_at=NOW)
        await save_status(tx, "sbc-1", high_availability="standalone", uptime=None)
        await save_status(tx, "sbc-1")

    record = (await devices_in(archive))["sbc-1"]
    assert (record.product, record.version, record.high_availability) == (
        "Mediant SW",
        "7.20A",
        "standalone",
    )
    held = await held_of(archive)
    assert (held.uptime, held.serial_number) == (10**12, "5967925")
    assert (held.read_at, held.newest_last) == (NOW, True)


async def test_a_status_under_another_claim_is_refused(archive: Archive) -> None:
    await register(archive, "sbc-1")
    async with archive.begin() as tx:
        await tx.execute(text("UPDATE devices SET claim = 7 WHERE name = 'sbc-1'"))
        await save_status(tx, "sbc-1", product="Mediant", claim=7)
        with pytest.raises(StaleClaim):
            await save_status(tx, "sbc-1", product="Mediant", claim=6)


async def test_a_refused_login_is_kept_until_it_is_let_in(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")
    refusal = Refusal(at=NOW, digest="salt$hash")
    async with archive.begin() as tx:
        assert await load_refusal(tx, "sbc-1") is None
        await save_refusal(tx, "sbc-1", refusal)
        assert await load_refusal(tx, "sbc-1") == refusal
        assert await load_refusal(tx, "sbc-2") is None
        await save_refusal(tx, "sbc-1", None)
        assert await load_refusal(tx, "sbc-1") is None


async def test_a_device_that_nobody_registered_is_named(archive: Archive) -> None:
    with pytest.raises(StoreError, match="knows no device 'sbc-9'"):
        await held_of(archive, "sbc-9")
