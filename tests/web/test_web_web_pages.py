"""From a page here to the device's own web pages."""

import pytest
from site_cases import HOUR, NOW, TOKENS, Clock, make_site
from web_cases import Serve, Served

from alarmbridge.core.errors import Conflict, DeviceError, Unreachable
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions

URL = "https://sbc-1/index.html?mode=web&authToken=canary"
BEARER = {token.name: {"Authorization": f"Bearer {token.token}"} for token in TOKENS}


class Device:
    """Makes links, and keeps who asked for one."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: DeviceError | None = None

    async def open_page(self, who: str) -> str:
        self.asked.append(who)
        if self.failure is not None:
            raise self.failure
        return URL


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock, device: Device) -> Served:
    clock.at = NOW + HOUR
    pages = {"sbc-1": device.open_page}
    return await serve(make_site(filled, clock, tokens=TOKENS, web_pages=pages))


async def actions(archive: Archive) -> list[tuple[str, str, str]]:
    async with archive.read() as tx:
        return [(one.who, one.action, one.target) for one in (await list_actions(tx)).items]


async def test_an_operator_is_sent_to_the_devices_pages_and_that_is_noted(
    served: Served, device: Device, filled: Archive
) -> None:
    answer = await served.ask("/devices/sbc-1/web", **BEARER["operator"])
    assert (answer.status, answer.headers["Location"]) == (303, URL)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert device.asked == ["operator"]
    assert ("operator", "device.web", "sbc-1") in await actions(filled)


async def test_a_viewer_is_not_nor_who_is_led_there_by_another_site(
    served: Served, device: Device, filled: Archive
) -> None:
    assert (await served.ask("/devices/sbc-1/web", **BEARER["viewer"])).status == 403
    elsewhere = {"Sec_Fetch_Site": "cross-site", **BEARER["operator"]}
    assert (await served.ask("/devices/sbc-1/web", **elsewhere)).status == 403
    assert (await served.ask("/devices/sbc-1/web", "HEAD", **BEARER["operator"])).status == 405
    assert (await served.ask("/devices/sbc-2/web", **BEARER["operator"])).status == 404
    assert device.asked == []
    assert not [one for one in await actions(filled) if one[1] == "device.web"]


@pytest.mark.parametrize(
    "failure",
    [Unreachable("sbc-1 cannot be reached"), Conflict("sbc-1 synchronises", status=409, said="")],
)
async def test_a_device_that_refuses_is_quoted(
    served: Served, device: Device, failure: DeviceError
) -> None:
    device.failure = failure
    answer = await served.ask("/devices/sbc-1/web", Accept="text/html", **BEARER["operator"])
    assert answer.status == 502
    assert str(failure) in answer.text
    assert "canary" not in answer.text


async def test_the_link_stands_where_it_leads_somewhere_and_somebody_may(served: Served) -> None:
    async def has_link(path: str, name: str) -> bool:
        answer = await served.ask(path, Accept="text/html", **BEARER[name])
        assert answer.status == 200
        return "Open its web pages" in answer.text

    assert await has_link("/devices/sbc-1", "operator")
    assert await has_link("/alarms/00000001-0000", "operator")
    assert not await has_link("/devices/sbc-1", "viewer")
    assert not await has_link("/devices/sbc-2", "operator")
    assert not await has_link("/alarms/00000004-0000", "operator")
