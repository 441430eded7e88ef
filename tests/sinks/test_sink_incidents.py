"""What the incident sinks have in common: one incident per alarm, opened, kept true, closed."""

import asyncio
from dataclasses import replace

import pytest
from hostile_texts import hostile_lives, hostile_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from incidents.desk import Desk
from sink_notices import changed, cleared, make_alarm, raised
from sink_receivers import RECEIVERS

from alarmbridge.core.delivery import Notice
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.base import Sink
from alarmbridge.sinks.registry import load_type

INCIDENT_SINKS = ["jsm", "pagerduty", "servicenow"]
every_incident_sink = pytest.mark.parametrize("sink_type", INCIDENT_SINKS)


@every_incident_sink
async def test_a_raise_opens_an_incident_and_its_clear_closes_it(
    sink: Sink, receiver: Desk
) -> None:
    await sink.deliver(raised(make_alarm(number=1)))
    await sink.deliver(raised(make_alarm(number=2)))
    assert receiver.incidents.keys() == {"alarm-1", "alarm-2"}
    await sink.deliver(cleared(make_alarm(number=1)))
    assert receiver.incidents.keys() == {"alarm-2"}


@every_incident_sink
async def test_the_key_is_the_one_that_the_raise_was_stored_with(
    sink: Sink, receiver: Desk
) -> None:
    key = "sbc-ams-1/Board#1?ä 100% …"
    for notice in (raised(), changed(), cleared()):
        await sink.deliver(replace(notice, key=key))
    assert (receiver.incidents, receiver.closed) == ({}, {key})


@every_incident_sink
async def test_a_repeat_opens_and_closes_nothing_a_second_time(sink: Sink, receiver: Desk) -> None:
    for notice in (raised(), raised(), cleared(), cleared()):
        await sink.deliver(notice)
    assert (receiver.incidents, receiver.closed) == ({}, {"alarm-1"})


@every_incident_sink
async def test_a_change_whose_raise_was_never_told_opens_the_incident(
    sink: Sink, receiver: Desk
) -> None:
    await sink.deliver(changed())
    assert receiver.incidents.keys() == {"alarm-1"}


@every_incident_sink
async def test_an_alarm_of_no_device_is_an_incident_too(sink: Sink, receiver: Desk) -> None:
    await sink.deliver(raised(device=None))
    assert receiver.incidents.keys() == {"alarm-1"}


@every_incident_sink
@settings(deadline=None, max_examples=20)
@given(life=hostile_lives(), title=hostile_texts, text=hostile_texts)
def test_whatever_a_device_says_the_contract_is_kept(
    sink_type: str, life: list[Notice], title: str, text: str
) -> None:
    # Also in a user's own words, which may hold a device's text as it came.
    worded = replace(life[1], title=" ".join(title.split()) or "title", text=text or "text")
    receiver = asyncio.run(_tell(sink_type, [life[0], life[1], worded, life[2]]))
    assert receiver.violations == []
    assert [heard.kind for heard in receiver.heard] == ["raised", "changed", "changed", "cleared"]
    assert (receiver.incidents, receiver.closed) == ({}, {"alarm-1"})


@every_incident_sink
@settings(deadline=None, max_examples=10)
@given(severity=st.sampled_from(Severity))
def test_every_severity_has_a_word_there(sink_type: str, severity: Severity) -> None:
    receiver = asyncio.run(_tell(sink_type, [raised(make_alarm(severity=severity))]))
    assert (len(receiver.incidents), receiver.violations) == (1, [])


async def _tell(sink_type: str, notices: list[Notice]) -> Desk:
    kind = load_type(sink_type)
    async with RECEIVERS[sink_type]() as receiver:
        assert isinstance(receiver, Desk)
        sink = kind.make(kind.config.model_validate({"name": "there", **receiver.raw}))
        try:
            for notice in notices:
                await sink.deliver(notice)
        finally:
            await sink.aclose()
    return receiver
