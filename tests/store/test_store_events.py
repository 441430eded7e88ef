"""Events: listed backwards for people, told forwards to streams."""

import pytest
from store_cases import NOW, alarm_of, clear_alarm, raise_alarm, register

from alarmbridge.store.archive import Archive
from alarmbridge.store.events import events_since, latest_position, list_events
from alarmbridge.store.page import BadCursor


@pytest.fixture(autouse=True)
async def _filled(archive: Archive) -> None:
    await register(archive, "sbc-1", "sbc-2")
    for number in range(3):
        await clear_alarm(archive, await raise_alarm(archive, alarm_of(number)))
        await raise_alarm(archive, alarm_of(number, "sbc-2"))


async def test_an_event_is_told_as_it_was(archive: Archive) -> None:
    async with archive.read() as tx:
        (event,) = (await list_events(tx, limit=1)).items

    assert (event.device, event.kind, event.sequence) == ("sbc-2", "raised", 3)
    assert (event.alarm_id, event.at) == ("sbc-2/2", NOW)
    assert event.body == f'{{"event":"{event.id}"}}'


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 9),
        ({"devices": ("sbc-1",)}, 6),
        ({"devices": ("sbc-1", "sbc-2", "sbc-9")}, 9),
        ({"devices": ("sbc-2", "sbc-2")}, 3),
        ({"alarms": ("sbc-1/1",)}, 2),
        ({"alarms": ("sbc-1/1", "sbc-2/2", "sbc-1/0")}, 5),
        ({"kinds": ("raised",)}, 6),
        ({"devices": ("sbc-1",), "kinds": ("raised", "cleared")}, 6),
        ({"devices": ("sbc-1", "sbc-2"), "kinds": ("cleared",)}, 3),
        ({"devices": ("sbc-1",), "alarms": ("sbc-2/1",)}, 0),
        ({"devices": ("sbc-1",), "alarms": ("sbc-2/1", "sbc-1/1")}, 2),
        ({"devices": ("sbc-1", "sbc-2"), "alarms": ("sbc-2/1", "sbc-1/1")}, 3),
    ],
)
async def test_events_are_found_and_paged_latest_first(
    archive: Archive, asked: dict[str, object], count: int
) -> None:
    positions: list[int] = []
    cursor, pages = None, 0
    async with archive.read() as tx:
        while cursor is not None or not pages:
            page = await list_events(tx, limit=2, after=cursor, **asked)  # type: ignore[arg-type]
            positions += [event.position for event in page.items]
            cursor, pages = page.next, pages + 1

    assert len(positions) == count
    assert positions == sorted(positions, reverse=True)


async def test_a_stream_is_told_what_came_after_its_place(archive: Archive) -> None:
    async with archive.read() as tx:
        latest = await latest_position(tx)
        first = await events_since(tx, 0, limit=2)
        rest = await events_since(tx, first[-1].position)
        news = await events_since(tx, latest)

    assert [event.sequence for event in first] == [1, 2]
    assert (len(rest), rest[-1].position, news) == (7, latest, ())


@pytest.mark.parametrize("cursor", ["", "-1", "²", "9" * 40, "1 OR 1"])
async def test_what_is_no_cursor_is_refused(archive: Archive, cursor: str) -> None:
    async with archive.read() as tx:
        with pytest.raises(BadCursor):
            await list_events(tx, after=cursor)
