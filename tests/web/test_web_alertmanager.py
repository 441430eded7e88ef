"""Alertmanager's API: asked by hand, and by amtool."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from receivers import need_program
from site_cases import HOUR, NOW, TOKENS, Clock, alarm_of, make_site, tell
from web_cases import Answer, Breaking, Serve, Served

from alarmbridge.core.errors import StoreError
from alarmbridge.core.filters import Match
from alarmbridge.core.labels import STANDING_LABELS, build_labels
from alarmbridge.core.severity import Severity
from alarmbridge.recurrence import Calendar
from alarmbridge.store.archive import Archive
from alarmbridge.store.page import MOST
from alarmbridge.store.silences import add_silence
from alarmbridge.web.alertmanager.alert_lists import AlertLists, AlertQuestion
from alarmbridge.web.alertmanager.alerts import alert_of
from alarmbridge.web.alertmanager.matchers import (
    BadMatcher,
    Matcher,
    fit_all,
    parse_matcher,
    read_matcher,
)
from alarmbridge.web.alertmanager.translation import match_of, matchers_of

API = "/api/v2"
KNOWN = STANDING_LABELS | {"site", "site_name"}


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, on this machine alone."""
    return await serve(make_site(filled, clock))


def silence(*matchers: dict[str, Any], **other: object) -> dict[str, object]:
    """Make a `postableSilence`, as amtool does."""
    return {
        "matchers": list(matchers),
        "startsAt": "2026-11-23T21:04:05.123456789Z",
        "endsAt": "2026-11-23T23:04:05.123456789Z",
        "createdBy": "ada",
        "comment": "upgrade",
    } | other


def matcher(name: str, value: str, **other: bool | None) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": False, "isEqual": True} | other


async def names(served: Served, query: str = "") -> list[str]:
    """Number the alerts that fit."""
    answer = await served.ask(f"{API}/alerts?{query}")
    assert answer.status == 200, answer
    return [one["labels"]["alarm_id"][7] for one in answer.json]


async def test_each_active_alarm_is_an_alert_with_all_that_tools_need(served: Served) -> None:
    answer = await served.ask(f"{API}/alerts")
    one = answer.json[-1]
    assert one["labels"] == {
        **build_labels(alarm_of(1), {"site": "ams"}),
        "severity": "major",
        "origin": "device",
    }
    assert one.keys() == {
        "labels", "annotations", "startsAt", "updatedAt", "endsAt", "fingerprint", "receivers",
        "status", "generatorURL",
    }  # fmt: skip
    assert one["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
    assert one["generatorURL"] == f"http://127.0.0.1:{served.port}/alarms/00000001-0000"
    assert one["annotations"]["summary"] == "sbc-1: Trunk 1 is down"
    assert one["receivers"] == (await served.ask(f"{API}/receivers")).json
    status = (await served.ask(f"{API}/status")).json
    assert status.keys() == {"cluster", "versionInfo", "config", "uptime"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["5", "4", "2", "1"]),
        ("filter=severity%3D%22critical%22", ["2"]),
        ("filter=severity%3D~%22critical%7Cminor%22", ["4", "2"]),
        ("filter=device%21%3D%22sbc-1%22", ["5", "4"]),
        ("filter=device%21~%22sbc-.%22", ["5"]),
        ("filter=site%3D%22ams%22&filter=severity%3Dmajor", ["1"]),
        ("filter=device%3D~%22sbc%22", []),
        ("active=false", []),
        ("receiver=alarm.*", ["5", "4", "2", "1"]),
        ("receiver=alarm", []),
    ],
)
async def test_alerts_are_those_that_fit(served: Served, query: str, found: list[str]) -> None:
    assert await names(served, query) == found


@pytest.mark.parametrize(
    "query", ["filter=severity", "filter=device%3D~%22%5B%22", "active=maybe", "filter=a%3D%22b"]
)
async def test_what_cannot_be_read_is_told_as_an_alertmanager_does(
    served: Served, query: str
) -> None:
    answer = await served.ask(f"{API}/alerts?{query}")
    assert answer.status == 400
    assert isinstance(answer.json, str)


async def test_alerts_are_grouped_by_device(served: Served) -> None:
    groups = (await served.ask(f"{API}/alerts/groups")).json
    assert [(one["labels"].get("device"), len(one["alerts"])) for one in groups] == [
        (None, 1),
        ("sbc-1", 2),
        ("sbc-2", 1),
    ]
    assert groups[0]["receiver"] == {"name": "alarmbridge"}


