"""The probes and the metrics, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.probes import WebServer

TOKENS = ("canary-token-1", "canary-token-2")
OPEN = {"/healthz", "/readyz"}
REFUSED = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer canary-token"},
    {"Authorization": "Bearer canary-token-1 canary-token-2"},
    {"Authorization": "Basic canary-token-1"},
    {"Authorization": "canary-token-1"},
    {"Cookie": "token=canary-token-1"},
)


class Served:
    """A server under way, and what it says of its readiness."""

    def __init__(self, session: aiohttp.ClientSession, tokens: tuple[str, ...]) -> None:
        self.unwell: list[str] = []
        self.bug: Exception | None = None
        self.metrics = Metrics()
        self.port = unused_port()
        self.server = WebServer(
            host="127.0.0.1",
            port=self.port,
            metrics=self.metrics,
            readiness=self._find_unwell,
            tokens=tokens,
        )
        self._session = session

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        """Ask for a path; return the status and the text."""
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self._session.request(method, url, headers=headers) as answer:
            return answer.status, await answer.text()

    async def say(self, words: bytes) -> bytes:
        """Say something on a bare connection; return all that comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(words)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def _find_unwell(self) -> list[str]:
        if self.bug is not None:
            raise self.bug
        return self.unwell


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that end with the test."""
    made: list[Served] = []
    async with aiohttp.ClientSession() as session:

        async def serve(*tokens: str) -> Served:
            made.append(Served(session, tokens))
            await made[-1].server.start()
            return made[-1]

        yield serve
    for served in made:
        await served.server.close()


def routes_of(served: Served) -> list[tuple[str, str]]:
    """List every route there is, as method and path."""
    assert served.server._runner is not None
    routes = served.server._runner.app.router.routes()
    return [(route.method, route.resource.canonical) for route in routes if route.resource]


async def test_a_process_that_lives_says_so(serve: Serve) -> None:
    served = await serve()
    served.unwell = ["loop sbc-1 has stopped"]
    assert await served.get("/healthz") == (200, "alive\n")


async def test_it_is_ready_when_nothing_is_unwell(serve: Serve) -> None:
    assert await (await serve()).get("/readyz") == (200, "ready\n")


async def test_what_is_unwell_is_named_a_line_each(serve: Serve) -> None:
    served = await serve()
    served.unwell = ["loop sbc-1 has stopped", "the disk is full"]
    assert await served.get("/readyz") == (503, "loop sbc-1 has stopped\nthe disk is full\n")


async def test_a_stranger_learns_of_readiness_and_no_more(serve: Serve) -> None:
    served = await serve(*TOKENS)
    served.unwell = ["loop sbc-1 has stopped"]
    for refused in REFUSED:
        assert await served.get("/readyz", **refused) == (503, "not ready\n")
    known = {"Authorization": f"Bearer {TOKENS[1]}"}
    assert await served.get("/readyz", **known) == (503, "loop sbc-1 has stopped\n")
    served.unwell = []
    assert await served.get("/readyz") == (200, "ready\n")


@pytest.mark.parametrize(
    "words",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    ],
    ids=["answer", "refusal", "nowhere", "no-http"],
)
async def test_no_answer_tells_of_versions(serve: Serve, words: bytes) -> None:
    answer = (await (await serve(*TOKENS)).say(words)).lower()
    assert b"server: alarmbridge\r\n" in answer
    assert b"aiohttp" not in answer
    assert b"python" not in answer


async def test_the_metrics_are_prometheus_text(serve: Serve) -> None:
    served = await serve()
    served.metrics.syncs.inc()
    url = f"http://127.0.0.1:{served.port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "alarmbridge_syncs_total 1.0" in (await answer.text()).splitlines()


async def test_without_tokens_every_route_answers(serve: Serve) -> None:
    served = await serve()
    routes = routes_of(served)
    assert {path for _, path in routes} == {"/healthz", "/readyz", "/metrics"}
    for method, path in routes:
        assert (await served.get(path, method))[0] == 200


@pytest.mark.parametrize("headers", REFUSED, ids=str)
async def test_a_stranger_gets_no_route_but_the_two_probes(
    serve: Serve, headers: dict[str, str]
) -> None:
    served = await serve(*TOKENS)
    for method, path in routes_of(served):
        status, text = await served.get(path, method, **headers)
        assert status == (200 if path in OPEN else 401)
        assert path in OPEN or text == ""


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/metrics/", "//metrics", "/healthz/", "/healthz/../metrics"]
)
async def test_a_stranger_cannot_tell_what_is_there_from_what_is_not(
    serve: Serve, path: str
) -> None:
    assert (await (await serve(*TOKENS)).get(path))[0] == 401


async def test_a_stranger_is_told_how_to_show_a_token(serve: Serve) -> None:
    served = await serve(*TOKENS)
    url = f"http://127.0.0.1:{served.port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
async def test_each_token_opens_everything(serve: Serve, scheme: str, token: str) -> None:
    served = await serve(*TOKENS)
    for method, path in routes_of(served):
        status, _ = await served.get(path, method, Authorization=f"{scheme} {token}")
        assert status == 200


async def test_a_token_of_other_letters_is_a_token(serve: Serve) -> None:
    served = await serve("pässwörd")
    assert (await served.get("/metrics", Authorization="Bearer pässwörd"))[0] == 200
    assert (await served.get("/metrics", Authorization="Bearer password"))[0] == 401


async def test_a_header_that_is_no_text_is_refused_like_any_other(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    served = await serve(*TOKENS)
    answer = await served.say(
        b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
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
    serve: Serve, caplog: pytest.LogCaptureFixture, words: bytes
) -> None:
    assert (await (await serve()).say(words)).split(b" ")[1] == b"400"
    assert caplog.messages == []


async def test_tokens_are_not_kept(serve: Serve) -> None:
    served = await serve(*TOKENS)
    assert "canary" not in repr(vars(served.server))


async def test_only_questions_are_answered(serve: Serve) -> None:
    served = await serve()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await served.get("/metrics", method))[0] == 405


async def test_a_bug_is_told_to_the_log_and_not_to_the_asker(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    served = await serve()
    served.bug = ZeroDivisionError("canary-detail")
    status, text = await served.get("/readyz")
    assert status == 500
    assert "canary" not in text
    assert "ZeroDivision" not in text
    assert "canary-detail" in caplog.text


async def test_a_port_in_use_is_said_in_plain_words(serve: Serve) -> None:
    served = await serve()
    other = WebServer(
        host="127.0.0.1",
        port=served.port,
        metrics=served.metrics,
        readiness=served._find_unwell,
    )
    with pytest.raises(AlarmbridgeError) as caught:
        await other.start()
    assert f"api.listen: 127.0.0.1:{served.port} cannot be used: " in str(caught.value)
    assert "address already in use" in str(caught.value)
    assert "is another alarmbridge running?" in str(caught.value)
    await other.close()
    assert (await served.get("/healthz"))[0] == 200


async def test_a_host_that_is_not_ours_is_said_in_plain_words() -> None:
    server = WebServer(host="192.0.2.1", port=unused_port(), metrics=Metrics(), readiness=_well)
    with pytest.raises(AlarmbridgeError, match=r"api\.listen: 192\.0\.2\.1:\d+ cannot be used"):
        await server.start()


async def test_a_server_that_never_started_can_be_closed() -> None:
    await WebServer(host="127.0.0.1", port=0, metrics=Metrics(), readiness=_well).close()


async def test_a_server_that_is_closed_answers_no_more(serve: Serve) -> None:
    served = await serve()
    await served.get("/healthz")
    await served.server.close()
    with pytest.raises(aiohttp.ClientConnectionError):
        await served.get("/healthz")


async def _well() -> list[str]:
    return []
