import logging

import pytest
from sink_notices import cleared, make_alarm, raised
from sink_receivers import receive_log

from alarmbridge.core.delivery import Notice
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.log import Config, Sink


async def _line(notice: Notice, caplog: pytest.LogCaptureFixture) -> tuple[int, str]:
    await Sink(Config(name="log")).deliver(notice)
    _, level, line = caplog.record_tuples[-1]
    return level, line


async def test_a_raise_reads_as_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    notice = raised()
    level, line = await _line(notice, caplog)
    assert level == logging.ERROR
    assert line == (
        "raised major sbc-ams-1 acBoardEthernetLinkAlarm at Board#1: Trunk is down "
        f"(event {notice.event_id})"
    )


async def test_a_clear_is_information_in_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    notice = cleared(make_alarm(clear_description="Trunk is up"))
    level, line = await _line(notice, caplog)
    assert level == logging.INFO
    assert line.startswith("cleared major sbc-ams-1 ")
    assert ": Trunk is up (event" in line


async def test_an_alarm_of_no_device_has_no_device_in_it(caplog: pytest.LogCaptureFixture) -> None:
    _, line = await _line(raised(device=None), caplog)
    assert line.startswith("raised major acBoardEthernetLinkAlarm at Board#1: ")


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.CRITICAL, logging.CRITICAL),
        (Severity.MAJOR, logging.ERROR),
        (Severity.MINOR, logging.WARNING),
        (Severity.WARNING, logging.WARNING),
        (Severity.INDETERMINATE, logging.INFO),
    ],
)
async def test_the_level_follows_the_severity(
    severity: Severity, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    level, _ = await _line(raised(make_alarm(severity=severity)), caplog)
    assert level == expected


async def test_no_device_can_forge_a_line(caplog: pytest.LogCaptureFixture) -> None:
    hostile = "down\r\n2026-11-23 error raised critical\u2028\x1b[31mred\x85\u202e\x00 %s %d {0}"
    _, line = await _line(raised(make_alarm(description=hostile)), caplog)
    assert line.splitlines() == [line]
    assert line.isprintable()
    assert "%s %d {0}" in line


async def test_the_level_of_the_log_does_not_silence_it() -> None:
    root = logging.getLogger()
    level = root.level
    async with receive_log() as receiver:
        root.setLevel(logging.CRITICAL)
        await Sink(Config(name="log")).deliver(cleared())
        root.setLevel(level)
    assert len(receiver.heard) == 1
