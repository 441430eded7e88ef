"""The control surface: what a person with curl can see and do."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from alarmbridge.simulator.control import Control
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.orders import SLOW_VERBS, VERBS


class Curl:
    """Speaks to the control surface of a farm of two."""

    def __init__(self, farm: Farm, url: str, session: aiohttp.ClientSession) -> None:
        self.farm = farm
        self._url = url
        self._session = session

    async def get(self, path: str) -> Any:
        async with self._session.get(f"{self._url}/control/{path}") as answer:
            return await answer.json()

    async def post(self, path: str, *, status: int = 200, **body: object) -> Any:
        async with self._session.post(f"{self._url}/control/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()


@pytest.fixture
async def curl() -> AsyncIterator[Curl]:
    async with (
        Farm(2) as farm,
        Control(farm) as control,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
    ):
        yield Curl(farm, control.url, session)


async def test_every_device_is_listed_with_its_base_url_and_login(curl: Curl) -> None:
    first, second = (await curl.get("devices"))["devices"]
    assert (first["name"], first["url"]) == ("sim-1", curl.farm.url("sim-1"))
    assert (second["username"], second["password"]) == ("monitor", "alarmbridge")


async def test_a_life_of_an_alarm_is_ordered_and_told(curl: Curl) -> None:
    raised = await curl.post("devices/sim-1/raise", kind="acIDSPolicyAlarm", n=3)
    await curl.post("devices/sim-1/change", alarm=raised["alarm"], description="worse")
    number = (await curl.post("devices/sim-1/escalate", alarm=1, severity="Major"))["alarm"]
    await curl.post("devices/sim-1/clear", alarm=number)
    truth = (await curl.get("devices/sim-1/truth"))["truth"]
    assert [entry["kind"] for entry in truth] == [
        "raised",
        "changed",
        *["cleared", "raised"],
        "cleared",
    ]
    assert len((await curl.get("devices/sim-1/truth?after=2"))["truth"]) == 2


async def test_reboots_serials_clocks_and_habits_are_ordered(curl: Curl) -> None:
    await curl.post("devices/sim-1/raise")
    assert (await curl.post("devices/sim-1/reboot", keep=True))["kept"] == {"1": 2}
    assert (await curl.post("devices/sim-1/serial", serial_number="7"))["serial_number"] == "7"
    before = curl.farm.devices["sim-1"].model.device_second(curl.farm.clock())
    moved = await curl.post("devices/sim-1/clock", seconds=3600, utc_offset=60)
    assert moved["device_second"] >= before + 3600
    assert (await curl.post("devices/sim-1/habits", page_cap=5))["page_cap"] == 5
    shown = await curl.get("devices/sim-1")
    assert (shown["epoch"], shown["habits"]["utc_offset"]) == (2, 60)


async def test_faults_come_and_go_for_one_device_or_all(curl: Curl) -> None:
    await curl.post("devices/all/fault", fault="status", code=503, endpoints=["status"], times=3)
    assert (await curl.get("devices/sim-2"))["faults"] == ["Status"]
    await curl.post("devices/sim-1/heal", fault="status")
    assert (await curl.get("devices/sim-1"))["faults"] == []
    await curl.post("devices/all/heal")
    assert (await curl.get("devices/sim-2"))["faults"] == []


async def test_a_port_is_closed_and_opened(curl: Curl) -> None:
    await curl.post("devices/sim-1/refuse")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(curl.farm.url("sim-1"))
        await curl.post("devices/sim-1/heal")
        async with session.get(curl.farm.url("sim-1")) as answer:
            assert answer.status == 401
    counters = await curl.get("devices/sim-1/counters")
    assert (counters["total"], counters["unauthorized"], counters["lockouts"]) == (1, 1, 0)


async def test_a_password_is_changed(curl: Curl) -> None:
    answer = await curl.post("devices/sim-1/login", password="new", block_for=5)
    assert answer == {"fail_count": 3, "block_for": 5, "level": "admin"}
    assert (await curl.get("devices/sim-1"))["password"] == "new"


async def test_pairs_synchronise_and_switch_over(curl: Curl) -> None:
    paired = await curl.post("devices/sim-1/pair")
    assert paired == {"high_availability": "Operational"}
    assert await curl.post("devices/sim-1/synchronise", seconds=60) == {"synchronising": True}
    switched = await curl.post("devices/sim-1/switch_over", seconds=0)
    assert switched["serial_number"].endswith("-R")
    model = curl.farm.devices["sim-1"].model
    assert not model.synchronising(curl.farm.clock())
    await curl.post("devices/sim-1/pair", operational=False)
    await curl.post("devices/sim-1/switch_over", status=400)
    assert (await curl.get("devices/sim-1"))["high_availability"] == "Not Operational"


async def test_measurements_licenses_and_certificates_are_ordered(curl: Curl) -> None:
    box = curl.farm.devices["sim-1"].model.box
    measured = await curl.post("devices/sim-1/measure", name="netutilpackets", value=7, index=1)
    assert measured == {"name": "NetUtilPackets"}
    held = await curl.post("devices/sim-1/license", key="aaaaaaaa", description="none")
    assert held == {"key": "aaaaaaaa", "description": "none"}
    assert await curl.post("devices/sim-1/certificate", days=-1) == {"days": -1}
    changed = await curl.post("devices/sim-1/configure", parameters={"WebSessionTimeout": 20})
    assert changed == {"save_needed": True}
    ini = '[ IPGroup ]\nFORMAT Index = Name;\nIPGroup 0 = "New";\n'
    assert not (await curl.post("devices/sim-1/configure", ini=ini, save=True))["save_needed"]
    assert box.configuration.running.get("WebSessionTimeout") == "20"
    assert box.configuration.running.tables["IPGroup"].cell(0, "Name") == "New"


async def test_a_reset_and_what_was_uploaded_are_shown(curl: Curl) -> None:
    device = curl.farm.devices["sim-1"]
    await curl.post("devices/sim-1/login", level="monitor")
    await curl.post("devices/sim-1/reset")
    assert device.model.down_until > curl.farm.clock()
    shown = await curl.get("devices/sim-1/files")
    assert shown == {
        "uploads": {},
        "version": device.model.identity.version,
        "save_needed": False,
        "license": device.model.box.license.key,
    }


async def test_a_trap_is_set(curl: Curl) -> None:
    body = {"kind": "acBoardCallResourcesAlarm"}
    await curl.post("devices/sim-1/trap", endpoint="lastChange", verb="raise", body=body)
    model = curl.farm.devices["sim-1"].model
    model.answer("/api/v1/alarms/active/lastChange", {}, 0)
    assert [entry.source for entry in model.truth] == ["Board#1"]


async def test_a_script_is_started(curl: Curl) -> None:
    await curl.post("play", script="storm", alarms=10, devices=["sim-2"])
    await curl.post("play", script="lively", seed=3)
    shown = await curl.get("devices/sim-2")
    assert shown["active"] >= 10


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("devices/sim-9/raise", {}, 404),
        ("devices/sim-1/explode", {}, 404),
        ("devices/sim-1/clear", {"alarm": 7}, 400),
        ("devices/sim-1/clear", {}, 400),
        ("devices/sim-1/raise", {"kind": "none"}, 400),
        ("devices/sim-1/fault", {"fault": "earthquake"}, 400),
        ("devices/sim-1/fault", {}, 400),
        ("devices/sim-1/heal", {"fault": "earthquake"}, 400),
        ("devices/sim-1/trap", {"endpoint": "x", "verb": "raise"}, 400),
        ("devices/sim-1/trap", {"endpoint": "status", "verb": "x"}, 400),
        ("devices/sim-1/fault", {"fault": "rubbish", "what": "x"}, 400),
        ("devices/sim-1/habits", {"cursor": "x"}, 400),
        ("devices/sim-1/login", {"level": "king"}, 400),
        ("devices/sim-1/synchronise", {}, 400),
        ("devices/sim-1/measure", {"name": "x", "value": 1}, 400),
        ("devices/sim-1/measure", {}, 400),
        ("devices/sim-1/certificate", {"days": 1, "context": 9}, 404),
        ("devices/sim-1/configure", {"ini": "rubbish"}, 400),
        ("play", {"script": "tragedy"}, 400),
        ("play", {"script": "storm", "devices": ["sim-9"]}, 400),
    ],
)
async def test_a_mistake_is_said_in_words(
    curl: Curl, path: str, body: dict[str, object], status: int
) -> None:
    assert (await curl.post(path, status=status, **body))["error"]


def test_every_verb_says_what_it_takes() -> None:
    assert all(
        (verb.__doc__ or "").startswith("{") for verb in (*VERBS.values(), *SLOW_VERBS.values())
    )
