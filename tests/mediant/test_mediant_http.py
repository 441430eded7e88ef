"""The transport against real sockets. Each device is as bad as one thing makes it."""

import asyncio
import base64
import functools
import gzip
import socket
import tracemalloc
import zlib
from pathlib import Path

import pytest
from mediant_wire import (
    PATH,
    Handler,
    Heard,
    RawDevice,
    Reader,
    Writer,
    line_to,
    repeats,
    reply,
    says,
)

from alarmbridge.core.errors import BadAnswer, ConfigError, DeviceError, LoginFailed, Unreachable
from alarmbridge.mediant.access import Access
from alarmbridge.mediant.body import MAX_BODY
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.transport import Answer

MIB = 1024 * 1024
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@functools.cache
def bomb_of(size: int) -> bytes:
    """Compress zeros, without ever holding them."""
    deflater = zlib.compressobj(9, wbits=31)
    parts = [deflater.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*parts, deflater.flush()])


async def test_an_answer_comes_with_its_moments(device: RawDevice, network: HttpNetwork) -> None:
    device.handle = says(reply(b'{"a": 1}'))
    answer = await line_to(device, network).get(PATH)
    assert (answer.status, answer.content_type, answer.body) == (
        200,
        "application/json",
        b'{"a": 1}',
    )
    assert answer.received_at > answer.asked_at


async def test_a_request_says_all_it_must_and_no_more(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network, url=f"http://127.0.0.1:{device.port}/sbc/")
    await line.get(PATH, {"after": "a&b=1 é"})
    head = device.heard[0].head.split("\r\n")
    assert head[0] == "GET /sbc/api/v1/alarms/active?after=a%26b%3D1+%C3%A9 HTTP/1.1"
    assert sorted(field.partition(":")[0] for field in head[1:]) == [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Host",
        "User-Agent",
    ]
    assert "Accept-Encoding: identity" in head
    credentials = base64.b64encode(b"monitor:canary-pa55").decode()
    assert f"Authorization: Basic {credentials}" in head


async def test_a_connection_is_kept(device: RawDevice, network: HttpNetwork) -> None:
    line = line_to(device, network)
    for status in ("200 OK", "404 Not Found", "200 OK"):
        device.handle = says(reply(status=status))
        await line.get(PATH)
    assert device.connections == 1


async def test_no_content_is_an_answer(device: RawDevice, network: HttpNetwork) -> None:
    device.handle = says(b"HTTP/1.1 204 No Content\r\n\r\n")
    answer = await line_to(device, network).get(PATH)
    assert (answer.status, answer.content_type, answer.body) == (204, "", b"")


async def test_cookies_are_not_kept(device: RawDevice, network: HttpNetwork) -> None:
    device.handle = says(reply(more="Set-Cookie: session=1\r\n"))
    line = line_to(device, network)
    await line.get(PATH)
    await line.get(PATH)
    assert "cookie" not in device.heard[1].head.lower()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "308 Permanent", "307 Temporary"])
async def test_a_redirect_is_never_followed(
    device: RawDevice, network: HttpNetwork, canary: RawDevice, status: str
) -> None:
    target = f"Location: http://127.0.0.1:{canary.port}/\r\n"
    device.handle = says(reply(status=status, more=target))
    with pytest.raises(BadAnswer, match=r"sbc-1 redirects /api/v1/alarms/active"):
        await line_to(device, network).get(PATH)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Oops"])
async def test_credentials_that_a_device_repeats_go_no_further(
    device: RawDevice, network: HttpNetwork, status: str
) -> None:
    token = base64.b64encode(b"monitor:canary-pa55")
    device.handle = says(reply(b'{"description": "denied: Basic %s"}' % token, status=status))
    with pytest.raises(BadAnswer, match=r"sbc-1 sends our own credentials back"):
        await line_to(device, network).get(PATH)


@pytest.mark.parametrize(
    "answer", [b"Basic canary\r\n\r\n", b"HTTP/1.1 200 OK\r\nBasic canary\r\n\r\n"]
)
async def test_what_is_no_http_is_not_quoted(
    device: RawDevice, network: HttpNetwork, answer: bytes
) -> None:
    device.handle = says(answer, then_close=True)
    with pytest.raises(BadAnswer, match=r"sbc-1 does not speak HTTP: \w+") as caught:
        await line_to(device, network).get(PATH)
    assert "canary" not in str(caught.value)