def asking(*filters: str) -> AlertQuestion:
    """Ask for all alerts that fit."""
    matchers = [parse_matcher(text) for text in filters]
    return AlertQuestion(matchers=matchers, active=True, silenced=True, ours=True, pages="/alarms/")


@pytest.mark.parametrize(
    ("wanted", "sizes"),
    [
        (asking(), [2, 2, 0]),
        (asking("severity=minor"), [1, 0]),
        (asking("severity=warning"), [0]),
        (replace(asking(), ours=False), [0]),
    ],
)
async def test_alerts_are_written_a_page_at_a_time(
    filled: Archive, clock: Clock, wanted: AlertQuestion, sizes: list[int]
) -> None:
    lists = AlertLists(archive=filled, calendar=Calendar(), now=clock.now, page=2)
    pieces = [piece async for piece in lists.write(wanted)]
    assert [piece.count('"fingerprint"') for piece in pieces] == sizes
    assert len(json.loads("".join(pieces))) == sum(sizes)


async def test_groups_are_written_some_devices_at_a_time(filled: Archive, clock: Clock) -> None:
    lists = AlertLists(archive=filled, calendar=Calendar(), now=clock.now, page=1, devices=2)
    pieces = [piece async for piece in lists.write_groups(asking())]
    assert [piece.count('"receiver"') for piece in pieces] == [2, 1, 0]
    assert [len(one["alerts"]) for one in json.loads("".join(pieces))] == [1, 2, 1]


