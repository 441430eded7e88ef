"""A moment as a device writes it: every spelling is read, nothing fails, the text is kept."""

from datetime import UTC, datetime

import pytest

from alarmbridge.core.device_time import DeviceTime, parse_device_time

HALF = datetime(2026, 11, 23, 21, 4, 5, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-23T21:04:05.5Z",
        "2026-11-23 21:04:05.500Z",
        "2026-11-23T21:04:05,500000000 Z",
        "2026-11-24T00:04:05.5+03:00",
        "2026-11-23T15:34:05.5-0530",
        " 2026-11-23T21:04:05.5 ",
    ],
)
def test_every_spelling_of_a_moment_is_that_moment(raw: str) -> None:
    assert parse_device_time(raw).at == HALF


def test_the_text_the_zone_and_the_devices_own_second_are_kept() -> None:
    moment = parse_device_time("2026-11-24T00:04:05.5+03:00")
    assert (moment.raw, moment.zone) == ("2026-11-24T00:04:05.5+03:00", "+03:00")
    assert moment.wall == datetime(2026, 11, 24, 0, 4, 5)  # noqa: DTZ001 - a wall clock has none


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T21:04:05+99:00",
        "0001-01-01T00:00:00+03:00",
        "٢٠٢٦-11-23T21:04:05Z",
    ],
)
def test_a_text_that_names_no_moment_is_kept_as_it_came(raw: str) -> None:
    assert parse_device_time(raw) == DeviceTime(raw)


def test_another_spelling_is_no_other_moment() -> None:
    one = parse_device_time("2026-11-23T21:04:05.5Z")
    assert one.same_moment(parse_device_time("2026-11-24 00:04:05.50+0300"))
    assert not one.same_moment(parse_device_time("2026-11-23T21:04:05Z"))


def test_two_texts_without_a_moment_are_the_same_only_to_the_letter() -> None:
    one = parse_device_time("yesterday")
    assert one.same_moment(parse_device_time("yesterday"))
    assert not one.same_moment(parse_device_time("today"))
