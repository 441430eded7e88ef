"""Sessions: known until they end, and never too many."""

from datetime import timedelta

from store_cases import HOUR, NOW, SECOND, count_of

from alarmbridge.store.archive import Archive
from alarmbridge.store.sessions import MOST, end_session, find_session, open_session


async def open_one(archive: Archive, name: str, *, after: timedelta = SECOND * 0) -> None:
    now = NOW + after
    async with archive.begin() as tx:
        await open_session(tx, name, proof=f"proof {name}", now=now, ends_at=now + HOUR)


async def proof_of(archive: Archive, name: str, *, after: timedelta = SECOND) -> str | None:
    async with archive.read() as tx:
        return await find_session(tx, name, now=NOW + after)


async def test_a_session_is_known_until_its_end(archive: Archive) -> None:
    await open_one(archive, "a")
    assert await proof_of(archive, "a") == "proof a"
    assert await proof_of(archive, "b") is None
    assert await proof_of(archive, "a", after=HOUR) is None


async def test_a_session_is_ended_once(archive: Archive) -> None:
    await open_one(archive, "a")
    async with archive.begin() as tx:
        assert [await end_session(tx, "a"), await end_session(tx, "a")] == [True, False]
    assert await proof_of(archive, "a") is None


async def test_those_that_have_ended_leave_when_another_is_opened(archive: Archive) -> None:
    await open_one(archive, "a")
    await open_one(archive, "b", after=HOUR)
    assert await count_of(archive, "sessions") == 1


async def test_of_too_many_those_that_were_opened_first_end(archive: Archive) -> None:
    async with archive.begin() as tx:
        for number in range(MOST + 2):
            at = NOW + number * SECOND / 1000
            await open_session(tx, f"{number}", proof="", now=at, ends_at=at + HOUR)
    assert await count_of(archive, "sessions") == MOST
    assert await proof_of(archive, "1") is None
    assert await proof_of(archive, "2") == ""
