"""`explain` and `ack`."""

import json
from pathlib import Path

import pytest
from cli_cases import Run, alarm_of, do, save, settle

from alarmbridge.core.alarm import ClearReason, Origin, State
from alarmbridge.core.delivery import DeliveryState

pytestmark = pytest.mark.usefixtures("database")


def test_an_alarm_is_explained_sink_by_sink(run: Run) -> None:
    result = run("explain", "sbc-2/3")
    assert result.status == 0
    words = " ".join(result.out.split())
    assert "Sink journal" in words
    assert "Sink second" in words
    assert "HTTP 422: refused" in words


def test_what_is_tried_again_later_says_when(run: Run, database: Path) -> None:
    do(database, lambda archive: settle(archive, "journal", DeliveryState.PENDING, "HTTP 503"))
    words = " ".join(run("explain", "sbc-2/3").out.split())
    assert "pending HTTP 503; next at 2026-" in words


def test_what_was_never_tried_says_what_it_waits_for(run: Run, database: Path) -> None:
    failing = alarm_of(
        9,
        "",
        origin=Origin.BRIDGE,
        name="sinkFailing",
        device_alarm_id="journal",
        description="Sink journal is shut",
    )
    over = alarm_of(8, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
    for one in (failing, over):
        do(database, lambda archive, one=one: save(archive, one))
    words = " ".join(run("explain", "sbc-1/8").out.split())
    journal, second = words.split("Sink second")
    assert "raised pending waits for its turn; Sink journal is shut" in journal
    assert "raised pending waits for its turn" in second
    assert "cleared pending waits for the raise before it" in second


def test_an_explanation_as_json_has_every_delivery_with_its_remarks(run: Run) -> None:
    said = json.loads(run("explain", "sbc-2/3", "--json").out)
    assert said["alarm"]["id"] == "sbc-2/3"
    assert [one["kind"] for one in said["events"]] == ["raised"]
    assert {one["sink"] for one in said["deliveries"]} == {"journal", "second"}
    assert all("remarks" in one for one in said["deliveries"])


def test_the_beginning_of_an_id_is_enough_where_only_one_begins_so(run: Run) -> None:
    assert run("explain", "sbc-2/", "--json").status == 0
    several = run("explain", "sbc-1/")
    assert (several.status, several.err) == (
        1,
        "alarmbridge: Several alarms begin with sbc-1/; give more of it.\n",
    )
    none = run("explain", "nothing")
    assert (none.status, none.err) == (1, "alarmbridge: There is no alarm nothing.\n")


def test_an_alarm_is_acknowledged_once_and_that_can_be_taken_back(run: Run) -> None:
    assert run("ack", "sbc-2/3", "--by", "noc").out == "Acknowledged.\n"
    again = run("ack", "sbc-2/3")
    assert (again.status, again.err) == (
        1,
        "alarmbridge: It is acknowledged already.\n",
    )
    assert run("ack", "sbc-2/3", "--undo").out == "Taken back.\n"
    assert run("ack", "sbc-2/3", "--undo").status == 1
