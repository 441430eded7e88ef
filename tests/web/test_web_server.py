"""The server: whom it lets in, and how it answers what goes wrong, over a real socket."""

import asyncio
from collections.abc import Sequence

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from web_cases import REFUSED, TOKENS, UNAUTHORIZED, Served, Start, guard_of

from alarmbridge.core.errors import AlarmbridgeError, StoreError
from alarmbridge.web.server import WebServer


class Page:
    """A page for those who may; `bug` is what it fails by."""

    bug: BaseException | None = None

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get("/page", self.show), web.post("/page", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        await request.read()
        if self.bug is not None:
            raise self.bug
        return web.Response(text="shown")


@pytest.fixture
def page() -> Page:
    """A page."""
    return Page()


@pytest.mark.parametrize(
    "words",
    [
        b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    ],
    ids=["refusal", "nowhere", "no-http"],
)
async def test_no_answer_tells_of_versions(start: Start, page: Page, words: bytes) -> None:
    for guard in (guard_of(*TOKENS), guard_of()):
        answer = (await (await start(guard, page)).say(words)).lower()
        assert b"server: alarmbridge\r\n" in answer
        assert b"aiohttp" not in answer
        assert b"python" not in answer


@pytest.mark.parametrize("headers", REFUSED, ids=str)
async def test_a_stranger_is_told_how_to_show_a_token_and_nothing_else(
    start: Start, page: Page, headers: dict[str, str]
) -> None:
    served = await start(guard_of(*TOKENS), page)
    for path in ("/", "/nowhere", "/page", "/page/", "//page", "/healthz/", "/healthz/../page"):
        for method in ("GET", "POST", "DELETE", "PUT"):
            answer = await served.ask(path, method, **headers)
            assert (answer.status, answer.json) == (401, UNAUTHORIZED)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_a_token_of_other_letters_is_a_token(start: Start, page: Page) -> None:
    served = await start(guard_of("pässwörd"), page)
    assert (await served.ask("/page", Authorization="Bearer pässwörd")).status == 200
    assert (await served.ask("/page", Authorization="Bearer password")).status == 401


async def test_a_header_that_is_no_text_is_refused_like_any_other(
    start: Start, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await (await start(guard_of(*TOKENS), page)).say(
        b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Authorization: Bearer \xff\xfe\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert caplog.messages == []


@pytest.mark.parametrize(
    "words",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET /x\xff HTTP/1.1\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["tls", "bytes", "url", "header", "long"],
)
async def test_who_speaks_no_http_cannot_fill_the_log(
    start: Start, page: Page, caplog: pytest.LogCaptureFixture, words: bytes
) -> None:
    assert (await (await start(guard_of(), page)).say(words)).split(b" ")[1] == b"400"
    assert caplog.messages == []


async def test_who_hangs_up_within_a_body_cannot_fill_the_log(
    start: Start, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    served = await start(guard_of(), page)
    for words in (b"", b"half"):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(b"POST /page HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n" + words)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert (await served.ask("/page")).text == "shown"
    await served.server.close()
    assert caplog.messages == []


async def test_a_body_that_is_none_is_refused(
    start: Start, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await (await start(guard_of(), page)).say(
        b"POST /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"
    )
    assert answer.split(b" ")[1] == b"400"
    assert caplog.messages == []


async def test_what_goes_wrong_is_a_problem_document(start: Start, page: Page) -> None:
    served = await start(guard_of(), page)
    for path, method, status, title in (
        ("/nowhere", "GET", 404, "Not Found"),
        ("/page", "PUT", 405, "Method Not Allowed"),
    ):
        answer = await served.ask(path, method)
        assert answer.status == status
        assert answer.json == {"type": "about:blank", "title": title, "status": status}
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_a_method_that_is_not_allowed_is_told_which_are(start: Start, page: Page) -> None:
    answer = await (await start(guard_of(), page)).ask("/page", "PUT")
    assert answer.headers["Allow"] == "GET,HEAD,POST"


async def test_a_body_that_is_too_large_is_not_read(start: Start, page: Page) -> None:
    answer = await (await start(guard_of(), page)).ask("/page", "POST", body=b"x" * 70_000)
    assert (answer.status, answer.json["title"]) == (413, "Request Entity Too Large")


async def test_a_bug_is_told_to_the_log_and_not_to_the_asker(
    start: Start, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    page.bug = ZeroDivisionError("canary-detail")
    answer = await (await start(guard_of(), page)).ask("/page")
    assert answer.status == 500
    assert answer.json == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
    assert "canary-detail" in caplog.text
    assert caplog.messages == ["GET /page failed; please report it"]


async def test_an_archive_that_fails_is_said_in_its_words(start: Start, page: Page) -> None:
    page.bug = StoreError("The archive is locked.")
    answer = await (await start(guard_of(), page)).ask("/page")
    assert (answer.status, answer.json["detail"]) == (503, "The archive is locked.")


async def test_a_port_in_use_is_said_in_plain_words(start: Start, page: Page) -> None:
    served = await start(guard_of(), page)
    other = WebServer(host="127.0.0.1", port=served.port, guard=guard_of(), parts=[page])
    with pytest.raises(AlarmbridgeError) as caught:
        await other.start()
    assert f"api.listen: 127.0.0.1:{served.port} cannot be used: " in str(caught.value)
    assert "address already in use" in str(caught.value)
    assert "is another alarmbridge running?" in str(caught.value)
    await other.close()
    assert (await served.ask("/page")).status == 200


async def test_a_host_that_is_not_ours_is_said_in_plain_words() -> None:
    server = WebServer(host="192.0.2.1", port=unused_port(), guard=guard_of(), parts=[])
    with pytest.raises(AlarmbridgeError, match=r"api\.listen: 192\.0\.2\.1:\d+ cannot be used"):
        await server.start()


async def test_a_server_that_never_started_can_be_closed() -> None:
    await WebServer(host="127.0.0.1", port=0, guard=guard_of(), parts=[]).close()


async def test_a_server_that_is_closed_answers_no_more(start: Start, page: Page) -> None:
    served: Served = await start(guard_of(), page)
    await served.ask("/page")
    await served.server.close()
    with pytest.raises(aiohttp.ClientConnectionError):
        await served.ask("/page")