async def test_proxies_and_netrc_of_the_environment_are_ignored(
    device: RawDevice,
    network: HttpNetwork,
    canary: RawDevice,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stranger password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    await line_to(device, network).get(PATH)
    assert base64.b64encode(b"monitor:canary-pa55").decode() in device.heard[0].head


async def test_no_more_requests_at_once_than_allowed(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network, max_connections=3)
    await line.get(PATH)
    device.handle = repeats(b"", reply(), times=1, pause=0.02)
    await asyncio.gather(*(line.get(PATH) for _ in range(12)))
    assert device.most == 3


def only_one(device: RawDevice) -> Handler:
    """Answer one request at a time, and hang up on whoever asks beside it."""
    free = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, free.set)

    async def handle(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        if device.waiting > 1:
            writer.transport.abort()
            return
        await free.wait()
        writer.write(reply())
        await writer.drain()

    return handle


async def most_at_once(device: RawDevice, line: HttpTransport) -> int:
    """Ask three things at once, and count how many of them waited for an answer at once."""
    device.handle = repeats(b"", reply(), times=1, pause=0.02)
    device.most = 0
    await asyncio.gather(line.get(PATH), line.get(PATH), line.get(PATH))
    return device.most


async def test_a_device_that_takes_one_connection_is_asked_by_one(
    device: RawDevice, network: HttpNetwork
) -> None:
    # Two requests are under way; the device hangs up on the second, and answers the first.
    line = line_to(device, network, max_connections=2)
    await line.get(PATH)
    device.handle = only_one(device)
    answers = await asyncio.gather(line.get(PATH), line.get(PATH), return_exceptions=True)
    assert [type(one) for one in answers].count(Unreachable) == 1
    assert await most_at_once(device, line) == 1


async def test_after_an_hour_it_is_asked_by_two_again(device: RawDevice) -> None:
    now = 1000.0
    network = HttpNetwork(lambda: now)
    try:
        line = line_to(device, network, max_connections=2)
        await line.get(PATH)
        device.handle = only_one(device)
        await asyncio.gather(line.get(PATH), line.get(PATH), return_exceptions=True)
        now += 3599.0
        assert await most_at_once(device, line) == 1
        now += 1.0
        assert await most_at_once(device, line) == 2
    finally:
        await network.aclose()


async def test_an_outage_makes_no_device_one_that_takes_one_connection(
    device: RawDevice, network: HttpNetwork
) -> None:
    # Two requests are under way; the device goes away, and hangs up on one after the other.
    async def handle(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        await asyncio.sleep(0.05 * device.waiting)
        writer.transport.abort()

    line = line_to(device, network, max_connections=2)
    await line.get(PATH)
    device.handle = handle
    answers = await asyncio.gather(line.get(PATH), line.get(PATH), return_exceptions=True)
    assert [type(one) for one in answers] == [Unreachable, Unreachable]
    assert await most_at_once(device, line) == 2


async def test_an_answer_that_is_late_makes_no_device_one_that_takes_one_connection(
    device: RawDevice, network: HttpNetwork
) -> None:
    # Two requests are under way; the first runs out of time, and the second is answered then.
    async def handle(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        await asyncio.sleep(0.5 if device.waiting == 1 else 0.2)
        writer.write(reply())

    async def ask_second() -> Answer:
        await asyncio.sleep(0.15)
        return await line.get(PATH)

    line = line_to(device, network, max_connections=2, timeout=0.3)
    await line.get(PATH)
    device.handle = handle
    late, in_time = await asyncio.gather(line.get(PATH), ask_second(), return_exceptions=True)
    assert (type(late), type(in_time)) == (Unreachable, Answer)
    await device.hung_up.wait()
    assert await most_at_once(device, line) == 2


async def test_credentials_are_first_tried_by_one_request_alone(
    device: RawDevice, network: HttpNetwork
) -> None:
    device.handle = repeats(b"", reply(), times=1, pause=0.02)
    line = line_to(device, network, max_connections=2)
    await asyncio.gather(line.get(PATH), line.get(PATH))
    assert device.most == 1
    await asyncio.gather(line.get(PATH), line.get(PATH))
    assert device.most == 2


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_refused_credentials_are_not_sent_again(
    device: RawDevice, network: HttpNetwork, status: str
) -> None:
    device.handle = says(reply(status=status))
    line = line_to(device, network, max_connections=4)
    refused = await asyncio.gather(*(line.get(PATH) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(one, LoginFailed) for one in refused)
    with pytest.raises(LoginFailed, match="sbc-1 refused"):
        await line.get(PATH)
    assert len(device.heard) == 1


async def test_a_password_that_is_changed_meanwhile_fails_all_that_wait(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network, max_connections=1)
    await line.get(PATH)
    device.handle = repeats(b"", reply(status="401 Unauthorized"), times=1, pause=0.02)
    refused = await asyncio.gather(*(line.get(PATH) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, LoginFailed) for one in refused)
    assert len(device.heard) == 2


async def test_the_poller_may_let_the_login_be_tried_again(
    device: RawDevice, network: HttpNetwork
) -> None:
    device.handle = says(reply(status="401 Unauthorized"))
    line = line_to(device, network)
    with pytest.raises(LoginFailed):
        await line.get(PATH)
    device.handle = says(reply())
    line.allow_login()
    assert (await line.get(PATH)).status == 200
    assert len(device.heard) == 2


async def test_another_device_may_still_log_in(device: RawDevice, network: HttpNetwork) -> None:
    device.handle = says(reply(status="401 Unauthorized"))
    with pytest.raises(LoginFailed):
        await line_to(device, network).get(PATH)
    device.handle = says(reply())
    assert (await line_to(device, network, name="sbc-2").get(PATH)).status == 200


async def test_a_gzip_body_is_read_though_it_was_not_asked_for(
    device: RawDevice, network: HttpNetwork
) -> None:
    for name, packed in (("gzip", gzip.compress(b"{}")), ("deflate", zlib.compress(b"{}"))):
        device.handle = says(reply(packed, more=f"Content-Encoding: {name}\r\n"))
        assert (await line_to(device, network).get(PATH)).body == b"{}"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"{}"),
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}")[:-1]),
        ("gzip", gzip.compress(b"{}") * 2),
    ],
)
async def test_a_body_packed_otherwise_is_a_bad_answer(
    device: RawDevice, network: HttpNetwork, encoding: str, body: bytes
) -> None:
    device.handle = says(reply(body, more=f"Content-Encoding: {encoding}\r\n"))
    with pytest.raises(BadAnswer, match="sbc-1"):
        await line_to(device, network).get(PATH)


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_gzip_bomb_does_not_go_off(
    device: RawDevice, network: HttpNetwork, chunked: bool
) -> None:
    bomb = bomb_of(400 * MIB)
    if chunked:
        head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
        device.handle = says(head + b"%x\r\n" % len(bomb) + bomb + b"\r\n0\r\n\r\n")
    else:
        device.handle = says(reply(bomb, more="Content-Encoding: gzip\r\n"))
    line = line_to(device, network)
    tracemalloc.start()
    with pytest.raises(BadAnswer, match="4 MiB"):
        await line.get(PATH)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * MIB


