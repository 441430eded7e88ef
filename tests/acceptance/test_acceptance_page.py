"""The page in a real browser, before a daemon that follows simulated devices."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, ask, configure, ended, farm_of, until
from acceptance_receiver import Receiver
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from receivers import need_program

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]

TOKENS = [
    {"name": "ada", "role": "operator", "token": "canary-token-of-ada-0123456789"},
    {"name": "bob", "role": "viewer", "token": "canary-token-of-bob-0123456789"},
]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eback " + "x" * 3000
PAGES = (
    "/",
    "/archive",
    "/devices",
    "/devices/sim-1",
    "/deliveries",
    "/silences",
    "/report",
    "/charts",
    "/docs",
)
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
SECONDS = 1000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    path = need_program("chromium", "chromium")
    async with async_playwright() as playwright:
        # Root may not use the sandbox, and in a container there is often nobody else.
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Viewer:
    """Somebody before a browser: what he sees, and what his browser complained of."""

    def __init__(self, page: Page, at: str) -> None:
        self.page = page
        self.at = at
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("console", self._hear)
        page.on("request", self._watch)

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.at, "data:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    async def log_in(self, name: str) -> None:
        await self.page.goto(self.at + "/")
        await self.page.get_by_label("Token").fill(f"canary-token-of-{name}-0123456789")
        await self.page.get_by_role("button", name="Log in").click()
        await expect(self.page.get_by_role("heading", name="Active alarms")).to_be_visible()

    def row(self, text: str) -> Any:
        return self.page.get_by_role("row").filter(has_text=text)


async def view(browser: Browser, at: str, **how: Any) -> Viewer:
    """Open a browser window of its own before the daemon."""
    context: BrowserContext = await browser.new_context(**how)
    context.set_default_timeout(15 * SECONDS)
    return Viewer(await context.new_page(), at)


def place_of(configuration: Mapping[str, Any]) -> str:
    """Say where the daemon listens."""
    return f"http://{configuration['api']['listen']}"


async def test_two_viewers_see_what_happens_as_it_happens(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, browser: Browser
) -> None:
    async with farm_of(2) as farm:
        configuration = configure(tmp_path, farm, receiver)
        configuration["api"]["tokens"] = TOKENS
        bridge, at = run_bridge(configuration), place_of(configuration)
        await until(lambda: all(one.counters.total for one in farm.devices.values()))
        ada, bob = [await view(browser, at) for _ in range(2)]
        await ada.log_in("ada")
        await bob.log_in("bob")
        await expect(ada.page.get_by_text("No active alarms. 2 devices followed")).to_be_visible()

        device = farm.devices["sim-1"].model
        first = device.raise_alarm(farm.clock(), n=1)
        hostile = device.raise_alarm(farm.clock(), n=2, description=HOSTILE)
        for viewer in (ada, bob):
            await expect(viewer.row("sim-1")).to_have_count(2)
        await expect(bob.row("<script>alert(1)</script>")).to_have_count(1)
        assert await bob.page.get_by_role("button", name="Acknowledge").count() == 0

        await ada.row("<script>").get_by_role("button", name="Acknowledge").click()
        await expect(bob.row("<script>")).to_contain_text("Acknowledged by ada")

        device.clear(farm.clock(), first)
        for viewer in (ada, bob):
            await expect(viewer.row("sim-1")).to_have_count(1)
        device.clear(farm.clock(), hostile)
        await expect(bob.page.get_by_text("No active alarms. 2 devices followed")).to_be_visible()

        bridge.kill()
        await expect(bob.page.get_by_text("Connection lost.")).to_be_visible()
        device.raise_alarm(farm.clock(), n=3)
        bridge.start()
        await expect(bob.row("sim-1")).to_have_count(1)
        await expect(bob.page.get_by_text("Connection lost.")).to_be_hidden()
        await bob.page.goto(at + "/archive")
        await expect(bob.row("sim-1")).to_have_count(3)
        assert (ada.complaints, bob.complaints) == ([], [])


async def test_what_somebody_types_stays_when_the_page_looks_again(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, browser: Browser
) -> None:
    async with farm_of(1) as farm:
        configuration = configure(tmp_path, farm, receiver)
        bridge, at = run_bridge(configuration), place_of(configuration)
        farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
        viewer = await view(browser, at)
        await until(lambda: receiver.events)
        await viewer.page.goto(at + "/")
        await viewer.row("sim-1").get_by_role("link").last.click()
        comment = viewer.page.get_by_label("Comment", exact=True)
        await comment.fill("carrier called")
        [alarm] = re.findall(r"/alarms/([\w-]+)", viewer.page.url)
        await ask(bridge, "ack", alarm)
        farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=2)
        await until(lambda: len(receiver.events) == 2)
        await expect(viewer.page.get_by_label("Comment", exact=True)).to_have_value(
            "carrier called"
        )
        await viewer.page.get_by_role("button", name="Comment only").click()
        await expect(
            viewer.page.get_by_role("listitem").filter(has_text="carrier called")
        ).to_have_count(1)
        assert viewer.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_for_everybody_on_every_screen(
    tmp_path: Path, receiver: Receiver, browser: Browser, scheme: str
) -> None:
    async with farm_of(2) as farm:
        configuration = configure(tmp_path, farm, receiver)
        at = place_of(configuration)
        with ended(Bridge(tmp_path, configuration)) as bridge:
            bridge.start()
            model = farm.devices["sim-1"].model
            model.raise_alarm(farm.clock(), n=1, description=HOSTILE)
            await until(lambda: receiver.events)
            alarm = receiver.events[0]["data"]["alarm"]["id"]
            await ask(bridge, "silences", "add", "--device", "sim-9", "--for", "1h")
            for size in (PHONE, DESKTOP):
                viewer = await view(browser, at, viewport=size, color_scheme=scheme)
                for path in (*PAGES, f"/alarms/{alarm}"):
                    await viewer.page.goto(at + path)
                    found = (await Axe().run(viewer.page)).response["violations"]
                    assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
                    wide = "document.documentElement.scrollWidth - window.innerWidth"
                    assert (path, await viewer.page.evaluate(wide)) == (path, 0)
                assert viewer.complaints == []


async def test_it_works_without_script(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge, browser: Browser
) -> None:
    async with farm_of(1) as farm:
        configuration = configure(tmp_path, farm, receiver)
        run_bridge(configuration)
        at = place_of(configuration)
        farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.events)
        viewer = await view(browser, at, java_script_enabled=False)
        await viewer.page.goto(at + "/")
        await viewer.row("sim-1").get_by_role("button", name="Acknowledge").click()
        await expect(viewer.row("sim-1")).to_contain_text("Acknowledged by api")
