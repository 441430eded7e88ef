"""The API's lists, stories, actions and exports, over the whole site."""

import csv
import json
from io import StringIO

import aiohttp
import pytest
from site_cases import HOSTILE, TOKENS, Clock, make_site
from web_cases import Answer, Breaking, Serve, Served, Start, guard_of

from alarmbridge.core.csv_rows import safe_cell
from alarmbridge.core.errors import StoreError
from alarmbridge.store.archive import Archive
from alarmbridge.web.api import Api
from alarmbridge.web.exports import Exports

API = "/api/v1"
ONE = f"{API}/alarms/00000001-0000"
OPERATOR = {"Authorization": "Bearer canary-operator"}
ADMIN = {"Authorization": "Bearer canary-admin"}


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, on this machine alone."""
    return await serve(make_site(filled, clock))


def numbers(answer: Answer) -> list[int]:
    """Number the alarms of a list."""
    assert answer.status == 200
    return [int(one["id"].partition("-")[0], 16) for one in answer.json["items"]]


def named(answer: Answer) -> list[str]:
    """Name the parameters that are wrong."""
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return [one["parameter"] for one in answer.json["errors"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("state=active", [5, 4, 2, 1]),
        ("state=active&state=cleared", [5, 4, 3, 2, 1]),
        ("severity=critical&severity=minor", [4, 2]),
        ("min_severity=major", [5, 3, 2, 1]),
        ("device=sbc-2", [4]),
        ("device=sbc-2&device=sbc-1&severity=major", [3, 1]),
        ("tag=site:ams", [3, 2, 1]),
        ("tag=site%3Dber", [4]),
        ("tag=site:ams&tag=site:ber", [4, 3, 2, 1]),
        ("source=Board%231", [1]),
        ("name=sinkFailing", [5]),
        ("origin=bridge", [5]),
        ("q=trunk+dow*", [5, 4, 3, 1]),
        ("q=second&min_severity=critical", [2]),
        ("raised_after=2026-11-23T21:04:07Z", [5, 4, 3]),
        ("raised_before=2026-11-23T21:04:07Z", [1]),
        ("raised_after=2026-11-23T22:04:07%2B01:00", [5, 4, 3]),
        ("raised_after=2026-11-23T22:04:07+01:00", [5, 4, 3]),
        ("device=nobody", []),
    ],
)
async def test_alarms_are_those_asked_for_the_newest_first(
    served: Served, query: str, found: list[int]
) -> None:
    assert numbers(await served.ask(f"{API}/alarms?{query}")) == found


async def test_pages_go_on_where_the_last_ended(served: Served) -> None:
    found, after = [], ""
    while True:
        page = await served.ask(f"{API}/alarms?limit=2{after}")
        found += numbers(page)
        if page.json["next"] is None:
            break
        after = f"&after={page.json['next']}"
    assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("events?device=sbc-1&device=sbc-2", 5),
        ("events?alarm=00000003-0000&alarm=00000001-0000", 3),
        ("events?device=sbc-2&device=sbc-1&type=alarm.cleared&type=alarm.changed", 1),
        ("deliveries?device=sbc-1&device=sbc-2&device=sbc-2", 5),
        ("deliveries?sink=incidents&sink=other&state=dead&state=delivered", 2),
        ("deliveries?alarm=00000003-0000&alarm=00000001-0000&state=pending", 2),
        ("actions?alarm=00000003-0000&alarm=00000001-0000", 0),
    ],
)
async def test_a_parameter_is_repeated_for_several_values(
    served: Served, asked: str, count: int
) -> None:
    answer = await served.ask(f"{API}/{asked}")
    assert answer.status == 200
    assert len(answer.json["items"]) == count


LISTS = (
    "alarms",
    "alarms?raised_after=2026-11-23T21:04:05Z",
    "alarms?q=trunk",
    "events",
    "deliveries",
    "devices",
    "actions",
    "silences",
)


async def test_a_cursor_is_of_one_list_in_one_order(served: Served) -> None:
    for number in (1, 2):
        await served.ask(f"{ONE}/comment", "POST", body={"comment": f"{number}"})
        body = {"everything": True, "for": "1h"}
        await served.ask(f"{API}/silences", "POST", body=body)
    paths = {asked: f"{API}/{asked}{'&' if '?' in asked else '?'}limit=1" for asked in LISTS}
    cursors = {asked: (await served.ask(path)).json["next"] for asked, path in paths.items()}
    for asked, path in paths.items():
        own = cursors[asked]
        assert (await served.ask(f"{path}&after={own}")).status == 200
        others = [cursor for of, cursor in cursors.items() if of != asked]
        for odd in (*others, own[:-1], f"{own}A", f"{own}%0A", f"{own[:1]}_{own[2:]}", *ODD):
            assert named(await served.ask(f"{path}&after={odd}")) == ["after"], (asked, odd)


ODD = ("7", "-1", "99999999999999999999", "a" * 500, "%C3%A9", "sbc-1", "2026-11-23T21:04:08Z~a")
"""What was typed in, and no list has given."""


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("alarms?colour=red", ["colour"]),
        ("alarms?severity=loud&limit=0&limit=1&after=x", ["limit", "severity"]),
        ("alarms?after=x", ["after"]),
        ("alarms?limit=1001", ["limit"]),
        ("alarms?limit=%D9%A1", ["limit"]),
        (
            "alarms?raised_after=yesterday&raised_before=2026-11-23T21:04:07",
            ["raised_after", "raised_before"],
        ),
        ("alarms?min_severity=major&min_severity=minor", ["min_severity"]),
        ("alarms?tag=site", ["tag"]),
        ("alarms?q=***", ["q"]),
        ("alarms?device=", ["device"]),
        ("alarms?device=%00", ["device"]),
        ("alarms.csv?limit=3", ["limit"]),
        ("events?type=alarm.exploded", ["type"]),
        ("events?after=x", ["after"]),
        ("deliveries?state=lost&sink=", ["sink", "state"]),
        ("devices?after=a&colour=red", ["colour"]),
    ],
)
async def test_what_is_wrong_is_named(served: Served, path: str, wrong: list[str]) -> None:
    assert sorted(named(await served.ask(f"{API}/{path}"))) == wrong


async def test_an_alarm_is_shown_with_all_that_came_of_it(served: Served) -> None:
    await served.ask(f"{ONE}/comment", "POST", body={"comment": "carrier called"})
    story = (await served.ask(ONE)).json
    assert (story["id"], story["device"], story["state"]) == ("00000001-0000", "sbc-1", "active")
    assert [one["type"] for one in story["events"]["items"]] == ["alarm.raised"]
    [delivery] = story["deliveries"]["items"]
    assert (delivery["sink"], delivery["state"], delivery["answer"]) == (
        "incidents",
        "delivered",
        "HTTP 200",
    )
    assert delivery["remarks"] == []
    assert [one["comment"] for one in story["actions"]["items"]] == ["carrier called"]


@pytest.mark.parametrize("name", ["0", "00000001", "%00", "x" * 3000, "a%2Fb", "%F0%9F%98%80"])
async def test_what_is_not_there_is_not_found(served: Served, name: str) -> None:
    for path in (f"alarms/{name}", f"devices/{name}"):
        answer = await served.ask(f"{API}/{path}")
        assert (answer.status, answer.json["status"]) == (404, 404)
    for path in (f"alarms/{name}/ack", f"deliveries/{name}x/replay"):
        assert (await served.ask(f"{API}/{path}", "POST")).status == 404


async def test_operators_leave_word_and_the_alarm_stands(
    serve: Serve, filled: Archive, clock: Clock
) -> None:
    served = await serve(make_site(filled, clock, tokens=TOKENS))

    async def do(action: str, body: object = None) -> Answer:
        answer = await served.ask(f"{ONE}/{action}", "POST", body=body, **OPERATOR)
        assert answer.status == 200, answer
        return answer

    seen = (await do("ack", {"comment": "looking\ninto it"})).json
    assert (seen["operator_state"], seen["acknowledged_by"]) == ("ack", "operator")
    assert (await do("ack")).json == seen
    closed = (await do("close")).json
    assert (closed["operator_state"], closed["state"], closed["closed_by"]) == (
        "closed",
        "active",
        "operator",
    )
    assert (await do("unack")).json["operator_state"] == "none"
    done = (await served.ask(f"{API}/actions", **ADMIN)).json["items"]
    assert [(one["who"], one["action"], one["comment"]) for one in done] == [
        ("operator", "unack", ""),
        ("operator", "close", ""),
        ("operator", "ack", "looking into it"),
    ]


async def test_a_comment_needs_words_and_nothing_else(served: Served) -> None:
    for body, pointer in (
        (None, "#"),
        ({}, "#/comment"),
        ({"comment": " \n"}, "#/comment"),
        ({"comment": 1}, "#/comment"),
        ({"comment": "x" * 501}, "#/comment"),
        ({"comment": "x", "by": "me"}, "#/by"),
    ):
        answer = await served.ask(f"{ONE}/comment", "POST", body=b"" if body is None else body)
        assert answer.status == 400
        assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


async def test_events_are_to_the_letter_as_they_were_told(served: Served) -> None:
    listed = (await served.ask(f"{API}/events")).json["items"]
    assert len(listed) == 6
    assert listed[0]["data"]["alarm"]["name"] == "sinkFailing"
    assert listed[0]["data"]["device"] is None
    cleared = (await served.ask(f"{API}/events?type=alarm.cleared&device=sbc-1")).json["items"]
    assert [one["data"]["alarm"]["clear_description"] for one in cleared] == ["Trunk 3 is up"]
    of_one = (await served.ask(f"{API}/events?alarm=00000002-0000")).json["items"]
    assert [one["data"]["alarm"]["description"] for one in of_one] == [HOSTILE]


async def test_devices_tell_how_well_they_can_be_seen(served: Served) -> None:
    first, second = (await served.ask(f"{API}/devices")).json["items"]
    assert (first["name"], first["state"], first["active_alarms"]) == ("sbc-1", "followed", 2)
    assert (second["state"], second["blind"]) == ("unreachable", "unreachable")
    page = (await served.ask(f"{API}/devices?limit=1")).json
    assert [one["name"] for one in page["items"]] == ["sbc-1"]
    rest = (await served.ask(f"{API}/devices?limit=1&after={page['next']}")).json
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["sbc-2"], None)
    tagged = (await served.ask(f"{API}/devices?tag=site:ber")).json["items"]
    assert [one["name"] for one in tagged] == ["sbc-2"]
    story = (await served.ask(f"{API}/devices/sbc-2")).json
    assert story["active_by_severity"] == {"minor": 1}
    assert [one["reason"] for one in story["blind_spells"]["items"]] == ["timed out"]


async def test_what_died_is_told_once_more_when_somebody_asks(served: Served, clock: Clock) -> None:
    [dead] = (await served.ask(f"{API}/deliveries?state=dead&sink=incidents")).json["items"]
    assert (dead["device"], dead["reason"]) == ("sbc-1", "HTTP 400: no such thing")
    woken = clock.woken
    answer = await served.ask(f"{API}/deliveries/{dead['id']}/replay", "POST")
    assert (answer.status, answer.json["state"], clock.woken) == (200, "pending", woken + 1)
    again = await served.ask(f"{API}/deliveries/{dead['id']}/replay", "POST")
    assert (again.status, again.json["title"]) == (409, "Conflict")
    [done] = (await served.ask(f"{API}/actions")).json["items"]
    assert (done["action"], done["target"]) == ("delivery.replay", str(dead["id"]))


async def test_a_table_has_every_alarm_and_no_formula(served: Served) -> None:
    answer = await served.ask(f"{API}/alarms.csv?device=sbc-1")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alarms.csv"'
    rows = list(csv.DictReader(StringIO(answer.text, newline="")))
    assert [row["id"][7] for row in rows] == ["3", "2", "1"]
    assert rows[1]["description"] == safe_cell(HOSTILE)
    assert rows[1]["description"].startswith("'=cmd()")


async def test_lines_of_json_are_the_list(served: Served) -> None:
    answer = await served.ask(f"{API}/alarms.ndjson?min_severity=major")
    listed = (await served.ask(f"{API}/alarms?min_severity=major")).json["items"]
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert [json.loads(line) for line in answer.text.split("\n")[:-1]] == listed


async def test_nothing_is_exported_for_who_asks_for_the_head(served: Served) -> None:
    answer = await served.ask(f"{API}/alarms.csv", "HEAD")
    assert (answer.status, answer.text) == (200, "")


GONE = StoreError("the disk is gone")


@pytest.mark.parametrize(
    ("failure", "logged"),
    [
        (GONE, f"GET {API}/alarms.ndjson broke off: the disk is gone"),
        (RuntimeError("a bug"), f"GET {API}/alarms.ndjson failed; please report it"),
    ],
)
async def test_an_export_that_breaks_off_does_not_look_whole(
    start: Start,
    filled: Archive,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    logged: str,
) -> None:
    guard = guard_of()
    exports = Exports(Breaking(filled, failure), page=2)  # type: ignore[arg-type] - it is only read
    served = await start(guard, Api([exports], guard=guard))
    with pytest.raises(aiohttp.ClientPayloadError):
        await served.ask(f"{API}/alarms.ndjson")
    assert caplog.messages == [logged]


async def test_an_archive_that_fails_at_once_is_a_problem(start: Start, filled: Archive) -> None:
    guard, broken = guard_of(), Breaking(filled, GONE)
    broken.read()
    served = await start(guard, Api([Exports(broken)], guard=guard))  # type: ignore[arg-type]
    answer = await served.ask(f"{API}/alarms.ndjson")
    assert (answer.status, answer.json["detail"]) == (503, "the disk is gone")
