"""`check`, and `check --probe` against simulated devices."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cli_cases import Result, Run, write_config

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import Drop, Rubbish


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    """Three devices, of which the second has two alarms."""
    async with Farm(3) as made:
        for n in (1, 2):
            made.devices["sim-2"].model.raise_alarm(made.clock(), n=n)
        yield made


async def probe(run: Run, config: Path, farm: Farm) -> Result:
    devices = [
        {"name": name, "url": farm.url(name), "password": "alarmbridge"} for name in farm.devices
    ]
    write_config(config, Path("unused"), devices=devices)
    # In a thread of its own, since a command has a loop of its own and the farm has this one.
    return await asyncio.to_thread(run, "check", "--probe")


def test_a_right_configuration_is_said_to_be_right(run: Run) -> None:
    result = run("check")
    assert (result.status, result.err) == (0, "")
    assert result.out == "The configuration is right; devices: 2, sinks: 2.\n"


def test_what_should_not_stay_so_is_warned_of(config: Path, run: Run) -> None:
    write_config(config, Path("unused"), devices=[], sinks=[])
    result = run("check", "--probe")
    assert result.status == 0
    assert result.out.splitlines() == [
        "warning: devices: there are none, so nothing is followed",
        "warning: sinks: there are none, so alarms are kept and nobody is told",
        "The configuration is right; devices: 0, sinks: 0.",
        "No devices.",
    ]


async def test_a_probe_shows_what_each_device_is(run: Run, config: Path, farm: Farm) -> None:
    result = await probe(run, config, farm)
    assert result.status == 0
    rows = result.out.splitlines()[2:]
    assert rows[0].split() == ["DEVICE", "PRODUCT", "VERSION", "ACTIVE", "ALARMS", "ERROR"]
    for row, (name, device), active in zip(rows[1:], farm.devices.items(), (0, 2, 0), strict=True):
        product = device.model.identity.product
        assert " ".join(row.split()) == f"{name} {product} 7.20A.200.014 {active} -"


async def test_a_device_that_fails_hides_no_other(run: Run, config: Path, farm: Farm) -> None:
    farm.devices["sim-1"].login.change_password("another")
    farm.devices["sim-3"].faults.add(Drop())
    result = await probe(run, config, farm)
    assert result.status == 1
    login, well, drop = result.out.splitlines()[3:]
    assert login.split()[:4] == ["sim-1", "-", "-", "-"]
    assert "refused" in login
    assert well.split()[-2:] == ["2", "-"]
    assert "hung up without an answer" in drop
    assert "monitor:alarmbridge" not in result.out
    assert farm.devices["sim-1"].counters.unauthorized == 1


async def test_a_device_that_cannot_be_understood_is_a_failure(
    run: Run, config: Path, farm: Farm
) -> None:
    farm.devices["sim-1"].faults.add(Rubbish())
    result = await probe(run, config, farm)
    assert result.status == 1
    assert result.out.splitlines()[3].split()[:4] == ["sim-1", "-", "-", "-"]