async def test_a_list_of_alerts_that_breaks_off_does_not_look_whole(
    serve: Serve, filled: Archive, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await tell(filled, clock, *(alarm_of(number) for number in range(10, 300)))
    gone = StoreError("the disk is gone")
    # Its first look is for devices and silences, and its second for a page of alarms.
    broken = Breaking(filled, gone, looks=2)
    served = await serve(make_site(broken, clock))  # type: ignore[arg-type] - it is only read
    with pytest.raises(aiohttp.ClientPayloadError):
        await served.ask(f"{API}/alerts")
    assert caplog.messages == [f"GET {API}/alerts broke off: the disk is gone"]


async def test_a_silence_made_by_a_tool_is_one_of_ours(served: Served, clock: Clock) -> None:
    body = silence(
        matcher("device", "sbc-1|gw-.*", isRegex=True),
        matcher("severity", "^(major|critical)$", isRegex=True),
        matcher("site", "ams"),
    )
    made = await served.ask(f"{API}/silences", "POST", body=body)
    assert (made.status, made.json) == (200, {"silenceID": "2"})
    ours = (await served.ask("/api/v1/silences/2")).json
    assert ours["match"] == {
        "labels": {
            "device": ["sbc-1", "gw-*"],
            "severity": ["major", "critical"],
            "site": ["ams"],
        }
    }
    assert (ours["author"], ours["ends_at"]) == ("ada", "2026-11-23T23:04:05.123Z")
    theirs = (await served.ask(f"{API}/silence/2")).json
    assert theirs["status"] == {"state": "pending"}
    clock.at = NOW + HOUR
    assert await names(served, "active=false") == ["2", "1"]
    woken = clock.woken
    assert (await served.ask(f"{API}/silence/2", "DELETE")).status == 200
    assert (await names(served), clock.woken) == (["5", "4", "2", "1"], woken + 1)
    assert (await served.ask(f"{API}/silence/2")).json["status"] == {"state": "expired"}


async def test_no_silence_that_stands_is_hidden(
    served: Served, archive: Archive, clock: Clock
) -> None:
    when = {"starts_at": NOW, "now": NOW}
    async with archive.begin() as tx:
        for number in range(MOST + 5):
            ends_at = NOW + (1 + number // MOST) * HOUR
            await add_silence(tx, match=Match(), ends_at=ends_at, **when)  # type: ignore[arg-type] - datetimes all
    listed = (await served.ask(f"{API}/silences")).json
    assert [one["id"] for one in listed] == [str(number) for number in range(MOST + 6, 0, -1)]

    clock.at = NOW + HOUR
    listed = (await served.ask(f"{API}/silences")).json
    states = Counter(one["status"]["state"] for one in listed)
    assert states == {"active": 6, "expired": MOST}
    clock.at = NOW + 7 * 24 * HOUR
    assert (await served.ask(f"{API}/silences")).json == []


async def test_a_silence_that_takes_the_place_of_another_ends_it(
    served: Served, clock: Clock
) -> None:
    woken = clock.woken
    first = await served.ask(f"{API}/silences", "POST", body=silence(matcher("device", "sbc-1")))
    body = silence(matcher("device", "sbc-2"), id=first.json["silenceID"])
    second = await served.ask(f"{API}/silences", "POST", body=body)
    assert (second.json, clock.woken) == ({"silenceID": "3"}, woken + 1)
    unheard = await served.ask(f"{API}/silences", "POST", body=body | {"id": "77"})
    assert (unheard.status, isinstance(unheard.json, str)) == (404, True)
    listed = (await served.ask(f"{API}/silences?filter=device%3D%22sbc-1%22")).json
    assert [(one["id"], one["status"]["state"]) for one in listed] == [("2", "expired")]


@pytest.mark.parametrize(
    "body",
    [
        silence(),
        silence(matcher("device", "x", isEqual=False)),
        silence(matcher("device", "a+", isRegex=True)),
        silence(matcher("device", "(?i)a", isRegex=True)),
        silence(matcher("device", "a|", isRegex=True), matcher("site", "x")),
        silence(matcher("device", "")),
        silence(matcher("device", "a"), matcher("device", "b")),
        silence(matcher("device", "\ud800")),
        silence(matcher("nobody", "x")),
        silence(matcher("device", "x"), endsAt="2020-01-01T00:00:00Z"),
        silence(matcher("device", "x"), endsAt="soon"),
        silence(matcher("device", "x"), startsAt=None),
        silence({"name": "device"}),
        silence({"name": "device", "value": "x", "isRegex": "yes"}),
        silence(matcher("device", "x"), id=7),
    ],
)
async def test_a_silence_that_would_say_something_else_is_refused(
    served: Served, body: dict[str, object]
) -> None:
    answer = await served.ask(f"{API}/silences", "POST", body=body)
    assert (answer.status, isinstance(answer.json, str)) == (400, True)
    assert len((await served.ask(f"{API}/silences")).json) == 1


async def test_a_time_without_an_offset_is_utc_as_nagstamon_writes_it(served: Served) -> None:
    body = silence(
        matcher("device", "sbc-1", isEqual=None),
        startsAt="2026-11-23T21:04:05.936940",
        endsAt="2026-11-23 23:04:05",
    )
    made = await served.ask(f"{API}/silences", "POST", body=body)
    assert made.status == 200
    shown = (await served.ask(f"{API}/silence/{made.json['silenceID']}")).json
    assert shown["endsAt"] == "2026-11-23T23:04:05.000Z"
    assert shown["matchers"][0]["isEqual"] is True


async def test_who_asks_cannot_pass_for_somebody_else(
    serve: Serve, filled: Archive, clock: Clock
) -> None:
    served = await serve(make_site(filled, clock, tokens=TOKENS))

    async def post(role: str) -> Answer:
        body = silence(matcher("device", "sbc-1"))
        known = {"Authorization": f"Bearer canary-{role}"}
        return await served.ask(f"{API}/silences", "POST", body=body, **known)

    assert (await post("viewer")).status == 403
    assert (await post("operator")).status == 200
    known = {"Authorization": "Bearer canary-admin"}
    [made, _] = (await served.ask("/api/v1/silences", **known)).json["items"]
    assert made["author"] == "ada (by operator)"
    [done] = (await served.ask("/api/v1/actions", **known)).json["items"]
    assert (done["who"], done["action"]) == ("operator", "silence.add")


async def amtool(served: Served, *words: str) -> str:
    """Ask by amtool; return what it printed."""
    program = need_program("amtool", "prometheus-alertmanager")
    run = await asyncio.create_subprocess_exec(
        program,
        f"--alertmanager.url=http://127.0.0.1:{served.port}",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaint = await run.communicate()
    assert run.returncode == 0, complaint.decode()
    return told.decode()


async def test_amtool_works_as_with_an_alertmanager(
    serve: Serve, filled: Archive, clock: Clock
) -> None:
    served = await serve(make_site(filled, clock))
    found = json.loads(await amtool(served, "alert", "query", "device=sbc-2", "-o", "json"))
    assert [one["annotations"]["description"] for one in found] == ["Trunk 4 is down"]
    number = await amtool(
        served, "silence", "add", "-a", "ada", "-c", "upgrade", "-d", "87600h", "device=~sbc-.*"
    )
    clock.at = NOW + 24 * 3650 * HOUR
    shown = json.loads(await amtool(served, "silence", "query", "-o", "json"))
    assert [(one["id"], one["createdBy"]) for one in shown] == [(number.strip(), "ada")]
    assert "sbc-" not in await amtool(served, "alert", "query")
    assert "Trunk 4" in await amtool(served, "alert", "query", "--silenced")
    await amtool(served, "silence", "expire", number.strip())
    assert "Trunk 4" in await amtool(served, "alert", "query")
    assert "disabled" in await amtool(served, "cluster", "show")
    assert "alarmbridge" in await amtool(served, "config", "show")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('device="a b"', "device", "a b"),
        ("device=a", "device", "a"),
        (' device = "a\\"\\n" ', "device", 'a"\n'),
        ('"odd name"="x"', "odd name", "x"),
        ("device=", "device", ""),
        (r'device="sbc\-\d"', "device", r"sbc\-\d"),
        (r"device=a\\b\d", "device", r"a\b\d"),
        (r'device="\\d\u0041"', "device", r"\d\u0041"),
        ("device=a\\", "device", "a\\"),
    ],
)
def test_a_matcher_is_read_as_alertmanager_reads_it(text: str, name: str, value: str) -> None:
    assert parse_matcher(text) == Matcher(name=name, value=value)


@pytest.mark.parametrize(
    "text",
    ["", "=", '="x"', "device", 'device="a', 'device=a"', 'device=a"b', "a=~(", "x" * 5000 + "=1"],
)
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(BadMatcher):
        parse_matcher(text)


def test_a_pattern_cannot_hang_anybody() -> None:
    evil = read_matcher(matcher("device", "(a+)+$", isRegex=True))
    assert not evil.fits({"device": "a" * 5000 + "!"})


GLOBS = st.lists(st.sampled_from(["sbc-1", "sbc-*", "gw-?", "[*]x", "a.b", "?*"]), min_size=1)
VALUES = st.sampled_from(["sbc-1", "sbc-22", "gw-1", "*x", "a.b", "axb", "", "sbc"])


@given(GLOBS, VALUES, st.sampled_from(Severity), st.sampled_from([None, *Severity]))
def test_a_match_and_its_matchers_mean_the_same_alarms(
    globs: list[str], value: str, severity: Severity, least: Severity | None
) -> None:
    match = Match(
        devices=tuple(globs),
        min_severity=least,
        tags={"site-name": ("a*",)},
        not_labels={"source": ("Board#2", "x*")},
    )
    matchers = matchers_of(match)
    for tag in ("ams", "ber"):
        alarm = replace(alarm_of(1), device=value, severity=severity)
        alert = alert_of(alarm, {"site-name": tag}, ())
        assert fit_all(matchers, alert.labels) is match.fits(alarm, {"site-name": tag})


MATCHERS = st.lists(
    st.builds(
        Matcher,
        name=st.sampled_from(["device", "severity", "site_name", "source"]),
        value=st.sampled_from(
            ["", "sbc-1", "major", "a.*", "sbc-(1|2\\d)", "[a-m]ms", "b.+|[^b]ms", "Board#1", "^a$"]
        ),
        is_regex=st.booleans(),
        is_equal=st.booleans(),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.name,
)


@given(MATCHERS, st.sampled_from(["sbc-1", "sbc-22", ""]), st.sampled_from(["ams", "ber", "a", ""]))
def test_a_silence_silences_what_was_asked_for_and_nothing_else(
    matchers: list[Matcher], device: str, tag: str
) -> None:
    assume(not fit_all(matchers, {}) and all(one.value or not one.is_regex for one in matchers))
    alarm = replace(alarm_of(1), device=device)
    match, alert = match_of(matchers, known=KNOWN), alert_of(alarm, {"site-name": tag}, ())
    assert match.fits(alarm, {"site-name": tag}) is fit_all(matchers, alert.labels)
    again = match_of(matchers_of(match), known=KNOWN)
    assert again.fits(alarm, {"site-name": tag}) is match.fits(alarm, {"site-name": tag})


async def test_an_alert_is_silenced_by_all_its_labels_as_tools_do(served: Served) -> None:
    alerts = (await served.ask(f"{API}/alerts")).json
    for one in alerts:
        labels = [matcher(name, value) for name, value in one["labels"].items()]
        starts = {"startsAt": "2026-11-23T21:04:05Z"}
        made = await served.ask(f"{API}/silences", "POST", body=silence(*labels, **starts))
        assert made.status == 200, made.text
        silenced = (await served.ask(f"{API}/alerts?active=false")).json
        assert [found["labels"]["alarm_id"] for found in silenced] == [one["labels"]["alarm_id"]]
        await served.ask(f"{API}/silence/{made.json['silenceID']}", "DELETE")
