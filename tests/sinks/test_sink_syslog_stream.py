"""Connections that end, hang or break where nothing is ever answered."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from authority import Authority

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks import syslog_stream
from alarmbridge.sinks.syslog_stream import Stream, make_trust
from alarmbridge.sinks.syslog_transport import Address

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FRAME = b"6 a line"


class FarEnd:
    """A receiver. heard: what came by each connection. ended: how many have come to their end."""

    def __init__(self) -> None:
        self.heard: list[bytearray] = []
        self.ended = 0
        self.changed = asyncio.Event()

    async def read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read to the end."""
        heard = bytearray()
        self.heard.append(heard)
        try:
            while part := await reader.read(65536):
                heard += part
                self.changed.set()
        except OSError:
            pass
        finally:
            self.ended += 1
            self.changed.set()
            writer.close()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def serve(
    behaviour: Behaviour,
    *,
    timeout: float = 5.0,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    trust: Callable[[], ssl.SSLContext] | None = None,
) -> AsyncIterator[Stream]:
    writers: list[asyncio.StreamWriter] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await behaviour(reader, writer)

    server = await asyncio.start_server(behave, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    address = Address("tls" if tls else "tcp", host, port)
    stream = Stream(address, timeout=timedelta(seconds=timeout), trust=trust)
    try:
        yield stream
    finally:
        await stream.aclose()
        for writer in writers:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


async def refusal_of(stream: Stream, frame: bytes = FRAME) -> str:
    with pytest.raises(SinkError) as caught:
        await stream.send(frame)
    assert (caught.value.permanent, caught.value.gone) == (False, False)
    return caught.value.reason


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def never_read(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.pause_reading()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_many_frames_go_whole_by_one_connection(host: str) -> None:
    far_end = FarEnd()
    frames = [b"%d %s" % (size, b"x" * size) for size in range(1000, 1020)]
    async with serve(far_end.read, host=host) as stream:
        await asyncio.gather(*(stream.send(frame) for frame in frames))
        await stream.send(FRAME)
        await far_end.until(lambda: far_end.heard[0].endswith(FRAME))
    assert [bytes(heard) for heard in far_end.heard] == [b"".join(frames) + FRAME]


async def test_nothing_is_opened_before_the_first_frame_and_all_is_closed_after() -> None:
    far_end = FarEnd()
    async with serve(far_end.read) as stream:
        await asyncio.sleep(0)
        assert far_end.heard == []
        await stream.send(FRAME)
        await stream.aclose()
        await far_end.until(lambda: far_end.ended == 1)
        await stream.aclose()


async def test_a_connection_that_has_ended_is_noticed_before_the_next_frame() -> None:
    far_end, has_ended = FarEnd(), asyncio.Event()

    async def leave_the_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if far_end.heard:
            return await far_end.read(reader, writer)
        far_end.heard.append(bytearray(await reader.readexactly(len(FRAME))))
        await has_ended.wait()
        return writer.close()

    async with serve(leave_the_first) as stream:
        await stream.send(FRAME)
        connection = stream._connection
        assert connection
        has_ended.set()
        await asyncio.wait_for(connection.lost, 5)
        await stream.send(FRAME)
        await far_end.until(lambda: far_end.heard == [FRAME, FRAME])


async def test_what_the_far_end_left_unread_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Otherwise it depends on who is faster.
    monkeypatch.setattr(syslog_stream, "_SURE_AFTER", 5.0)
    unread = asyncio.Event()

    def die_with_it_unread(connection: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(connection)
        connection.close()
        unread.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = Address("tcp", *server.getsockname())
        stream = Stream(address, timeout=timedelta(seconds=5), trust=None)
        attempt = asyncio.create_task(refusal_of(stream))
        loop = asyncio.get_running_loop()
        connection, _ = await loop.sock_accept(server)
        loop.add_reader(connection, die_with_it_unread, connection)
        assert await attempt == f"{address} hung up"
        assert unread.is_set()
        await stream.aclose()


async def test_the_kernel_is_asked_whether_the_far_end_still_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The far end's FIN may be there before the loop has come round to it.
    monkeypatch.setattr(syslog_stream._Connection, "eof_received", lambda _: True)
    monkeypatch.setattr(syslog_stream, "_UNWANTED_WITHIN", 0.0)
    monkeypatch.setattr(syslog_stream, "_SURE_AFTER", 0.2)
    far_end = FarEnd()

    async def say_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(FRAME))
        writer.write_eof()
        await far_end.read(reader, writer)

    async with serve(say_goodbye) as stream:
        assert (await refusal_of(stream)).endswith(" hung up")


async def test_a_receiver_that_does_not_want_us_hangs_up_first() -> None:
    async with serve(hang_up) as stream:
        assert (await refusal_of(stream)).endswith(
            " cannot be reached: it hung up at once; it may not allow this address or certificate"
        )


async def test_a_receiver_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = Address("tcp", *nobody.getsockname())
    stream = Stream(address, timeout=timedelta(seconds=5), trust=None)
    assert (await refusal_of(stream)).startswith(f"{address} cannot be reached: Connect call")


HUGE = b"x" * 40_000_000


async def test_a_receiver_that_takes_no_more_runs_out_of_time_and_loses_the_connection() -> None:
    far_end, connections = FarEnd(), 0

    async def never_read_the_first(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal connections
        connections += 1
        await (never_read if connections == 1 else far_end.read)(reader, writer)

    async with serve(never_read_the_first, timeout=0.5) as stream:
        assert (await refusal_of(stream, HUGE)).endswith(" did not take it within 0.5 s")
        await stream.send(FRAME)
    assert [bytes(heard) for heard in far_end.heard] == [FRAME]


async def test_cancellation_passes_and_nothing_is_glued_to_half_a_frame() -> None:
    far_end, begun = FarEnd(), asyncio.Event()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not begun.is_set():
            begun.set()
            return await never_read(reader, writer)
        return await far_end.read(reader, writer)

    async with serve(begin) as stream:
        attempt = asyncio.create_task(stream.send(HUGE))
        beside = asyncio.create_task(refusal_of(stream))
        await begun.wait()
        await asyncio.sleep(0.3)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        assert (await beside).endswith(" hung up")
        await stream.send(FRAME)
    assert [bytes(heard) for heard in far_end.heard] == [FRAME]


async def test_what_the_far_end_says_is_not_listened_to() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"<hello>\r\n" * 1000)
        await reader.read()
        writer.close()

    async with serve(chatter) as stream:
        await stream.send(FRAME)


def _server_context(
    authority: Authority, *addresses: str, clients: Path | None = None
) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients)
    context.load_cert_chain(*authority.issue("siem.example", *addresses))
    context.verify_mode = ssl.CERT_REQUIRED if clients else ssl.CERT_NONE
    return context


async def test_frames_go_by_tls_to_whom_the_authority_vouches_for(tmp_path: Path) -> None:
    authority, far_end = Authority(tmp_path), FarEnd()
    trust = partial(make_trust, authority.ca_file, None, None)
    tls = _server_context(authority, "127.0.0.1")
    async with serve(far_end.read, tls=tls, trust=trust) as stream:
        await stream.send(FRAME)
        await far_end.until(lambda: bytes(far_end.heard[0]) == FRAME)
    await far_end.until(lambda: far_end.ended == 1)


async def test_an_end_below_tls_counts_before_tls_has_said_so(tmp_path: Path) -> None:
    # The socket closes, and only a turn of the loop later the layer above it is told. Whoever
    # looked in between asked the kernel about a socket that was none.
    authority, far_end = Authority(tmp_path), FarEnd()
    trust = partial(make_trust, authority.ca_file, None, None)
    tls = _server_context(authority, "127.0.0.1")
    async with serve(far_end.read, tls=tls, trust=trust) as stream:
        await stream.send(FRAME)
        assert stream._connection
        stream._connection._raw.abort()
        await stream.send(FRAME)
        await far_end.until(lambda: len(far_end.heard) == 2 and far_end.heard[1] == FRAME)


async def test_another_authority_and_another_name_are_not_believed(tmp_path: Path) -> None:
    authority, far_end = Authority(tmp_path), FarEnd()
    other = Authority(tmp_path, "other")
    for believed, named, reason in (
        (other, "127.0.0.1", "is not trusted: unable to get local issuer certificate; set ca_file"),
        (authority, "127.0.0.2", "is not trusted: IP address mismatch, certificate is not valid"),
    ):
        trust = partial(make_trust, believed.ca_file, None, None)
        tls = _server_context(authority, named)
        async with serve(far_end.read, tls=tls, trust=trust) as stream:
            assert reason in await refusal_of(stream)
    assert b"".join(map(bytes, far_end.heard)) == b""


async def test_who_does_not_speak_tls_is_a_failure() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        await writer.drain()
        writer.close()

    async with serve(greet, trust=partial(make_trust, None, None, None)) as stream:
        assert " does not agree on TLS: WRONG_VERSION_NUMBER" in await refusal_of(stream)


async def test_a_receiver_that_wants_a_certificate_is_shown_one(tmp_path: Path) -> None:
    authority, far_end = Authority(tmp_path), FarEnd()
    tls = _server_context(authority, "127.0.0.1", clients=authority.ca_file)
    without = partial(make_trust, authority.ca_file, None, None)
    shown = partial(make_trust, authority.ca_file, *authority.issue("bridge"))
    async with serve(far_end.read, tls=tls, trust=without) as stream:
        # By TLS 1.3 the receiver refuses only once the handshake is over for us.
        assert re.search("hung up at once|CERTIFICATE_REQUIRED", await refusal_of(stream))
    async with serve(far_end.read, tls=tls, trust=shown) as stream:
        await stream.send(FRAME)
    assert [bytes(heard) for heard in far_end.heard if heard] == [FRAME]


async def test_certificates_that_have_gone_are_a_failure(tmp_path: Path) -> None:
    trust = partial(make_trust, tmp_path / "gone.pem", None, None)
    async with serve(hang_up, trust=trust) as stream:
        assert "No such file" in await refusal_of(stream)
