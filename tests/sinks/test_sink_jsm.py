from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from aiohttp import web
from incidents.jsm import API_KEY, BASE, Jsm, receive_jsm
from pydantic import ValidationError
from sink_notices import DEVICE, changed, cleared, make_alarm, raised

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.jsm import Config, Sink


@pytest.fixture
async def site() -> AsyncIterator[Jsm]:
    async with receive_jsm() as receiver:
        yield receiver


async def _deliver(site: Jsm, *notices: Notice, **keys: object) -> list[str]:
    sink = Sink(Config.model_validate({"name": "jsm", **site.raw, **keys}))
    try:
        return [await sink.deliver(notice) for notice in notices]
    finally:
        await sink.aclose()


def _asked(site: Jsm) -> list[tuple[str, str]]:
    """What was asked for, without what stands before and after it in the target."""
    alert = f"{BASE}/v2/alerts"
    return [
        (method, target.removeprefix(alert).removesuffix("?identifierType=alias"))
        for method, target, _ in site.requests
    ]


async def test_an_alert_says_what_where_and_how_bad(site: Jsm) -> None:
    notice = raised()
    assert await _deliver(site, notice, tags=["voice"]) == ["HTTP 202"]
    fields = site.incidents["alarm-1"].fields
    details = fields.pop("details")
    assert fields == {
        "alias": "alarm-1",
        "priority": "P2",
        "message": "MAJOR sbc-ams-1: Trunk is down (Board#1)",
        "description": notice.text,
        "tags": ["voice", "site=ams"],
        "entity": "sbc-ams-1",
        "source": "alarmbridge",
    }
    assert (details["event_id"], details["source"]) == (notice.event_id, "Board#1")
    assert site.violations == []


@pytest.mark.parametrize(
    ("severity", "priority"), [*zip(Severity, ["P1", "P2", "P3", "P4", "P5"], strict=True)]
)
async def test_the_worst_severity_is_the_first_priority(
    site: Jsm, severity: Severity, priority: str
) -> None:
    await _deliver(site, raised(make_alarm(severity=severity)))
    assert site.incidents["alarm-1"].fields["priority"] == priority


async def test_a_change_is_shown_in_the_alert_that_is_open(site: Jsm) -> None:
    notice = changed()
    await _deliver(site, raised(), notice)
    incident = site.incidents["alarm-1"]
    shown = {key: incident.fields[key] for key in ("priority", "message", "description")}
    assert shown == {"priority": "P1", "message": notice.title, "description": notice.text}
    assert (incident.count, incident.notes, site.violations) == (2, [], [])


async def test_a_change_that_failed_half_way_is_told_whole_again(site: Jsm) -> None:
    await _deliver(site, raised())
    take, left = site.take, 2

    async def give_out(request: web.BaseRequest) -> web.Response:
        nonlocal left
        left -= 1
        return await take(request) if left >= 0 else web.Response(status=503)

    site.take = give_out  # type: ignore[method-assign] - a far end that gives out in the middle
    with pytest.raises(SinkError, match="503"):
        await _deliver(site, changed())
    assert site.incidents["alarm-1"].fields["message"].startswith("MAJOR")
    left = 4
    await _deliver(site, changed())
    assert site.incidents["alarm-1"].fields["message"].startswith("CRITICAL")
    assert site.violations == []


async def test_where_an_alert_cannot_be_put_anew_a_note_says_what_changed(site: Jsm) -> None:
    site.updates = False
    notice = changed()
    await _deliver(site, raised(), notice)
    assert site.incidents["alarm-1"].notes == [f"{notice.title}\n{notice.text}"]
    assert _asked(site) == [
        ("POST", ""),
        ("POST", ""),
        ("PUT", "/alarm-1/priority"),
        ("POST", "/alarm-1/notes"),
    ]


async def test_the_alias_is_encoded_in_the_address(site: Jsm) -> None:
    key = "sbc/1?x=%2F#ä"
    opened, closed = replace(raised(), key=key), replace(cleared(), key=key)
    await _deliver(site, opened, closed)
    assert (site.incidents, site.violations) == ({}, [])
    assert _asked(site)[-1] == ("POST", f"/{quote(key, safe='')}/close")


async def test_a_close_says_in_its_note_how_it_ended(site: Jsm) -> None:
    notice = cleared(make_alarm(clear_description="Trunk is up"))
    await _deliver(site, raised(), notice)
    assert "Cleared: Trunk is up" in site.heard[-1].text


