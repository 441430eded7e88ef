"""A trial: a marked alarm told by the real way, once, to a far end that is or is not there."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from app_parts import free_port, until
from pydantic import SecretStr

from alarmbridge.sinks.alertmanager import Config as Alertmanager
from alarmbridge.sinks.base import MatchConfig, SinkConfig
from alarmbridge.sinks.pagerduty import Config as PagerDuty
from alarmbridge.sinks.registry import load_type
from alarmbridge.sinks.webhook import Config as Webhook
from alarmbridge.trial import Tried, try_sink

OK = Tried("raised", True, "HTTP 202")
CLOSED = Tried("cleared", True, "HTTP 202")


class FarEnd:
    """Answers 202, or as told for the next requests; keeps what it heard. None: no answer."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[Any] = []
        self.next: list[int | None] = []
        self.headers: dict[str, str] = {}
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.heard.append(await request.json())
        status = self.next.pop(0) if self.next else 202
        if status is None:
            await self.over.wait()
        return web.Response(status=status or 202, headers=self.headers)


@pytest.fixture
async def far_end() -> AsyncIterator[FarEnd]:
    made, app = FarEnd(), web.Application()
    app.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    made.over.set()
    await runner.cleanup()


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def webhook(far_end: FarEnd, **other: Any) -> Webhook:
    return Webhook(name="hook", url=SecretStr(f"{far_end.url}/"), **other)


def left_in(scratch: Path) -> list[str]:
    return [entry.name for entry in scratch.iterdir()]


async def trial(config: SinkConfig) -> list[Tried]:
    async with asyncio.timeout(5):
        return [tried async for tried in try_sink(config)]


async def test_a_marked_alarm_is_raised_and_cleared(far_end: FarEnd) -> None:
    assert await trial(webhook(far_end)) == [OK, CLOSED]
    raised, cleared = far_end.heard
    assert (raised["type"], cleared["type"]) == ("alarm.raised", "alarm.cleared")
    alarm = raised["data"]["alarm"]
    assert (alarm["name"], alarm["origin"], alarm["severity"]) == ("sinkTest", "bridge", "warning")
    assert alarm["description"] == "This is a test of sink hook; nothing needs to be done."
    assert cleared["data"]["alarm"]["clear_description"] == "The test of sink hook is over."
    assert cleared["data"]["alarm"]["id"] == alarm["id"]
    assert raised["data"]["device"] is None


async def test_filters_and_rules_are_left_out(far_end: FarEnd) -> None:
    config = webhook(
        far_end,
        match=MatchConfig(min_severity="critical"),
        exclude=MatchConfig(name="sinkTest"),
        delay=timedelta(hours=1),
        rate_limit="1/1h",
    )
    assert await trial(config) == [OK, CLOSED]


async def test_each_trial_is_of_an_alarm_of_its_own(far_end: FarEnd) -> None:
    for _ in range(2):
        await trial(webhook(far_end))
    assert len({one["data"]["alarm"]["id"] for one in far_end.heard}) == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (503, "answered 503 Service Unavailable"),
        (400, "refused for good: "),
        (410, "answered 410 Gone"),
    ],
)
async def test_a_raise_that_is_refused_is_tried_once_and_not_cleared(
    far_end: FarEnd, status: int, words: str
) -> None:
    far_end.next = [status]
    (tried,) = await trial(webhook(far_end))
    assert (tried.kind, tried.accepted) == ("raised", False)
    assert words in tried.words
    assert len(far_end.heard) == 1


async def test_a_clear_that_is_refused_is_said_to_be(far_end: FarEnd) -> None:
    far_end.next = [202, 503]
    raised, cleared = await trial(webhook(far_end))
    assert raised == OK
    assert (cleared.kind, cleared.accepted) == ("cleared", False)
    assert len(far_end.heard) == 2


async def test_a_far_end_that_asks_for_patience_is_not_waited_for(far_end: FarEnd) -> None:
    far_end.next, far_end.headers = [429], {"Retry-After": "3600"}
    (tried,) = await trial(webhook(far_end))
    assert "429" in tried.words


