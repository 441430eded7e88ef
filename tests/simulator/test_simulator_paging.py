"""A table that stands still is read whole, whatever the device's habits are."""

import json
from itertools import product
from random import Random

import pytest

from alarmbridge.simulator.bodies import Answer
from alarmbridge.simulator.habits import Habits, altered, draw_habits
from alarmbridge.simulator.model import Mediant

ACTIVE, HISTORY = "/api/v1/alarms/active", "/api/v1/alarms/history"


def filled(habits: Habits, *, rows: int = 23, seed: int = 0) -> Mediant:
    device = Mediant("d1", seed=seed, habits=habits)
    for second in range(rows):
        device.raise_alarm(second)
    return device


def turn(device: Mediant, path: str, *, limit: int | None = None) -> list[str]:
    """Read every page forwards; returns the ids as they came."""
    query = {} if limit is None else {"limit": str(limit)}
    ids: list[str] = []
    for _ in range(200):
        answer = device.answer(path, query, 0)
        if answer.status == 204:
            return ids
        page = json.loads(answer.body)
        ids += [row["id"] for row in page["alarms"]]
        query["after"] = page["cursor"]["after"]
        if query["after"] == "-1":
            return ids
    raise AssertionError("the cursor never ended")


def ids_in(answer: Answer) -> list[str]:
    return [row["id"] for row in json.loads(answer.body)["alarms"]]


@pytest.mark.parametrize(
    ("cursor", "end_mark", "short_pages"),
    list(product(("id", "position", "opaque"), ("minus_one", "no_content"), (False, True))),
)
@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_every_row_comes_once(cursor: str, end_mark: str, short_pages: bool, order: str) -> None:
    wanted = {"cursor": cursor, "end_mark": end_mark, "short_pages": short_pages}
    habits = altered(Habits(sparse_ids=True, active_order=order, page_cap=7), wanted)
    device = filled(habits)
    truth = sorted(entry.device_alarm_id or "" for entry in device.truth)
    for limit in (None, 1, 5, 1000):
        assert sorted(turn(device, ACTIVE, limit=limit)) == truth
        assert len(turn(device, HISTORY, limit=limit)) == len(truth)


@pytest.mark.parametrize("seed", range(30))
def test_every_row_comes_once_from_any_device_that_may_be_drawn(seed: int) -> None:
    device = filled(draw_habits(Random(seed)), seed=seed)
    for path in (ACTIVE, HISTORY):
        ids = turn(device, path)
        assert len(set(ids)) == len(ids) == 23


def test_the_tables_run_as_the_habits_say() -> None:
    device = filled(Habits(active_order="descending", history_order="newest_first"), rows=3)
    assert turn(device, ACTIVE) == ["3", "2", "1"]
    assert turn(device, HISTORY) == ["3", "2", "1"]
    device.habits = Habits()
    assert turn(device, ACTIVE) == turn(device, HISTORY) == ["1", "2", "3"]


def test_twenty_rows_come_unless_a_limit_is_given_and_never_more_than_the_cap() -> None:
    device = filled(Habits(page_cap=22), rows=30)
    for query, expected in (({}, 20), ({"limit": "3"}, 3), ({"limit": "1000"}, 22)):
        assert len(ids_in(device.answer(ACTIVE, query, 0))) == expected


@pytest.mark.parametrize("cursor", ["id", "position", "opaque"])
def test_before_leads_back_to_the_page_before(cursor: str) -> None:
    device = filled(altered(Habits(page_cap=2), {"cursor": cursor}), rows=5)
    first = json.loads(device.answer(ACTIVE, {}, 0).body)["cursor"]
    second = json.loads(device.answer(ACTIVE, {"after": first["after"]}, 0).body)
    back = json.loads(device.answer(ACTIVE, {"before": second["cursor"]["before"]}, 0).body)
    assert [row["id"] for row in back["alarms"]] == ["1", "2"]
    assert back["cursor"] == first


@pytest.mark.parametrize(
    ("habit", "status", "ids"),
    [
        ("not_found", 404, []),
        ("bad_request", 400, []),
        ("no_content", 204, []),
        ("restart", 200, ["1", "3", "4"]),
        ("next", 200, ["3", "4"]),
    ],
)
@pytest.mark.parametrize("cursor", ["id", "opaque"])
def test_a_cursor_whose_alarm_has_gone_is_met_as_the_habit_says(
    cursor: str, habit: str, status: int, ids: list[str]
) -> None:
    device = filled(altered(Habits(), {"lost_cursor": habit, "cursor": cursor}), rows=4)
    after = json.loads(device.answer(ACTIVE, {"limit": "2"}, 0).body)["cursor"]["after"]
    device.clear(9, 2)
    answer = device.answer(ACTIVE, {"after": after}, 9)
    assert answer.status == status
    assert not ids or ids_in(answer) == ids


def test_a_position_skips_a_row_when_an_earlier_one_goes() -> None:
    device = filled(Habits(cursor="position"), rows=4)
    after = json.loads(device.answer(ACTIVE, {"limit": "2"}, 0).body)["cursor"]["after"]
    device.clear(9, 1)
    assert ids_in(device.answer(ACTIVE, {"after": after}, 9)) == ["4"]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"after": "x"}, {"before": "٣"}]
)
def test_a_parameter_that_means_nothing_is_a_400(query: dict[str, str]) -> None:
    assert filled(Habits()).answer(ACTIVE, query, 0).status == 400
