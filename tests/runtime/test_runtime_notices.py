"""Notices: what a sink is handed of a delivery, or of several at once."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from runtime_fakes import NOW

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Delivery, DeliveryState, Notice
from alarmbridge.core.event import KINDS, Event, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.severity import Severity
from alarmbridge.runtime.notices import Notices
from alarmbridge.sinks.templates import Templates, check_template

FACTS = DeviceFacts(name="sbc-1", url="https://192.0.2.1")
TRUNK = Alarm(
    id="a1", device="sbc-1", severity=Severity.MAJOR, description="Trunk is down", seen_at=NOW
)
LATER = NOW + timedelta(hours=1)


def owed(event: Event, *, note: str | None = None) -> Delivery:
    return Delivery(
        id=event.sequence,
        event_id=event.id,
        alarm_id=event.alarm.id,
        sink="chat",
        key=f"key of {event.alarm.id}",
        kind=KINDS[type(event)],
        body=build_body(event, FACTS),
        state=DeliveryState.PENDING,
        attempts=0,
        created_at=NOW,
        next_at=NOW,
        note=note,
        credential="canary",
    )


def raised(alarm: Alarm = TRUNK, *, sequence: int = 1, note: str | None = None) -> Delivery:
    return owed(tell_raised(alarm, sequence=sequence, now=NOW), note=note)


def make(delivery: Delivery, **templates: str) -> Notice:
    return Notices("chat", Templates(**templates)).make(delivery, sent_at=LATER)


def test_a_notice_has_the_standard_words_where_there_are_no_others() -> None:
    delivery = raised()
    notice = make(delivery)
    assert (notice.title, notice.text.splitlines()[0]) == (
        "MAJOR sbc-1: Trunk is down",
        "Trunk is down",
    )
    assert (notice.event_id, notice.key, notice.kind) == (delivery.event_id, "key of a1", "raised")
    assert (notice.body, notice.credential, notice.sent_at) == (delivery.body, "canary", LATER)
    assert notice.severity is Severity.MAJOR


def test_the_body_and_the_words_have_the_note_of_this_sink() -> None:
    notice = make(raised(note="it flaps"), body="{{ note }}!")
    assert '"note":"it flaps"' in notice.body
    assert (notice.title, notice.text) == ("MAJOR sbc-1: Trunk is down [flapping]", "it flaps!")


def test_a_template_says_it_in_its_own_words() -> None:
    notice = make(raised(), title="{{ severity }}: {{ alarm.description }}", body="{{ title }}")
    assert (notice.title, notice.text) == ("major: Trunk is down", "MAJOR sbc-1: Trunk is down")


# Passes every sample at start, and fails for the alarm that is told here.
FAILING = check_template("{{ 10 // (20 - alarm.description|length) }}")
AWKWARD = replace(TRUNK, description="twenty characters...")

COMPLAINT = "sink chat: a template failed, the standard words are used: "


def test_a_template_that_fails_costs_nobody_a_notice_and_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices("chat", Templates(title=FAILING))
    for _ in range(3):
        notice = notices.make(raised(AWKWARD), sent_at=NOW)
        assert notice.title == "MAJOR sbc-1: twenty characters..."
    assert caplog.record_tuples == [
        (
            "alarmbridge.runtime.notices",
            logging.WARNING,
            f"{COMPLAINT}integer division or modulo by zero",
        )
    ]
    assert notices.make(raised(), sent_at=NOW).title == "1"


def test_each_way_of_failing_is_told_of_but_not_without_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices("chat", Templates(title="{{ alarm[note] }}"))
    for number in (*range(150), *range(150)):
        notices.make(raised(note=f"{number}"), sent_at=NOW)
    assert len(caplog.records) == 100
    assert caplog.messages[7] == f"{COMPLAINT}'dict object' has no attribute '7'"


def test_of_one_delivery_a_digest_is_that_ones_own_notice() -> None:
    notices = Notices("chat", Templates(title="mine"))
    assert notices.gather([raised()], sent_at=NOW) == notices.make(raised(), sent_at=NOW)


def test_a_digest_gathers_and_ends_with_the_last_event() -> None:
    worse = replace(TRUNK, id="a2", severity=Severity.CRITICAL)
    batch = [raised(worse), raised(sequence=2, note="it flaps")]
    notice = Notices("chat", Templates(title="mine")).gather(batch, sent_at=LATER)
    assert (notice.kind, notice.title) == ("digest", "2 alarms, worst critical")
    assert notice.severity is Severity.CRITICAL
    assert (notice.event_id, notice.key) == (batch[1].event_id, "key of a1")
    assert '"note":"it flaps"' in notice.body
    assert notice.text.splitlines()[1].endswith("MAJOR sbc-1: Trunk is down [flapping]")


def test_a_digest_of_nothing_that_stands_is_no_bad_news() -> None:
    ended = [
        owed(tell_cleared(replace(TRUNK, id=name), sequence=3, now=NOW)) for name in ("a1", "a2")
    ]
    notice = Notices("chat", Templates()).gather(ended, sent_at=NOW)
    assert (notice.title, notice.severity) == ("2 alarms cleared", Severity.INDETERMINATE)
