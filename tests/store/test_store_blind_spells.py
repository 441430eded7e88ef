"""Blind spells: one of a kind at a time, with its bounds."""

import pytest
from store_cases import NOW, SECOND, count_of, register

from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import SpellKind, close_spell, list_spells, open_spell


@pytest.fixture(autouse=True)
async def _known(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")


async def test_a_spell_is_opened_once_and_keeps_its_start(archive: Archive) -> None:
    async with archive.begin() as tx:
        about = {"kind": SpellKind.UNREACHABLE, "reason": "timed out"}
        assert await open_spell(tx, "sbc-1", since=NOW, **about)  # type: ignore[arg-type]
        assert not await open_spell(tx, "sbc-1", since=NOW + SECOND, **about)  # type: ignore[arg-type]
        assert await open_spell(tx, "sbc-1", kind=SpellKind.LOGIN, since=NOW, reason="HTTP 401")
        assert await open_spell(tx, "sbc-2", since=NOW, **about)  # type: ignore[arg-type]

        spells = (await list_spells(tx, device="sbc-1")).items

    assert [(one.kind, one.since, one.until, one.reason) for one in spells] == [
        (SpellKind.LOGIN, NOW, None, "HTTP 401"),
        (SpellKind.UNREACHABLE, NOW, None, "timed out"),
    ]


async def test_a_spell_ends_and_another_may_begin(archive: Archive) -> None:
    async with archive.begin() as tx:
        for at in (NOW, NOW + 9 * SECOND):
            await open_spell(tx, "sbc-1", kind=SpellKind.UNREADABLE, since=at, reason="odd")
            assert await close_spell(tx, "sbc-1", until=at + SECOND) == 1
        assert await close_spell(tx, "sbc-1", until=NOW) == 0

        spells = (await list_spells(tx)).items

    assert [one.until for one in spells] == [NOW + 10 * SECOND, NOW + SECOND]


async def test_only_the_kind_that_is_named_ends(archive: Archive) -> None:
    async with archive.begin() as tx:
        for kind in (SpellKind.UNREACHABLE, SpellKind.LOGIN):
            await open_spell(tx, "sbc-1", kind=kind, since=NOW, reason="")
        await open_spell(tx, "sbc-2", kind=SpellKind.LOGIN, since=NOW, reason="")
        assert await close_spell(tx, "sbc-1", until=NOW, kind=SpellKind.LOGIN) == 1

        lasting = (await list_spells(tx, lasting=True)).items

    assert [(one.device, one.kind) for one in lasting] == [
        ("sbc-2", "login"),
        ("sbc-1", "unreachable"),
    ]


async def test_spells_come_in_pages(archive: Archive) -> None:
    async with archive.begin() as tx:
        for second in range(3):
            await open_spell(
                tx, "sbc-1", kind=SpellKind.LOGIN, since=NOW + second * SECOND, reason=""
            )
            await close_spell(tx, "sbc-1", until=NOW + second * SECOND)
        first = await list_spells(tx, limit=2)
        rest = await list_spells(tx, limit=2, after=first.next)

    seconds = [(one.since - NOW).seconds for one in (*first.items, *rest.items)]
    assert (seconds, rest.next) == ([2, 1, 0], None)


async def test_a_device_that_is_not_known_has_no_spells(archive: Archive) -> None:
    async with archive.begin() as tx:
        assert not await open_spell(tx, "sbc-9", kind=SpellKind.LOGIN, since=NOW, reason="")
    assert await count_of(archive, "blind_spells") == 0