async def test_a_far_end_that_keeps_silent_is_given_up(far_end: FarEnd) -> None:
    far_end.next = [None]
    (tried,) = await trial(webhook(far_end, timeout=timedelta(seconds=0.1)))
    assert (tried.accepted, "did not answer within 0.1 s" in tried.words) == (False, True)


async def test_the_clear_goes_under_the_key_and_credential_of_its_raise(far_end: FarEnd) -> None:
    config = PagerDuty(name="pager", url=SecretStr(far_end.url), routing_key=SecretStr("R" * 32))
    assert await trial(config) == [OK, CLOSED]
    raised, cleared = far_end.heard
    assert (raised["event_action"], cleared["event_action"]) == ("trigger", "resolve")
    for name in ("dedup_key", "routing_key"):
        assert raised[name] == cleared[name]


async def test_a_far_end_that_is_refreshed_at_a_start_is_tried_all_the_same(
    far_end: FarEnd,
) -> None:
    assert await trial(Alertmanager(name="am", url=SecretStr(far_end.url))) == [OK, CLOSED]
    assert len(far_end.heard) == 2


# What must not be seen, and what must not stay


async def test_no_secret_is_said_of_a_far_end_that_fails(far_end: FarEnd) -> None:
    nobody = f"http://user:canary@127.0.0.1:{free_port()}/hooks/canary?token=canary"
    said = await trial(Webhook(name="hook", url=SecretStr(nobody)))
    far_end.next = [400]
    key = SecretStr("canary" + "R" * 26)
    said += await trial(PagerDuty(name="pager", url=SecretStr(far_end.url), routing_key=key))
    assert [tried.accepted for tried in said] == [False, False]
    assert "canary" not in repr(said)


async def test_nothing_is_left_behind(far_end: FarEnd, scratch: Path) -> None:
    far_end.next = [202, 202, 503]
    for _ in range(2):
        await trial(webhook(far_end))
    assert left_in(scratch) == []
    going = {task.get_name().partition(" ")[0] for task in asyncio.all_tasks()}
    assert not going & {"deliver", "refresh"}


async def test_a_trial_that_is_broken_off_leaves_nothing_either(
    far_end: FarEnd, scratch: Path
) -> None:
    async with aclosing(try_sink(webhook(far_end))) as tries:
        assert await anext(tries) == OK
        assert [name[:12] for name in left_in(scratch)] == ["alarmbridge-"]
    assert left_in(scratch) == []


async def test_one_that_is_broken_off_while_the_far_end_thinks_leaves_nothing(
    far_end: FarEnd, scratch: Path
) -> None:
    far_end.next = [None]
    task = asyncio.create_task(trial(webhook(far_end)))
    await until(lambda: far_end.heard)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_in(scratch) == []


PLUG_IN = """
from typing import Literal
from pydantic import SecretStr
from alarmbridge.sinks import base

closed = []

class Config(base.SinkConfig):
    type: Literal["acme"] = "acme"
    token: SecretStr

class Sink(base.Sink):
    def __init__(self, config):
        self.token = config.token.get_secret_value()

    async def deliver(self, notice):
        raise RuntimeError(f"bug beside {self.token}")

    async def aclose(self):
        closed.append(self)
"""


async def test_a_sink_of_somebody_else_that_has_a_bug_is_survived_and_closed(
    tmp_path: Path,
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    described = tmp_path / "acme-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[alarmbridge.sinks]\nacme = acme_sink\n")
    (tmp_path / "acme_sink.py").write_text(PLUG_IN)
    monkeypatch.syspath_prepend(tmp_path)
    config = load_type("acme").config.model_validate({"name": "acme", "token": "canary"})

    (tried,) = await trial(config)

    assert tried == Tried("raised", False, "the sink failed with RuntimeError")
    assert caplog.messages == ["sink acme: the sink failed with RuntimeError"]
    assert len(sys.modules["acme_sink"].closed) == 1
    assert left_in(scratch) == []
