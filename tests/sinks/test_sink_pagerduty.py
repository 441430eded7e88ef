import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from incidents.pagerduty import ROUTING_KEY, PagerDuty, receive_pagerduty
from pydantic import ValidationError
from sink_notices import changed, cleared, make_alarm, raised

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.pagerduty import Config, Sink

OTHER_KEY = "another0routing0key0of032letters"


@pytest.fixture
async def account() -> AsyncIterator[PagerDuty]:
    async with receive_pagerduty() as receiver:
        yield receiver


async def _deliver(account: PagerDuty, *notices: Notice, **keys: object) -> None:
    sink = Sink(Config.model_validate({"name": "oncall", **account.raw, **keys}))
    try:
        for notice in notices:
            assert await sink.deliver(notice) == "HTTP 202"
    finally:
        await sink.aclose()


async def test_a_trigger_says_what_where_and_how_bad(account: PagerDuty) -> None:
    notice = raised()
    await _deliver(account, notice)
    fields = account.incidents["alarm-1"].fields
    details = fields.pop("custom_details")
    assert fields == {
        "summary": "MAJOR sbc-ams-1: Trunk is down (Board#1)",
        "source": "sbc-ams-1",
        "severity": "error",
        "timestamp": "2026-11-23T21:04:05.250Z",
        "component": "Board#1",
        "group": "site=ams",
        "class": "acBoardEthernetLinkAlarm",
    }
    assert details["text"] == notice.text
    assert (details["event_id"], details["tag_site"]) == (notice.event_id, "ams")
    assert account.violations == []


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.CRITICAL, "critical"),
        (Severity.MAJOR, "error"),
        (Severity.MINOR, "warning"),
        (Severity.WARNING, "warning"),
        (Severity.INDETERMINATE, "warning"),
    ],
)
async def test_the_severity_is_said_in_pagerdutys_words(
    account: PagerDuty, severity: Severity, word: str
) -> None:
    await _deliver(account, raised(make_alarm(severity=severity)))
    assert account.incidents["alarm-1"].fields["severity"] == word


async def test_a_change_shows_its_severity_in_the_same_incident(account: PagerDuty) -> None:
    await _deliver(account, raised(), changed())
    incident = account.incidents["alarm-1"]
    assert (incident.count, incident.fields["severity"]) == (2, "critical")
    assert account.violations == []


async def test_what_was_opened_by_a_key_is_changed_and_closed_by_it(account: PagerDuty) -> None:
    account.routing_keys.add(OTHER_KEY)
    opened = [replace(notice, credential=ROUTING_KEY) for notice in (changed(), cleared())]
    await _deliver(account, raised())
    await _deliver(account, *opened, routing_key=OTHER_KEY)
    assert (account.incidents, account.closed, account.violations) == ({}, {"alarm-1"}, [])


async def test_a_clear_by_another_key_would_be_dropped(account: PagerDuty) -> None:
    account.routing_keys.add(OTHER_KEY)
    await _deliver(account, raised())
    await _deliver(account, cleared(), routing_key=OTHER_KEY)
    assert account.incidents.keys() == {"alarm-1"}
    assert account.violations == ["alarm-1 is resolved by another routing key: dropped"]


def test_the_credential_is_the_routing_key() -> None:
    sink = Sink(Config.model_validate({"name": "oncall", "routing_key": ROUTING_KEY}))
    assert sink.credential == ROUTING_KEY


async def test_a_routing_key_that_pagerduty_does_not_know_is_a_refusal_for_good(
    account: PagerDuty,
) -> None:
    account.routing_keys.clear()
    with pytest.raises(SinkError, match="400 Bad Request") as caught:
        await _deliver(account, raised())
    assert caught.value.permanent


async def test_an_event_stays_within_half_a_megabyte_whatever_it_holds(
    account: PagerDuty,
) -> None:
    hostile = "\x00\u2028\U0001f600" * 40_000
    alarm = make_alarm(description=hostile)
    notice = replace(raised(replace(alarm, source=hostile)), text="\x01" * 100_000)
    await _deliver(account, notice)
    assert account.violations == []
    assert len(json.dumps(account.incidents["alarm-1"].fields)) > 100_000


@pytest.mark.parametrize(
    "keys",
    [
        {"routing_key": ""},
        {"routing_key": "canary canary"},
        {"routing_key": "canary\n"},
        {"url": "events.pagerduty.com/canary"},
        {"url": "ftp://canary"},
        {"title": "{{ canary"},
        {"surprise": "canary"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_unseen(keys: dict[str, object]) -> None:
    raw = {"name": "oncall", "type": "pagerduty", "routing_key": ROUTING_KEY, **keys}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(raw)
    for said in caught.value.errors(include_input=False, include_url=False):
        assert "canary" not in said["msg"]


def test_a_key_that_pagerduty_cannot_have_given_out_is_warned_of() -> None:
    config = Config.model_validate({"name": "oncall", "routing_key": ROUTING_KEY})
    assert config.warnings() == []
    (warning,) = Config.model_validate({"name": "oncall", "routing_key": "canary"}).warnings()
    assert "32 letters and digits" in warning
    assert "canary" not in warning


def test_pagerduty_itself_is_where_it_goes_if_nothing_else_is_said() -> None:
    config = Config.model_validate({"name": "oncall", "routing_key": ROUTING_KEY})
    assert config.url.get_secret_value() == "https://events.pagerduty.com"