async def test_a_body_just_within_bounds_is_read(device: RawDevice, network: HttpNetwork) -> None:
    device.handle = says(reply(bytes(MAX_BODY)))
    assert len((await line_to(device, network).get(PATH)).body) == MAX_BODY


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", bytes(MIB)),
        (CHUNKED, b"100000\r\n" + bytes(MIB) + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", bytes(MIB)),
    ],
    ids=["100 MB announced", "endless chunks", "endless until closed"],
)
async def test_a_body_beyond_bounds_is_left_unread(
    device: RawDevice, network: HttpNetwork, first: bytes, then: bytes
) -> None:
    device.handle = repeats(first, then, times=100)
    with pytest.raises(BadAnswer, match="sbc-1 sent more than 4 MiB"):
        await line_to(device, network).get(PATH)
    async with asyncio.timeout(5):
        await device.hung_up.wait()


@pytest.mark.parametrize(
    ("first", "then", "pause"),
    [
        (b"", b"", 9.0),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b" ", 0.1),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.1),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),
    ],
    ids=["silence", "a byte at a time", "header a byte at a time", "endless 100 Continue"],
)
async def test_a_slow_answer_is_cut_off_in_time(
    device: RawDevice, network: HttpNetwork, first: bytes, then: bytes, pause: float
) -> None:
    device.handle = repeats(first, then, times=10_000, pause=pause)
    with pytest.raises(Unreachable, match=r"sbc-1 did not answer within 0\.3 s"):
        await line_to(device, network, timeout=0.3).get(PATH)


