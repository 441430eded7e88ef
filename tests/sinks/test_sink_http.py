"""Far ends that mean no good, on a bare socket."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gaierror

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks import http
from alarmbridge.sinks.http import FarEnd, parse_far_url

NOWHERE = ConnectionKey("canary", 80, False, True, None, None, None)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _at_the_far_end(
    behaviour: Behaviour,
    *,
    timeout: float = 5.0,
    tls: ssl.SSLContext | None = None,
    ca_file: Path | None = None,
    path: str = "/canary",
) -> AsyncIterator[FarEnd]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    far_end = FarEnd(
        parse_far_url(f"{'https' if tls else 'http'}://canary:canary@127.0.0.1:{port}{path}"),
        timeout=timedelta(seconds=timeout),
        connections=1,
        ca_file=ca_file,
    )
    try:
        yield far_end
    finally:
        await far_end.aclose()
        server.close()
        await server.wait_closed()


async def _failure(far_end: FarEnd) -> SinkError:
    with pytest.raises(SinkError) as caught:
        await far_end.post(b"{}", {}, now=NOW)
    error = caught.value
    assert (error.permanent, error.gone, error.__cause__) == (False, False, None)
    assert "canary" not in error.reason
    return error


def _says(*parts: bytes, then_wait: bool = False) -> Behaviour:
    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then_wait:
            await reader.read()

    return behaviour


async def test_silence_ends_at_the_timeout() -> None:
    async with _at_the_far_end(_says(then_wait=True), timeout=0.1) as far_end:
        assert "did not answer within 0.1 s" in (await _failure(far_end)).reason


async def test_headers_that_drip_end_at_the_timeout() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not reader.at_eof():
            writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with _at_the_far_end(drip, timeout=0.2) as far_end:
        assert "did not answer within 0.2 s" in (await _failure(far_end)).reason


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((), "hung up without an answer"),
        ((b"HTTP/1.1 200",), "hung up without an answer"),
        ((b"\x00\xff garbage \r\n\r\n",), "does not speak HTTP"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), "does not speak HTTP"),
        ((b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",), "does not speak HTTP"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",), "not speak HTTP"),
        ((b"HTTP/1.1 302 Found\r\nLocation: /canary\r\n\r\n",), "redirects elsewhere (302)"),
        ((b"HTTP/1.1 777 canary\r\nContent-Length: 0\r\n\r\n",), "answered 777"),
        ((b"HTTP/1.1 404 canary\r\nContent-Length: 6\r\n\r\ncanary",), "404 Not Found; check"),
    ],
)
async def test_a_bad_answer_is_told_in_words(said: tuple[bytes, ...], words: str) -> None:
    async with _at_the_far_end(_says(*said)) as far_end:
        assert words in (await _failure(far_end)).reason


async def test_nobody_there_is_told_in_words() -> None:
    far_end = FarEnd(
        parse_far_url("http://127.0.0.1:1/canary"), timeout=timedelta(seconds=5), connections=1
    )
    assert "cannot be reached" in (await _failure(far_end)).reason
    await far_end.aclose()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "broke off: Connection reset"),
        (
            aiohttp.ClientConnectorDNSError(NOWHERE, gaierror(-2, "Name or service not known")),
            "cannot be resolved: Name or service not known",
        ),
        (aiohttp.ClientPayloadError("http://canary"), "broke off: ClientPayloadError"),
        (aiohttp.InvalidURL("http://canary"), "broke off: InvalidURL"),
        (aiohttp.ServerTimeoutError("http://canary"), "did not answer within 3 s"),
    ],
)
def test_every_failure_of_the_client_has_words(error: Exception, words: str) -> None:
    assert http._words(error, 3.0).startswith(words)


async def test_an_endless_answer_is_left_and_its_status_counts() -> None:
    taken = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            taken += 65536

    async with _at_the_far_end(flood) as far_end:
        assert await far_end.post(b"{}", {}, now=NOW) == "HTTP 200"
    assert taken < 16 * 1024 * 1024


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nbad",
    ],
)
async def test_a_broken_body_does_not_undo_an_acceptance(answer: bytes) -> None:
    async with _at_the_far_end(_says(answer)) as far_end:
        assert await far_end.post(b"{}", {}, now=NOW) == "HTTP 200"


async def test_a_body_that_never_comes_does_not_hold_the_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "_DRAIN_WITHIN", 0.05)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    async with _at_the_far_end(_says(answer, then_wait=True)) as far_end:
        assert await far_end.post(b"{}", {}, now=NOW) == "HTTP 200"


async def test_a_connection_is_used_again() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"{}"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            await writer.drain()
            writer.write(b"ok")

    async def forgive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            return

    async with _at_the_far_end(forgive) as far_end:
        for _ in range(3):
            await far_end.post(b"{}", {}, now=NOW)
    assert connections == 1


async def test_a_certificate_must_be_trusted_and_ca_file_can_say_so(tmp_path: Path) -> None:
    ca_file, tls = _self_signed(tmp_path)
    answer = _says(b"HTTP/1.1 204 No Content\r\n\r\n")
    async with _at_the_far_end(answer, tls=tls) as far_end:
        assert "is not trusted: self-signed certificate; set ca_file" in str(
            await _failure(far_end)
        )
    async with _at_the_far_end(answer, tls=tls, ca_file=ca_file) as far_end:
        assert await far_end.post(b"{}", {}, now=NOW) == "HTTP 204"


def _self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "far end")])
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(addresses, critical=False)
        .sign(key, hashes.SHA256())
    )
    path, private = folder / "far-end.pem", folder / "far-end.key"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, private)
    return path, context


async def test_a_body_that_is_asked_for_is_read_to_its_end() -> None:
    parts = (b"HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n", b"ok\xff", b" \xc3\xa9.\n")
    async with _at_the_far_end(_says(*parts)) as far_end:
        answer = await far_end.send("PUT", b"{}", {}, now=NOW)
    assert (answer.status, answer.body, str(answer)) == (201, "ok\ufffd \xe9.\n", "HTTP 201")
    assert "ok" not in repr(answer)


async def test_of_a_body_that_is_asked_for_only_so_much_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "_LONGEST_ANSWER", 10)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    async with _at_the_far_end(_says(answer)) as far_end:
        assert (await far_end.send("POST", b"{}", {}, now=NOW)).body == "x" * 10


@pytest.mark.parametrize(
    ("then_wait", "words"), [(False, "broke off: "), (True, "did not answer within 0.2 s")]
)
async def test_a_body_that_is_asked_for_and_does_not_end_is_a_failure(
    then_wait: bool, words: str
) -> None:
    answer = _says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncanary", then_wait=then_wait)
    async with _at_the_far_end(answer, timeout=0.2) as far_end:
        with pytest.raises(SinkError) as caught:
            await far_end.send("POST", b"{}", {}, now=NOW)
    assert words in caught.value.reason
    assert (caught.value.permanent, caught.value.__cause__) == (False, None)
    assert "canary" not in caught.value.reason


async def test_a_refusal_is_one_unless_the_sink_knows_it() -> None:
    answer = _says(b"HTTP/1.1 422 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno")
    async with _at_the_far_end(answer) as far_end:
        with pytest.raises(SinkError, match="answered 422 Unprocessable") as caught:
            await far_end.send("POST", b"{}", {}, known={404}, now=NOW)
    assert (caught.value.permanent, caught.value.retry_after) == (True, timedelta(seconds=7))
    async with _at_the_far_end(answer) as far_end:
        assert (await far_end.send("POST", b"{}", {}, known={422}, now=NOW)).status == 422


@pytest.mark.parametrize(
    ("url", "path", "target"),
    [
        ("", "", "/"),
        ("/a?b=%2F", "", "/a?b=%2F"),
        ("", "/v2/enqueue", "/v2/enqueue"),
        ("/", "/v2/enqueue", "/v2/enqueue"),
        ("/a%2Fb/", "/c%2Fd/..?e=%26", "/a%2Fb/c%2Fd/..?e=%26"),
        ("/a?sig=ab%2Bc%3D", "/b?c=d", "/a/b?sig=ab%2Bc%3D&c=d"),
        ("/caf\u00e9", "/b", "/caf%C3%A9/b"),
    ],
)
async def test_a_path_follows_the_urls_own_and_its_query_stays(
    url: str, path: str, target: str
) -> None:
    requests = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append((await reader.readuntil(b"\r\n\r\n")).decode().split())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with _at_the_far_end(note, path=url) as far_end:
        await far_end.post(b"{}", {}, path=path, now=NOW)
        await far_end.send("PUT", b"{}", {}, path=path, now=NOW)
    assert [(request[0], request[1]) for request in requests] == [("POST", target), ("PUT", target)]
    assert all("Basic" in request for request in requests)