@pytest.mark.parametrize("status", [404, 405])
async def test_an_alert_that_is_not_there_needs_no_closing(site: Jsm, status: int) -> None:
    site.knows_by_404 = status == 404
    if status == 405:
        site.take = _only_create(site, status)  # type: ignore[method-assign] - see below
    assert await _deliver(site, cleared()) == [f"HTTP {status}, nothing to close"]
    assert _asked(site) == [("POST", "/alarm-1/close"), ("POST", "")]
    assert site.incidents == {}


async def test_an_alert_that_may_yet_be_made_is_closed_later(site: Jsm) -> None:
    site.knows_by_404 = True
    sink = Sink(Config.model_validate({"name": "jsm", **site.raw}))
    try:
        await sink.deliver(raised())
        made = dict(site.incidents)
        site.incidents.clear()
        with pytest.raises(SinkError, match="has not made the alert yet") as caught:
            await sink.deliver(cleared())
        assert not caught.value.permanent
        site.incidents.update(made)
        assert await sink.deliver(cleared()) == "HTTP 202"
        assert site.incidents == {}
        assert await sink.deliver(cleared()) == "HTTP 404, nothing to close"
    finally:
        await sink.aclose()


async def test_an_alert_that_was_never_made_is_not_waited_for_long(site: Jsm) -> None:
    site.knows_by_404 = True
    sink = Sink(Config.model_validate({"name": "jsm", **site.raw}))
    try:
        await sink.deliver(raised())
        site.incidents.clear()
        notice = cleared()
        late = replace(notice, sent_at=notice.sent_at + timedelta(seconds=31))
        assert await sink.deliver(late) == "HTTP 404, nothing to close"
    finally:
        await sink.aclose()


def _only_create(site: Jsm, status: int) -> object:
    """Answer as a far end does that takes nothing but new alerts."""
    take = site.take

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=status) if "close" in request.path else await take(request)

    return answer


async def test_a_wrong_url_does_not_pass_for_an_alert_that_is_not_there(site: Jsm) -> None:
    url = f"{site.raw['url']}/elsewhere"
    with pytest.raises(SinkError, match="404 Not Found; check the url") as caught:
        await _deliver(site, cleared(), url=url)
    assert not caught.value.permanent


async def test_a_clear_while_the_url_cannot_be_proven_is_tried_again(site: Jsm) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=404 if "close" in request.path else 503)

    site.take = answer  # type: ignore[method-assign] - a far end in trouble
    with pytest.raises(SinkError, match="503") as caught:
        await _deliver(site, cleared())
    assert not caught.value.permanent


async def test_a_key_that_is_refused_is_worth_another_try(site: Jsm) -> None:
    with pytest.raises(SinkError, match="401 Unauthorized; check the credentials") as caught:
        await _deliver(site, raised(), api_key="another")
    assert not caught.value.permanent


async def test_of_many_tags_the_first_twenty_are_kept_and_none_is_too_long(site: Jsm) -> None:
    tags = {f"key-{number:02}": "😀" * 100 for number in range(30)}
    await _deliver(site, raised(device=replace(DEVICE, tags=tags)), tags=["voice", "voice"])
    kept = site.incidents["alarm-1"].fields["tags"]
    assert (len(kept), kept[0], kept[1][:7], site.violations) == (20, "voice", "key-00=", [])


@pytest.mark.parametrize(
    "keys",
    [
        {"api_key": ""},
        {"api_key": "canary key"},
        {"api_key": "canary\r\nx: y"},
        {"api_key": "canärykey"},
        {"url": "api.opsgenie.com/canary"},
        {"url": "https://canary:canary@api.opsgenie.com"},
        {"tags": ["canary" * 10]},
        {"tags": ["canary"] * 21},
        {"surprise": "canary"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_unseen(keys: dict[str, object]) -> None:
    raw = {"name": "jsm", "type": "jsm", "api_key": API_KEY, **keys}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(raw)
    for said in caught.value.errors(include_input=False, include_url=False):
        assert "canary" not in said["msg"]


def test_jsm_itself_is_where_it_goes_and_opsgenies_end_is_told() -> None:
    config = Config.model_validate({"name": "jsm", "api_key": API_KEY})
    assert config.url.get_secret_value() == "https://api.atlassian.com/jsm/ops/integration"
    assert config.warnings() == []
    raw = {"name": "jsm", "api_key": API_KEY, "url": "https://api.eu.opsgenie.com"}
    (warning,) = Config.model_validate(raw).warnings()
    assert "ends on 2027-04-05" in warning