async def test_a_connection_that_failed_is_not_used_again(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network, timeout=0.2)
    device.handle = repeats(b"", reply(b"late"), times=1, pause=0.0)
    await line.get(PATH)
    device.handle = repeats(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"", times=1, pause=9)
    with pytest.raises(Unreachable):
        await line.get(PATH)
    device.handle = says(reply(b"new"))
    assert (await line.get(PATH)).body == b"new"
    assert device.connections == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        CHUNKED + b"5\r\nshort\r\n",
        CHUNKED + b"zzz\r\ngarbage",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"",
    ],
    ids=[
        "body too short",
        "chunks too short",
        "chunked garbage",
        "half a header",
        "negative length",
        "two lengths",
        "not HTTP",
        "endless headers",
        "endless header",
        "nothing",
    ],
)
async def test_a_broken_answer_is_a_failed_read(
    device: RawDevice, network: HttpNetwork, raw: bytes
) -> None:
    device.handle = says(raw, then_close=True)
    with pytest.raises(DeviceError, match="sbc-1") as caught:
        await line_to(device, network).get(PATH)
    assert caught.value.__cause__ is not None


async def test_bytes_beyond_an_answer_are_not_taken_for_the_next(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network)
    device.handle = says(reply(b"first") + reply(b"smuggled"))
    assert (await line.get(PATH)).body == b"first"
    device.handle = says(reply(b"second"))
    assert (await line.get(PATH)).body == b"second"


async def test_a_kept_connection_that_the_device_closed_is_no_failure(
    device: RawDevice, network: HttpNetwork
) -> None:
    line = line_to(device, network)
    await line.get(PATH)
    device.handle = says(reply(), then_close=True)
    await line.get(PATH)
    device.handle = says(reply())
    assert (await line.get(PATH)).status == 200


async def test_a_closed_port_is_unreachable(network: HttpNetwork) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        line = network.open_line(Access(name="sbc-1", url=url, username="u", password="p"))
        with pytest.raises(Unreachable, match=r"sbc-1 cannot be reached: Conn.*refused"):
            await line.get(PATH)


async def test_a_name_that_does_not_resolve_is_unreachable(network: HttpNetwork) -> None:
    line = network.open_line(
        Access(name="sbc-1", url="http://sbc.invalid", username="u", password="p")
    )
    with pytest.raises(Unreachable, match="host name of sbc-1"):
        await line.get(PATH)


@pytest.mark.parametrize(
    "url",
    [
        "sbc.example",
        "ftp://sbc.example",
        "https://",
        "http://[::1",
        "https://user:canary-pa55@sbc.example",
        "https://sbc.example/?x=1",
        "https://sbc.example:99999",
    ],
)
async def test_a_url_that_cannot_be_used_is_a_configuration_error(
    network: HttpNetwork, url: str
) -> None:
    with pytest.raises(ConfigError, match="sbc-1") as caught:
        network.open_line(Access(name="sbc-1", url=url, username="u", password="p"))
    assert "canary" not in str(caught.value)


async def test_a_user_name_with_a_colon_is_a_configuration_error(network: HttpNetwork) -> None:
    with pytest.raises(ConfigError, match="colon"):
        network.open_line(Access(name="sbc-1", url="http://x", username="a:b", password="p"))


async def test_no_password_shows_in_what_is_printed(
    device: RawDevice, network: HttpNetwork
) -> None:
    access = Access(name="sbc-1", url="http://x", username="u", password="canary-pa55")
    assert "canary" not in repr(access)
    for status in ("302 Found", "401 Unauthorized"):
        device.handle = says(reply(status=status))
        with pytest.raises(DeviceError) as caught:
            await line_to(device, network).get(PATH)
        assert "canary" not in repr(caught.value)
        assert "127.0.0.1" not in str(caught.value)
