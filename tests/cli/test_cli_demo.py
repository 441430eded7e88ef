"""The demo's receiver: one line for each event, and each event once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from io import StringIO

import pytest
from aiohttp import ClientSession
from cli_cases import HOSTILE, NOW, alarm_of
from rich.console import Console

from alarmbridge.core.alarm import ClearReason, State
from alarmbridge.core.event import Event, tell_changed, tell_cleared, tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.severity import Severity
from alarmbridge.demo import _Receiver
from alarmbridge.simulator.farm import Farm

Tell = Callable[..., Awaitable[str]]


@pytest.fixture
async def tell() -> AsyncIterator[Tell]:
    """Post events to a demo's receiver; get what it has printed, and its sum."""
    output = StringIO()
    receiver = _Receiver(Console(file=output, highlight=False, width=80))
    async with AsyncExitStack() as stack:
        url = await receiver.start(stack)
        session = await stack.enter_async_context(ClientSession())

        async def tell(*events: Event, device: str | None = "sim-1") -> str:
            facts = DeviceFacts(name=device, url="http://127.0.0.1") if device else None
            for event in events:
                async with session.post(url, data=build_body(event, facts)) as answer:
                    assert answer.status == 204
            receiver.sum_up(Farm(2))
            return output.getvalue()

        yield tell


async def test_each_kind_of_event_has_its_line(tell: Tell) -> None:
    alarm = alarm_of(1, source=None)
    worse = replace(alarm, severity=Severity.CRITICAL)
    closed = replace(worse, state=State.CLEARED, clear_reason=ClearReason.DEVICE)
    shown = await tell(
        tell_raised(alarm, sequence=1, now=NOW),
        tell_changed(worse, previous_severity=alarm.severity, sequence=2, now=NOW),
        tell_cleared(closed, sequence=3, now=NOW),
        tell_cleared(replace(closed, id="2", clear_description="It is up"), sequence=4, now=NOW),
    )
    assert shown.splitlines() == [
        "21:04:05  ▲ raised   major         sim-1    -: Trunk 1 is down",
        "21:04:05  ◆ changed  critical      sim-1    -: Trunk 1 is down",
        "21:04:05  ✓ cleared  critical      sim-1    -: Trunk 1 is down",
        "21:04:05  ✓ cleared  critical      sim-1    -: It is up",
        "",
        "Told: 1 changed, 2 cleared, 1 raised. Active on the devices now: 0.",
    ]


async def test_a_repeat_is_shown_once(tell: Tell) -> None:
    raised = tell_raised(alarm_of(1), sequence=1, now=NOW)
    shown = await tell(raised, raised)
    assert (shown.count("▲"), "Told: 1 raised." in shown) == (1, True)


async def test_an_alarm_about_no_device_is_the_bridges(tell: Tell) -> None:
    shown = await tell(tell_raised(alarm_of(1, ""), sequence=1, now=NOW), device=None)
    assert "major         alarmbridge Board#1: Trunk 1 is down\n" in shown


async def test_hostile_text_stays_on_its_line(tell: Tell) -> None:
    shown = await tell(tell_raised(alarm_of(1, description=HOSTILE), sequence=1, now=NOW))
    assert r"down\r\nforged line \x1b[31mred\x1b[0m [red]markup[/red]" in shown
    assert all(line.isprintable() for line in shown.splitlines())
