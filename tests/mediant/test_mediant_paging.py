from collections.abc import Callable, Mapping, Sequence

import pytest
from mediant_fakes import ACTIVE, FakeTransport, answer, device_of, page

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.reading import Row
from alarmbridge.mediant.client import Table
from alarmbridge.mediant.paging import MAX_PAGES, MAX_ROWS, Listing, fetch_table
from alarmbridge.mediant.transport import Answer

TOP = ""


def by_cursor(pages: Mapping[str, Answer]) -> FakeTransport:
    """Answer each `after` with its page, TOP without one, and the detail of any alarm."""

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        if path != ACTIVE:
            return answer(200, {"id": path.rsplit("/", 1)[1]})
        return pages[query.get("after", TOP)]

    return FakeTransport(reply)


def in_turn(answers: Sequence[Answer]) -> FakeTransport:
    """Answer whatever is asked with the next of these."""
    left = list(answers)
    return FakeTransport(lambda _path, _query: left.pop(0))


async def list_active(transport: FakeTransport) -> Listing:
    return await fetch_table(device_of(transport), Table.ACTIVE)


def ids_of(listing: Listing) -> list[str]:
    return [row.id for row in listing.rows]


async def test_pages_are_followed_to_minus_one() -> None:
    transport = by_cursor({TOP: page(["1", "2"], "2"), "2": page(["3"])})
    listing = await list_active(transport)
    assert (ids_of(listing), listing.complete, listing.torn_reason) == (["1", "2", "3"], True, None)
    assert transport.asked == [
        (ACTIVE, {"limit": "100"}),
        (ACTIVE, {"limit": "100", "after": "2"}),
    ]


@pytest.mark.parametrize("empty", [answer(204), page([], None), page([])])
async def test_an_empty_table_is_complete(empty: Answer) -> None:
    assert await list_active(by_cursor({TOP: empty})) == Listing((), complete=True)


@pytest.mark.parametrize("nothing", [answer(204), page([], None), page([])])
async def test_nothing_after_a_cursor_is_the_end_when_its_alarm_still_stands(
    nothing: Answer,
) -> None:
    transport = by_cursor({TOP: page(["1", "2"], "c"), "c": nothing})
    listing = await list_active(transport)
    assert (ids_of(listing), listing.complete) == (["1", "2"], True)
    assert transport.asked[-1] == (f"{ACTIVE}/2", {"oid": "1"})


@pytest.mark.parametrize("nothing", [answer(204), page([], None), page([])])
async def test_nothing_after_a_cursor_whose_alarm_has_gone_means_starting_over(
    nothing: Answer,
) -> None:
    # The last alarm of the first page clears; the device answers its cursor with an early 204.
    transport = in_turn(
        [page(["1", "2"], "2"), nothing, answer(404), page(["1", "3"], "3"), page(["4"])]
    )
    listing = await list_active(transport)
    assert (ids_of(listing), listing.complete) == (["1", "3", "4"], True)


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refused_cursor_means_starting_over(status: int) -> None:
    transport = in_turn([page(["1"], "1"), answer(status), page(["2"], "2"), page(["3"])])
    listing = await list_active(transport)
    assert (ids_of(listing), listing.complete) == (["2", "3"], True)


async def test_a_cursor_that_leads_back_to_the_top_means_starting_over() -> None:
    top = page(["1", "2"], "2")
    listing = await list_active(in_turn([top, top, page(["1", "3"], "3"), page(["4"])]))
    assert (ids_of(listing), listing.complete) == (["1", "3", "4"], True)


async def test_a_page_that_shows_some_alarms_again_means_starting_over() -> None:
    # Cursors are positions, and an alarm came in above them.
    transport = in_turn([page(["1", "2"], "2"), page(["2", "3"]), page(["0", "1"])])
    listing = await list_active(transport)
    assert (ids_of(listing), listing.complete) == (["0", "1"], True)


async def test_a_cursor_lost_three_times_may_hold_the_fourth() -> None:
    listing = await list_active(in_turn([page(["1"], "1"), answer(404)] * 3 + [page(["1"])]))
    assert (ids_of(listing), listing.complete) == (["1"], True)


