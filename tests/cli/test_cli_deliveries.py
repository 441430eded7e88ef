"""`deliveries`: what is owed, and owing it once more."""

import json
from pathlib import Path

import pytest
from cli_cases import Run, do, settle

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions

pytestmark = pytest.mark.usefixtures("database")


def listed(run: Run, *asked: str) -> list[dict[str, object]]:
    result = run("deliveries", "list", *asked, "--json")
    assert result.status == 0
    return [json.loads(line) for line in result.out.splitlines()]


def noted(database: Path) -> list[str]:
    """What was replayed, as operator actions say it."""
    found: list[str] = []

    async def look(archive: Archive) -> None:
        async with archive.read() as tx:
            found.extend(one.target for one in (await list_actions(tx)).items)

    do(database, look)
    return found


def test_each_delivery_has_its_reason(run: Run) -> None:
    result = run("deliveries", "list", "--state", "dead", "--device", "sbc-2")
    assert result.out.splitlines()[0].split()[:5] == ["ID", "SINK", "STATE", "TRIES", "OWED"]
    (row,) = result.rows
    assert " ".join(row.split()[1:4]) == "second dead 3"
    assert " ".join(row.split()[6:]) == "sbc-2 raised Trunk 3 is down HTTP 422: refused"


def test_deliveries_are_those_asked_for(run: Run) -> None:
    assert len(listed(run)) == 10
    assert {one["sink"] for one in listed(run, "--sink", "journal")} == {"journal"}
    assert {one["state"] for one in listed(run, "--state", "pending")} == {"pending"}
    assert {one["alarm_id"] for one in listed(run, "--alarm", "sbc-1/2")} == {"sbc-1/2"}
    two = listed(run, "--state", "pending", "--state", "dead", "--device", "sbc-1", "--device", "x")
    assert {one["state"] for one in two} == {"pending", "dead"}
    assert {one["device"] for one in two} == {"sbc-1"}
    assert len(listed(run, "--limit", "3")) == 3
    assert run("deliveries", "list", "--limit", "3").err.startswith("There are more; see --limit")


def test_a_delivery_as_json_names_its_event_alarm_and_key(run: Run) -> None:
    (one,) = listed(run, "--sink", "second", "--device", "sbc-2")
    assert (
        one["event_id"]
        == json.loads(run("events", "--device", "sbc-2", "--json").out)["data"]["event_id"]
    )
    assert (one["key"], one["alarm_id"], one["device"]) == ("sbc-2/3", "sbc-2/3", "sbc-2")
    assert (one["reason"], one["attempts"], one["settled_at"]) == (
        "HTTP 422: refused",
        3,
        "2026-11-23T21:04:05.000Z",
    )
    assert listed(run, "--sink", "second", "--limit", "1")[0]["device"] is None


def test_replaying_the_dead_owes_them_all_once_more(run: Run) -> None:
    dead = len(listed(run, "--state", "dead"))
    assert dead == 4
    result = run("deliveries", "replay", "--dead")
    assert (result.status, result.out) == (0, "Deliveries owed once more: 4.\n")
    assert listed(run, "--state", "dead") == []
    assert {one["attempts"] for one in listed(run, "--state", "pending")} == {0}
    assert run("deliveries", "replay", "--dead").out == "Deliveries owed once more: 0.\n"


def test_replaying_the_dead_of_one_sink_leaves_the_others(database: Path, run: Run) -> None:
    do(database, lambda archive: settle(archive, "journal", DeliveryState.DEAD, "gone"))
    result = run("deliveries", "replay", "--dead", "--sink", "journal")
    assert (result.status, result.out) == (0, "Deliveries owed once more: 4.\n")
    assert {one["sink"] for one in listed(run, "--state", "dead")} == {"second"}


def test_single_deliveries_are_replayed_by_their_ids(run: Run) -> None:
    first, second, *rest = [str(one["id"]) for one in listed(run, "--state", "dead")]
    result = run("deliveries", "replay", first, second, second)
    assert (result.status, result.out) == (0, "Deliveries owed once more: 2.\n")
    assert [str(one["id"]) for one in listed(run, "--state", "dead")] == rest


def test_a_delivery_that_cannot_be_replayed_is_a_failure(database: Path, run: Run) -> None:
    (pending,) = listed(run, "--state", "pending", "--limit", "1")
    result = run("deliveries", "replay", str(pending["id"]), "999")
    assert (result.status, result.out) == (1, "Deliveries owed once more: 0.\n")
    assert "none that are dead or delivered" in result.err
    assert noted(database) == []


def test_of_several_those_are_noted_that_are_replayed(database: Path, run: Run) -> None:
    (dead,) = listed(run, "--state", "dead", "--limit", "1")
    assert run("deliveries", "replay", "999", str(dead["id"])).status == 1
    assert noted(database) == [str(dead["id"])]


@pytest.mark.parametrize(
    "asked", [[], ["1", "--dead"], ["--sink", "journal"], ["1", "--sink", "journal"]]
)
def test_a_replay_of_who_knows_what_is_a_wrong_use(run: Run, asked: list[str]) -> None:
    result = run("deliveries", "replay", *asked)
    assert (result.status, result.out) == (2, "")
    assert result.err == "deliveries replay: give ids, or --dead with or without --sink\n"


def test_a_sink_that_is_not_configured_is_a_mistake(run: Run) -> None:
    result = run("deliveries", "replay", "--dead", "--sink", "jornal")
    assert (result.status, result.err) == (2, "there is no sink 'jornal'\n")
