"""One connection of TCP or TLS for lines of syslog, and how sure it is that they arrived.

Syslog answers nothing, so that TCP is all there is to go by. It says when the far end's machine
has the bytes, and that is what `Stream.send` waits for: a line that was written into a connection
which the far end had left, or into a network that leads nowhere, has failed. What the receiver's
program had not yet read, or not yet stored, when it died is lost all the same: nobody can tell.
"""

import asyncio
import errno
import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.syslog_transport import Address, words_for

_UNWANTED_WITHIN = 0.2
"""Seconds after connecting in which a receiver hangs up that does not know us: by an allow-list,
or by our certificate, which by TLS 1.3 it reads only once we think that all is well."""
_UNWANTED = "it hung up at once; it may not allow this address or certificate"
_SURE_AFTER = 0.01
"""Seconds after which bytes that the far end's machine has acknowledged count as taken. Its kernel
says so when its program dies with some of them unread, and that takes a moment."""
_FIRST_LOOK, _LAST_LOOK = 0.001, 0.05
_GOODBYE = 1.0
_IDLE, _PROBES = 60, 5
_FIRST_OF_SEVERAL = 0.25
_ESTABLISHED = 1


def make_trust(ca_file: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Make what TLS needs; the far end's name is always checked. Raises OSError."""
    context = ssl.create_default_context(cafile=ca_file)
    if certificate is not None:
        # With a password, or an encrypted key would ask a terminal for it.
        context.load_cert_chain(certificate, key, password="")
    return context


class Stream:
    """One connection for all that is sent, opened when it is needed. Nothing happens before.

    trust: makes what TLS needs, at each connect, so that renewed certificates count; None for
    TCP. timeout: for one frame, from connecting until the far end's machine has it.
    """

    def __init__(
        self, address: Address, *, timeout: timedelta, trust: Callable[[], ssl.SSLContext] | None
    ) -> None:
        self._address = address
        self._timeout = timeout.total_seconds()
        self._trust = trust
        self._opening = asyncio.Lock()
        self._connection: _Connection | None = None

    async def send(self, frame: bytes) -> None:
        """Send a frame, whole; return once the far end's machine has it. Raises SinkError."""
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self._connected()
                await connection.send(frame)
        except TimeoutError:
            reason = f"did not take it within {self._timeout:g} s"
            raise SinkError(f"{self._address} {reason}") from None
        except OSError as error:
            raise SinkError(f"{self._address} {words_for(error)}") from None

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.aclose()

    async def _connected(self) -> "_Connection":
        async with self._opening:
            if self._connection is None or self._connection.gone:
                self._connection = await self._open()
            return self._connection

    async def _open(self) -> "_Connection":
        loop, host = asyncio.get_running_loop(), self._address.host
        context = self._trust() if self._trust else None
        transport, connection = await loop.create_connection(
            _Connection, host, self._address.port, happy_eyeballs_delay=_FIRST_OF_SEVERAL
        )
        try:
            if context is not None:
                await connection.secure(context, host)
            await asyncio.wait({connection.lost}, timeout=_UNWANTED_WITHIN)
            connection.check()
        except ConnectionResetError:
            transport.abort()
            raise ConnectionRefusedError(errno.ECONNREFUSED, _UNWANTED) from None
        except BaseException:
            transport.abort()
            raise
        return connection


class _Connection(asyncio.Protocol):
    """A connection that notices when the far end leaves. To be made in a running loop.

    lost: done at the first sign of it, with what happened.
    """

    _raw: asyncio.Transport
    _transport: asyncio.Transport
    _socket: socket.socket

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[Exception | None] = loop.create_future()
        self._closed: asyncio.Future[None] = loop.create_future()
        self._round: asyncio.Task[bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = self._transport = cast("asyncio.Transport", transport)
        self._socket = transport.get_extra_info("socket")
        # Alarms are rare: without a sign of life a firewall forgets the connection, and each
        # alarm would be as late as it takes to find that out.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _IDLE // _PROBES)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)

    def eof_received(self) -> None:
        self._lose(None)
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(exc)
        if not self._closed.done():
            self._closed.set_result(None)

    async def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Go over to TLS."""
        secured = await asyncio.get_running_loop().start_tls(
            self._raw, self, context, server_hostname=host
        )
        if secured is None:  # hung up meanwhile
            raise ConnectionResetError
        self._transport = secured

    @property
    def gone(self) -> bool:
        """Whether nothing can be sent any more.

        Below TLS the connection may have ended already while the loop is still to say so above.
        """
        return self.lost.done() or self._transport.is_closing() or self._raw.is_closing()

    def check(self) -> None:
        """Raise OSError once the far end has left."""
        if self.gone:
            reason = self.lost.result() if self.lost.done() else None
            raise reason or ConnectionResetError

    async def send(self, frame: bytes) -> None:
        """Write a frame and wait until the far end's machine has all that was written.

        All who wait do so together: who alone waited for his own could wait for ever, as others
        go on writing. Whoever gives up gives the connection up, or what is stuck in it would be
        added to with every further attempt.
        """
        self.check()
        self._transport.write(frame)
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._taken())
        try:
            if not await asyncio.shield(self._round):
                self.check()
        except asyncio.CancelledError:
            self._transport.abort()
            raise

    async def aclose(self) -> None:
        """Say goodbye, briefly, and close."""
        self._transport.close()
        await asyncio.wait({self._closed}, timeout=_GOODBYE)
        self._transport.abort()

    async def _taken(self) -> bool:
        """Wait until nothing has been under way for a moment; False when the far end left."""
        pause, taken = _FIRST_LOOK, False
        while not (taken or self.gone):
            clear = not self._under_way()
            await asyncio.wait({self.lost}, timeout=_SURE_AFTER if clear else pause)
            taken = clear and not self.gone and not self._under_way()
            pause = min(pause * 2, _LAST_LOOK)
        if taken and not self._stands():
            self._lose(None)
            self._transport.abort()
        return not self.gone

    def _under_way(self) -> int:
        """Count the bytes that the far end's machine has not acknowledged (tcp(7), SIOCOUTQ)."""
        waiting = self._transport.get_write_buffer_size() + self._raw.get_write_buffer_size()
        sent = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(4))
        return waiting + int(struct.unpack("i", sent)[0])

    def _stands(self) -> bool:
        """Ask the kernel whether the far end is still there: it knows before the loop does."""
        state = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return state[0] == _ESTABLISHED

    def _lose(self, reason: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)
