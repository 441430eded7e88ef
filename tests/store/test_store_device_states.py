"""How devices are, one by one and all together."""

from store_cases import HOUR, NOW, register

from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, close_spell, open_spell
from alarmbridge.store.device_states import Overview, look_over
from alarmbridge.store.devices import mark_removed, save_status


async def blind(archive: Archive, *names: str) -> None:
    async with archive.begin() as tx:
        for name in names:
            for kind in (SpellKind.UNREACHABLE, SpellKind.LOGIN):
                await open_spell(tx, name, kind=kind, since=NOW, reason="timed out")


async def test_an_archive_without_devices_has_nothing_to_show(archive: Archive) -> None:
    async with archive.read() as tx:
        assert await look_over(tx, limit=2) == Overview(0, None, (), 0)


async def test_devices_that_are_followed_are_looked_over(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2", "sbc-3", "sbc-4", "sbc-5")
    await blind(archive, "sbc-1", "sbc-3", "sbc-4", "sbc-5")
    async with archive.begin() as tx:
        await close_spell(tx, "sbc-1", until=NOW + HOUR)
        await save_status(tx, "sbc-1", product=None, version=None, read_at=NOW)
        await save_status(tx, "sbc-2", product=None, version=None, read_at=NOW + HOUR)
        await save_status(tx, "sbc-5", product=None, version=None, read_at=NOW + 2 * HOUR)
        await mark_removed(tx, "sbc-5", now=NOW)

    async with archive.read() as tx:
        seen = await look_over(tx, limit=1)

    assert (seen.followed, seen.read_at, seen.blind_count) == (4, NOW + HOUR, 2)
    assert [(one.record.name, one.word) for one in seen.blind] == [("sbc-3", "login")]
