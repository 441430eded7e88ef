"""A status as the guide prints it, and as devices may."""

import json

import pytest

from alarmbridge.core.reading import DeviceStatus
from alarmbridge.mediant.status import parse_status, parse_status_report

# The guide's own example (9), in part.
STATUS = b"""{
  "localTimeStamp": "2010-01-17T17:29:15.000Z",
  "productType": "Mediant SW",
  "versionID": "7.20A.200.014",
  "highAvailability": "Not Operational",
  "serialNumber": "101780235059663",
  "systemUpTime": 161446
}"""


def status_of(raw: bytes) -> DeviceStatus:
    return parse_status(raw, asked_at=1.0, received_at=2.0)


def test_a_status_of_the_guide() -> None:
    found = status_of(STATUS)
    assert (found.uptime, found.serial_number) == (161446, "101780235059663")
    assert (found.product, found.version) == ("Mediant SW", "7.20A.200.014")
    assert (found.asked_at, found.received_at) == (1.0, 2.0)
    assert found.high_availability == "Not Operational"


def test_a_report_has_words_for_all_that_is_said() -> None:
    found = parse_status_report(
        b'{"serialNumber": 101780, "saveNeeded": false, "load": 0.5, "macAddress": null}'
    )
    assert (found.serial_number, found.mac_address) == ("101780", None)
    assert found.others == {"saveNeeded": "false", "load": "0.5"}


@pytest.mark.parametrize(
    ("uptime", "read"),
    [("161446", 161446), (0, 0), (-1, None), (True, None), ("x", None), (2**64, None), (1.5, None)],
)
def test_an_uptime_is_a_number_or_nothing(uptime: object, read: int | None) -> None:
    found = status_of(json.dumps({"systemUpTime": uptime}).encode())
    assert found.uptime == read
