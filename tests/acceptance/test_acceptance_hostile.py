"""Hostile devices beside well ones: what fails is their read alone, and nothing gets out."""

import asyncio
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import PASSWORD, Bridge, agreed, configure, until
from acceptance_receiver import Receiver
from hostile_parts import (
    Canary,
    Misdeed,
    explode,
    leaks,
    never_begin,
    never_end,
    never_end_in_chunks,
    never_end_the_head,
    opened_canary,
    opened_impostors,
    repeat_the_request,
    say_no_http,
    stands,
    stands_as,
    watched_memory,
)

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import (
    Drip,
    Drop,
    Fault,
    Huge,
    Loop,
    Redirect,
    Rubbish,
    Silence,
    Status,
)

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]

UNREADABLE, UNREACHABLE = "deviceUnreadable", "deviceUnreachable"
LOGIN_FAILED = "deviceLoginFailed"
WELL = ("well-1", "well-2", "well-3")
TABLES = frozenset({"active", "history"})

IMPOSTORS: dict[str, tuple[Misdeed, str]] = {
    "no-http": (say_no_http, UNREADABLE),
    "bomb": (explode, UNREADABLE),
    "endless-body": (never_end, UNREADABLE),
    "endless-chunks": (never_end_in_chunks, UNREADABLE),
    "endless-head": (never_end_the_head, UNREADABLE),
    "endless-continue": (never_begin, UNREACHABLE),
    "repeats-request": (repeat_the_request, UNREADABLE),
}

MEMORY = 60.0
"""MiB that may come on top: five devices send without end, and of each 4 MiB are held, twice."""


def faults_of(canary: Canary) -> dict[str, tuple[Fault, str]]:
    """What the devices of the farm do, and the alarm that the bridge is to raise for it."""
    return {
        "redirect": (Redirect(to=canary.url), UNREADABLE),
        "redirect-308": (Redirect(to=canary.url, code=308, endpoints=TABLES), UNREADABLE),
        "html": (Rubbish(what="html"), UNREADABLE),
        "deep": (Rubbish(what="deep", endpoints=TABLES), UNREADABLE),
        "utf16": (Rubbish(what="utf16"), UNREADABLE),
        "hostile-ids": (Rubbish(what="hostile_ids", endpoints=TABLES), UNREADABLE),
        "huge": (Huge(size=100_000_000, endpoints=TABLES), UNREADABLE),
        "endless": (Huge(size=None), UNREADABLE),
        "loop": (Loop(), UNREADABLE),
        "loop-fresh": (Loop(fresh=True), UNREADABLE),
        "drip": (Drip(every=1.0), UNREACHABLE),
        "silence": (Silence(endpoints=TABLES), UNREACHABLE),
        "drop": (Drop(), UNREACHABLE),
        "error": (Status(code=500), UNREADABLE),
        "unauthorized": (Status(code=401), LOGIN_FAILED),
        "forbidden": (Status(code=403, endpoints=TABLES), LOGIN_FAILED),
    }


async def test_hostile_devices_harm_nobody_but_themselves(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    misdeeds = {name: misdeed for name, (misdeed, _) in IMPOSTORS.items()}
    async with opened_canary() as canary, opened_impostors(misdeeds) as impostors:
        faults = faults_of(canary)
        expected = {name: {alarm} for name, (_, alarm) in (faults | IMPOSTORS).items()}
        async with Farm(names=[*WELL, *faults], tokens=True, password=PASSWORD) as farm:
            for device in farm.devices.values():
                device.model.raise_alarm(farm.clock(), n=1)
            configuration = configure(
                tmp_path,
                farm,
                receiver,
                interval="500ms",
                timeout="2s",
                unreachable_after=2,
                auth_retry="60s",
            )
            configuration["devices"] += [
                {"name": name, "url": impostor.url} for name, impostor in impostors.items()
            ]
            bridge = run_bridge(configuration)
            await until(lambda: len(receiver.told("raised")) == len(farm.devices))
            await until(lambda: stands(receiver).keys() == impostors.keys())

            async with watched_memory(bridge) as growth:
                for name, (fault, _) in faults.items():
                    farm.devices[name].faults.add(fault)
                    # Otherwise lastChange stands still, and nobody would read the tables yet.
                    farm.devices[name].model.raise_alarm(farm.clock(), n=2)
                for impostor in impostors.values():
                    impostor.awake = True
                telling = asyncio.create_task(delays_of_news(farm, receiver))
                await stands_as(receiver, expected, within=45)
                delays = await telling
            print(f"news: median {statistics.median(delays):.2f} s, worst {max(delays):.2f} s")
            print(f"memory: {max(growth):.1f} MiB more at most")

            assert max(growth) < MEMORY
            assert statistics.median(delays) < 0.5 + 0.5
            assert not [one for one in receiver.told("cleared") if device_of(one) not in WELL]
            assert canary.asked == []
            assert farm.devices["unauthorized"].counters.faults["Status"] == 1
            assert farm.devices["forbidden"].counters.faults["Status"] <= 2
            assert await leaks(bridge, receiver, configuration) == []

            assert await bridge.stop() == 0
            for name in faults:
                farm.devices[name].faults.lift()
            put_passwords_right(farm, configuration)
            bridge.configure(configuration)
            # Started anew, because it leaves a struggling device alone for half a minute by now.
            bridge.start()
            await until(lambda: stands(receiver).keys() == impostors.keys())
            await agreed(farm, receiver)
            assert await bridge.stop() == 0
            assert "Traceback" not in bridge.log.read_text(encoding="utf-8")


def put_passwords_right(farm: Farm, configuration: dict[str, Any]) -> None:
    """Give other credentials to who was refused, for the old ones are not tried again at once."""
    for device in configuration["devices"]:
        if device["name"] in {"unauthorized", "forbidden"}:
            device["password"] = f"{PASSWORD}-put-right"
            farm.devices[device["name"]].login.change_password(device["password"])


def device_of(event: Mapping[str, Any]) -> str:
    return str(event["data"]["device"]["name"])


async def delays_of_news(farm: Farm, receiver: Receiver) -> list[float]:
    """Raise and clear alarms on well devices, and measure how long after it was told."""
    delays = []
    for n in range(10, 19):
        device = farm.devices[WELL[n % len(WELL)]]
        for kind in ("raised", "cleared"):
            before, at = len(receiver.told(kind)), farm.clock()
            if kind == "raised":
                number = device.model.raise_alarm(at, n=n)
            else:
                device.model.clear(at, number)
            await until(lambda kind=kind, before=before: len(receiver.told(kind)) > before)
            delays.append(farm.clock() - at)
    return delays
