"""Scripts are in order, the same for the same seed, and make sense on a device."""

from itertools import islice, pairwise, takewhile

import pytest

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.faults import Drop
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.model import Mediant
from alarmbridge.simulator.player import Player
from alarmbridge.simulator.script import SCRIPTS, churn, lively, quiet, storm
from alarmbridge.simulator.steps import (
    Change,
    Clear,
    Escalate,
    Heal,
    Raise,
    Reboot,
    Step,
    Suffer,
    SwitchOver,
)

NAMES = ["d1", "d2", "d3"]
ALARM = Raise(key="a", kind="acProxyConnectionLost", n=1, m=1)


def farm() -> dict[str, Device]:
    return {name: Device(Mediant(name), Login("monitor", "x")) for name in NAMES}


def play(*operations: object) -> Device:
    """Carry operations out on the first device, one a second."""
    devices = farm()
    player = Player(devices)
    for second, operation in enumerate(operations):
        player.apply(Step(second, "d1", operation), second)
    return devices["d1"]


@pytest.mark.parametrize("script", [churn, lively])
def test_a_script_runs_forwards_and_is_the_same_for_the_same_seed(script: object) -> None:
    assert callable(script)
    first, again, other = (list(islice(script(NAMES, seed=s), 500)) for s in (1, 1, 2))
    assert first == again != other
    assert [step.at for step in first] == sorted(step.at for step in first)


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_lively_shows_everything_within_its_first_seconds(count: int) -> None:
    names = [f"d{index}" for index in range(count)]
    overture = list(takewhile(lambda step: step.at < 24, lively(names)))
    shown = {type(step.operation) for step in overture}
    assert shown == {Raise, Clear, Change, Escalate, Suffer, Heal, Reboot}


def test_lively_has_something_every_few_seconds_and_heals_what_it_breaks() -> None:
    steps = list(takewhile(lambda step: step.at < 7200, lively(NAMES, seed=3)))
    waits = [after.at - before.at for before, after in pairwise(steps)]
    assert max(waits) < 8
    broken = sum(isinstance(step.operation, Suffer) for step in steps)
    healed = sum(isinstance(step.operation, Heal) for step in steps)
    assert broken - 3 <= healed <= broken
    assert broken > 3


def test_churn_keeps_about_as_many_alarms_standing_as_it_was_told() -> None:
    devices = farm()
    player = Player(devices)
    for step in islice(churn(NAMES, seed=5, standing=6), 3000):
        player.apply(step, step.at)
    standing = [len(device.model.standing) for device in devices.values()]
    assert all(2 <= number <= 12 for number in standing), standing


def test_no_two_alarms_of_a_device_are_about_the_same_thing() -> None:
    devices = farm()
    player = Player(devices)
    for step in islice(churn(NAMES, seed=7, standing=15), 2000):
        player.apply(step, step.at)
        standing = devices[step.device].model.standing.values()
        assert len({(last.oid, last.source) for last in standing}) == len(standing)


def test_a_storm_breaks_over_all_devices_at_one_instant_and_passes() -> None:
    steps = list(storm(NAMES, alarms=10, at=5.0, lasting=60.0))
    assert {step.at for step in steps} == {5.0, 65.0}
    assert len(steps) == 20
    assert {step.device for step in steps} == set(NAMES)


def test_a_storm_on_one_device_has_a_source_for_each_alarm() -> None:
    devices = farm()
    player = Player(devices)
    for step in storm(["d1"], alarms=200):
        player.apply(step, 0)
    told = devices["d1"].model.truth
    assert len({(entry.oid, entry.source) for entry in told}) == len(told) == 200


def test_quiet_is_quiet() -> None:
    assert list(quiet(NAMES)) == []
    assert set(SCRIPTS) == {"quiet", "churn", "lively", "storm"}


def test_the_player_follows_an_alarm_through_its_numbers() -> None:
    device = play(ALARM, Change(key="a"), Escalate("a", "Critical"), Reboot(True), Clear("a"))
    kinds = [(entry.kind, entry.reason) for entry in device.model.truth]
    assert kinds == [
        ("raised", ""),
        ("changed", ""),
        ("cleared", "escalation"),
        ("raised", "escalation"),
        ("cleared", "restart"),
        ("raised", "restart"),
        ("cleared", ""),
    ]


def test_the_player_leaves_alone_what_a_reboot_took() -> None:
    device = play(ALARM, Reboot(), Clear("a"), Change(key="a"))
    assert [entry.reason for entry in device.model.truth] == ["", "restart"]


def test_the_player_switches_over_breaks_and_heals() -> None:
    device = play(ALARM, SwitchOver(), Suffer(Drop()))
    assert device.model.identity.serial_number.endswith("-R")
    assert list(device.faults) == [Drop()]
    assert not play(Suffer(Drop()), Heal()).faults
