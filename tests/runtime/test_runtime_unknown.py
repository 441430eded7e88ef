"""OIDs that the catalogue does not know: counted, said once each, and never without bound."""

import logging
from datetime import timedelta

import pytest
from runtime_cases import Bridge
from runtime_fakes import NOW, FakeBox

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.event import Event, tell_cleared, tell_raised
from alarmbridge.core.severity import Severity
from alarmbridge.runtime.unknown import REMEMBERED, UnknownOids
from alarmbridge.telemetry.metrics import Metrics

KNOWN = "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"
UNKNOWN = "1.3.6.1.4.1.5003.9.10.1.21.2.0.9999"


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "alarmbridge.runtime.unknown")


def alarm(oid: str | None, device: str = "sbc-1") -> Alarm:
    return Alarm(
        id="a",
        device=device,
        severity=Severity.MAJOR,
        description="down",
        oid=oid,
        seen_at=NOW,
    )


def raised(oid: str | None, device: str = "sbc-1") -> Event:
    return tell_raised(alarm(oid, device), sequence=1, now=NOW)


def counted(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("alarmbridge_unknown_oids_total")


def test_what_is_known_or_has_no_oid_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    UnknownOids().note([raised(KNOWN), raised(None), raised(f".{KNOWN}")], metrics=metrics)
    assert (counted(metrics), caplog.messages) == (0.0, [])


def test_each_raise_counts_and_each_oid_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    unknown, metrics = UnknownOids(), Metrics()
    closed = tell_cleared(alarm(UNKNOWN), sequence=2, now=NOW + timedelta(seconds=1))
    unknown.note([raised(UNKNOWN), closed], metrics=metrics)
    unknown.note([raised(UNKNOWN, "sbc-2")], metrics=metrics)
    assert counted(metrics) == 2.0
    assert caplog.messages == [
        f"sbc-1: the catalogue does not know {UNKNOWN}; alarms of that OID are told without a name"
    ]


def test_a_device_that_makes_up_oids_fills_neither_memory_nor_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    unknown, metrics = UnknownOids(), Metrics()
    for number in range(2 * REMEMBERED):
        unknown.note([raised(f"{UNKNOWN}.{number}")], metrics=metrics)
    unknown.note([raised("1." * 100_000)], metrics=metrics)
    assert counted(metrics) == 2 * REMEMBERED + 1
    assert len(caplog.messages) == REMEMBERED


def test_a_long_oid_is_said_in_part(caplog: pytest.LogCaptureFixture) -> None:
    UnknownOids().note([raised("1." * 100_000)], metrics=Metrics())
    assert len(caplog.messages[0]) < 400


async def test_a_poller_notes_what_it_has_stored(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    box = FakeBox()
    for number, oid in enumerate((UNKNOWN, KNOWN, UNKNOWN), start=1):
        box.raise_alarm(number)
        box.active[str(number)]["oid"] = oid
    await bridge.make_poller(box).step()
    names = await bridge.rows("SELECT name FROM alarms ORDER BY source")
    assert names == [(None,), ("acBoardEthernetLinkAlarm",), (None,)]
    assert bridge.count("unknown_oids_total") == 2
    assert len(caplog.messages) == 1
