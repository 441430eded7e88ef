"""Every way of telling, end to end: each far end shows what is so, whatever dies in between.

All far ends live through one scenario at once, told by one daemon: it takes as long as one of
them, and what happens to one must not matter to the others. Then each is judged by itself.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import pytest
from acceptance_parts import Bridge, configure, ended, farm_of
from far_end import FarEnd
from sink_far_ends import FAR_ENDS

from alarmbridge.simulator.farm import Farm

pytestmark = pytest.mark.acceptance

Standing = Mapping[str, str]
Judgement = dict[str, list[str]]
Find = Callable[[str], Awaitable[list[str]]]

TRUNK, LINK, BRIEF, OTHER = "Trunk 11 is down", "Link 12 is down", "Fan 13 is off", "Link 14 is bad"
KNOWN = (TRUNK, LINK, BRIEF, OTHER)
PATIENCE = 45.0
"""Seconds in which a far end must show what is so; a retry's pause is the longest part of it."""


@pytest.fixture(scope="module")
def judgement(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[str] | BaseException]:
    """Play the scenario for all that are asked for and can be there; what is wrong, or misses."""
    folder = tmp_path_factory.mktemp("sinks")
    there: dict[str, FarEnd] = {}
    missing: dict[str, BaseException] = {}
    tests = [item for item in request.session.items if item.path == request.path]
    for name in sorted(test.callspec.params["name"] for test in tests):
        try:
            there[name] = FAR_ENDS[name](folder)
        except (pytest.skip.Exception, pytest.fail.Exception) as reason:
            missing[name] = reason
    return {**missing, **asyncio.run(play(folder, there))}


@pytest.mark.parametrize("name", FAR_ENDS)
def test_a_far_end_shows_what_is_so_whatever_dies_in_between(
    name: str, judgement: Mapping[str, list[str] | BaseException]
) -> None:
    faults = judgement[name]
    if isinstance(faults, BaseException):
        raise faults
    assert not faults, "\n".join(faults)


async def play(folder: Path, far_ends: Mapping[str, FarEnd]) -> Judgement:
    """Carry the scenario out; return what is wrong at each far end."""
    async with farm_of(2) as farm:
        configuration = configure(folder, farm, interval="200ms")
        configuration["sinks"] = [
            {"name": name, **one.configuration(), "match": {"origin": "device"}}
            for name, one in far_ends.items()
        ]
        with ended(Bridge(folder, configuration)) as bridge:
            stage = Stage(farm, bridge, far_ends)
            try:
                await stage.play()
            finally:
                await asyncio.gather(*(one.stop() for one in far_ends.values()))
    return stage.faults


class Stage:
    """The scenario in time. faults: what is wrong at each far end so far."""

    def __init__(self, farm: Farm, bridge: Bridge, far_ends: Mapping[str, FarEnd]) -> None:
        self.faults: Judgement = {name: [] for name in far_ends}
        self._farm = farm
        self._bridge = bridge
        self._far_ends = far_ends
        self._leaving = {name: one for name, one in far_ends.items() if one.absence_shows}

    async def play(self) -> None:
        """Raise, change and clear alarms, and end now the far ends and now the daemon."""
        one, other = (device.model for device in self._farm.devices.values())
        now = self._farm.clock
        await start(self._far_ends.values())
        self._bridge.start()

        # The same kind at the same place, and under the same id, on two devices: two alarms.
        trunk = one.raise_alarm(now(), n=1, severity="Major", description=TRUNK)
        other.raise_alarm(now(), n=1, severity="Warning", description=OTHER)
        await self._expect("both raised", {TRUNK: "major", OTHER: "warning"})

        trunk = one.escalate(now(), trunk, "Critical")
        await self._expect("one changed", {TRUNK: "critical", OTHER: "warning"})

        await asyncio.gather(*(far_end.stop() for far_end in self._leaving.values()))
        link = one.raise_alarm(now(), n=2, severity="Minor", description=LINK)
        one.clear(now(), trunk)
        other.clear(now(), other.raise_alarm(now(), n=3, severity="Major", description=BRIEF))
        await self._expect_failing()
        self._bridge.kill()
        self._bridge.start()
        await start(self._leaving.values())
        await self._somebody_shows(LINK)
        self._bridge.kill()
        self._bridge.start()
        await self._expect("back again", {LINK: "minor", OTHER: "warning"})

        one.clear(now(), link)
        await self._expect("the second one cleared", {OTHER: "warning"})

        assert await self._bridge.stop() == 0
        await self._judge({OTHER: "warning"})

    async def _judge(self, standing: Standing) -> None:
        """Look once more, when nothing can come any more, and for secrets in the daemon's log."""
        for name, far_end in self._far_ends.items():
            if not self.faults[name]:
                found = await differences(far_end, standing)
                self.faults[name] = [f"in the end: {fault}" for fault in found]
            if any(secret in self._log() for secret in far_end.secrets):
                self.faults[name].append("a secret stands in the log")

    def _log(self) -> str:
        return self._bridge.log.read_text(encoding="utf-8")

    async def _somebody_shows(self, text: str) -> None:
        """Wait until the first of those that came back has heard of an alarm."""
        deadline = time.monotonic() + PATIENCE
        while self._leaving and time.monotonic() < deadline:
            for far_end in self._leaving.values():
                if any(text in one.text for one in (await far_end.state()).values()):
                    return
            await asyncio.sleep(0.02)

    async def _expect(self, moment: str, standing: Standing) -> None:
        """Wait until every far end shows what stands."""

        async def differ(name: str) -> list[str]:
            return await differences(self._far_ends[name], standing)

        await self._until_none(differ, moment, self._far_ends)

    async def _expect_failing(self) -> None:
        """Wait until the daemon has found out that they are away, all of them."""

        async def unnoticed(name: str) -> list[str]:
            return [] if f"sink {name}: failing" in self._log() else ["nobody noticed"]

        await self._until_none(unnoticed, "gone", self._leaving)

    async def _until_none(self, find: Find, moment: str, names: Iterable[str]) -> None:
        """Wait until nothing is wrong with any far end, and note what is still wrong in the end.

        One with which something was wrong before is not waited for again.
        """
        began = time.monotonic()

        async def follow(name: str) -> None:
            while faults := await find(name):
                if time.monotonic() - began > PATIENCE or not self._bridge.running:
                    self.faults[name] = [f"{moment}: {fault}" for fault in faults]
                    return
                await asyncio.sleep(0.05)

        await asyncio.gather(*(follow(name) for name in names if not self.faults[name]))
        assert self._bridge.running, self._log()
        print(f"{moment}: after {time.monotonic() - began:.1f} s")


async def start(far_ends: Iterable[FarEnd]) -> None:
    """Start far ends, all at once."""
    await asyncio.gather(*(far_end.start() for far_end in far_ends))


async def differences(far_end: FarEnd, standing: Standing) -> list[str]:
    """Compare what a far end shows with what stands; nothing is as it should be."""
    shown = await far_end.state()
    strangers = [one.text for one in shown.values() if not any(text in one.text for text in KNOWN)]
    faults = [*far_end.violations, *(f"never raised: {text}" for text in strangers)]
    wanted = Counter((text, far_end.words[severity]) for text, severity in standing.items())
    found = Counter(
        (text, one.severity)
        for text in KNOWN
        for one in shown.values()
        if one.open and text in one.text
    )
    faults += [f"not shown as open: {text}, {severity}" for text, severity in wanted - found]
    return faults + [f"shown as open: {text}, {severity}" for text, severity in found - wanted]
