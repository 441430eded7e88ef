"""Performance monitoring (guide 10)."""

import pytest
from simulator_box import device, get, read, told

from alarmbridge.simulator.measurements import MEASUREMENTS

LIST = "/performanceMonitoring"
ONE = f"{LIST}/netUtilPackets"


def test_the_measurements_are_listed() -> None:
    assert read(get(device(), LIST))["items"] == list(MEASUREMENTS)


def test_a_measurement_is_described_as_in_the_guide() -> None:
    assert read(get(device(), ONE)) == {
        "indexes": [0, 1],
        "intervalsPerIndex": [0, 1, 2],
        "lowThreshold": 100,
        "highThreshold": 30000,
    }


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_index_and_interval_has_a_value(name: str) -> None:
    asked = device()
    shown = read(get(asked, f"{LIST}/{name.upper()}"))
    for index in shown["indexes"]:
        for interval in shown["intervalsPerIndex"]:
            path = f"{LIST}/{name}"
            found = read(get(asked, path, index=str(index), interval=str(interval)))
            assert (found["index"], found["interval"]) == (index, interval)
            assert found["min"] <= found["value"] <= found["max"]
            assert shown["lowThreshold"] <= found["average"] <= shown["highThreshold"]


def test_values_move_with_time_and_are_the_same_for_a_seed() -> None:
    first, later = (read(get(device(), ONE, at=at, index="0"))["value"] for at in (0, 600))
    assert first != later
    assert read(get(device(), ONE, index="0"))["value"] == first
    assert read(get(device(), ONE, interval="0"))["value"] == first


def test_an_interval_that_has_not_been_yet_has_no_value() -> None:
    asked = device()
    asked.model.reboot(1_800_000_000.0)

    def values(at: float) -> list[int]:
        return [read(get(asked, ONE, at=at, interval=str(n)))["value"] for n in (0, 1, 2)]

    assert [value == -1 for value in values(10)] == [False, True, True]
    assert [value == -1 for value in values(900)] == [False, False, True]
    assert [value == -1 for value in values(1800)] == [False, False, False]


def test_the_last_interval_becomes_the_previous_one() -> None:
    asked = device()
    last = read(get(asked, ONE, interval="1"))
    assert read(get(asked, ONE, at=900, interval="2")) == last | {"interval": 2}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"index": "100"}, "Invalid index"),
        ({"index": "x"}, "Invalid index"),
        ({"index": "0", "interval": "3"}, "Invalid interval"),
        ({"colour": "red"}, "Invalid parameter"),
    ],
)
def test_a_wrong_parameter_is_refused(query: dict[str, str], said: str) -> None:
    assert told(get(device(), ONE, **query)) == (400, said)


def test_the_guides_comma_stands_in_a_refusal_if_wanted() -> None:
    answer = get(device(misprints=True), ONE, index="100")
    assert (answer.status, answer.body) == (400, b'{\n  "description": "Invalid index",\n}')


def test_an_unknown_measurement_is_a_404() -> None:
    assert get(device(), f"{LIST}/nothing").status == 404


@pytest.mark.parametrize(
    ("habit", "own", "below_alarms"), [("own", 200, 404), ("alarms", 404, 200)]
)
def test_a_measurement_is_at_one_path(habit: str, own: int, below_alarms: int) -> None:
    asked = device(performance_path=habit)
    assert get(asked, ONE).status == own
    assert get(asked, f"/alarms{ONE}").status == below_alarms
    assert get(asked, LIST).status == 200


def test_a_value_can_be_set_and_let_go() -> None:
    asked = device()
    measured = asked.model.box.measurements
    before = read(get(asked, ONE, index="1"))
    assert measured.fix("netutilpackets", 40000, index=1) == "NetUtilPackets"
    assert read(get(asked, ONE, index="1", interval="1"))["average"] == 40000
    assert read(get(asked, ONE, index="0"))["value"] != 40000
    measured.fix("NetUtilPackets", None, index=1)
    assert read(get(asked, ONE, index="1")) == before
    measured.fix("NetUtilPackets", 7, interval=0)
    assert read(get(asked, ONE, index="0", interval="1"))["value"] != 7


@pytest.mark.parametrize("wrong", [{"name": "x"}, {"index": 9}, {"interval": 3}])
def test_a_value_that_is_not_there_cannot_be_set(wrong: dict[str, object]) -> None:
    options: dict[str, object] = {"name": "NetUtilPackets", "value": 1}
    with pytest.raises(ValueError, match=r"measurement|interval"):
        device().model.box.measurements.fix(**(options | wrong))  # type: ignore[arg-type]