async def test_a_cursor_lost_each_time_leaves_a_torn_listing() -> None:
    listing = await list_active(in_turn([page(["1"], "1"), answer(404)] * 4))
    assert (ids_of(listing), listing.complete) == (["1"], False)
    assert listing.torn_reason is not None


async def test_a_cursor_lost_before_any_alarm_was_read_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="sbc-1"):
        await list_active(in_turn([page([], "1"), answer(404)] * 4))


@pytest.mark.parametrize("looping", [page(["1"], "c"), page([], "c")])
async def test_a_cursor_that_runs_in_circles_is_a_bad_answer(looping: Answer) -> None:
    transport = by_cursor({TOP: looping, "c": looping})
    with pytest.raises(BadAnswer, match="sbc-1"):
        await list_active(transport)
    assert len(transport.asked) == 8


async def test_new_cursors_to_the_same_alarms_are_a_circle() -> None:
    def reply(_path: str, query: Mapping[str, str]) -> Answer:
        return page(["1"], query.get("after", "") + "x")

    with pytest.raises(BadAnswer):
        await list_active(FakeTransport(reply))


async def test_an_empty_page_with_a_new_cursor_is_followed() -> None:
    transport = by_cursor({TOP: page(["1"], "a"), "a": page([], "b"), "b": page(["2"])})
    assert ids_of(await list_active(transport)) == ["1", "2"]


async def test_alarms_without_a_cursor_are_incomplete() -> None:
    listing = await list_active(by_cursor({TOP: page(["1"], None)}))
    assert (ids_of(listing), listing.complete, listing.torn_reason) == (["1"], False, None)


async def test_an_alarm_twice_on_one_page_is_torn() -> None:
    listing = await list_active(by_cursor({TOP: page(["1", "2", "1"])}))
    assert (ids_of(listing), listing.complete) == (["1", "2"], False)
    assert listing.torn_reason is not None


async def test_a_device_that_knows_no_limit_is_asked_without() -> None:
    def reply(_path: str, query: Mapping[str, str]) -> Answer:
        return answer(400) if "limit" in query else pages[query.get("after", TOP)]

    pages = {TOP: page(["1"], "1"), "1": page(["2"])}
    assert ids_of(await list_active(FakeTransport(reply))) == ["1", "2"]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refused_table_is_a_bad_answer_in_the_devices_words(status: int) -> None:
    refused = answer(status, {"description": "no alarms here"})
    with pytest.raises(BadAnswer, match="no alarms here"):
        await list_active(by_cursor({TOP: refused}))


def endless(size: int) -> Callable[[str, Mapping[str, str]], Answer]:
    def reply(_path: str, query: Mapping[str, str]) -> Answer:
        start = int(query.get("after", "0"))
        return page([str(start + n) for n in range(size)], str(start + size))

    return reply


async def test_a_table_without_end_is_given_up_by_its_rows() -> None:
    transport = FakeTransport(endless(100))
    with pytest.raises(BadAnswer, match="no end"):
        await list_active(transport)
    assert len(transport.asked) == MAX_ROWS // 100 + 1


@pytest.mark.parametrize("size", [0, 1])
async def test_a_table_without_end_is_given_up_by_its_pages(size: int) -> None:
    def reply(_path: str, query: Mapping[str, str]) -> Answer:
        start = int(query.get("after", "0"))
        return page([str(start)] * size, str(start + 1))

    transport = FakeTransport(reply)
    with pytest.raises(BadAnswer, match="no end"):
        await list_active(transport)
    assert len(transport.asked) == MAX_PAGES


async def test_reading_stops_where_the_caller_has_enough() -> None:
    seen: list[Sequence[Row]] = []

    def enough(rows: Sequence[Row]) -> bool:
        seen.append(rows)
        return "4" in {row.id for row in rows}

    transport = by_cursor({TOP: page(["6", "5"], "5"), "5": page(["4", "3"], "3")})
    listing = await fetch_table(device_of(transport), Table.ACTIVE, stop_when=enough)
    assert (ids_of(listing), listing.complete) == (["6", "5", "4", "3"], True)
    assert len(seen) == 2
