"""A far end's secret is changed while alarms stand: each is closed by the one that opened it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, configure, farm_of, until
from sinks.incidents.pagerduty import ROUTING_KEY, receive_pagerduty

pytestmark = pytest.mark.acceptance

OTHER_KEY = "another0routing0key0of032letters"


async def test_a_pagerduty_alert_is_closed_by_the_routing_key_that_opened_it(
    tmp_path: Path, run_bridge: Callable[[Mapping[str, Any]], Bridge]
) -> None:
    async with farm_of(1) as farm, receive_pagerduty() as account:
        account.routing_keys.add(OTHER_KEY)
        (device,) = farm.devices.values()
        configuration = configure(tmp_path, farm)

        configuration["sinks"] = [{"name": "oncall", **account.raw}]
        bridge = run_bridge(configuration)
        before = device.model.raise_alarm(farm.clock(), n=1, severity="Major", description="old")
        await until(lambda: len(account.incidents) == 1)
        assert await bridge.stop() == 0

        configuration["sinks"][0]["routing_key"] = OTHER_KEY
        bridge.configure(configuration)
        bridge.start()
        device.model.raise_alarm(farm.clock(), n=2, severity="Major", description="new")
        await until(lambda: len(account.incidents) == 2)
        device.model.clear(farm.clock(), before)
        await until(lambda: account.closed)

        assert {*account.opened_by.values()} == {ROUTING_KEY, OTHER_KEY}
        (left,) = account.incidents
        assert account.opened_by[left] == OTHER_KEY
        assert account.violations == []
        assert ROUTING_KEY not in bridge.log.read_text(encoding="utf-8")
