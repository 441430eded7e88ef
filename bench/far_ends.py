"""Receivers that count what comes, and do nothing else: by webhook, by syslog and by SNMP."""

import asyncio
import re
import socket
import time
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web
from parts import answer_words

WAYS = ("webhook", "syslog-tcp", "syslog-udp", "snmp-trap", "snmp-inform")

_HOST = "127.0.0.1"
_ROOM = 8 * 1024 * 1024
_LONGEST_COUNT = 8
_INFORM, _RESPONSE = 0xA6, 0xA2
_EVENT_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Came:
    """What came by one way: the moment of each event, and the bytes of all of them together."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.size = 0
        self._known: set[bytes] = set()

    def take(self, event_id: bytes, size: int) -> None:
        """Count an event, unless it came before."""
        if event_id not in self._known:
            self._known.add(event_id)
            self.moments.append(time.monotonic())
            self.size += size

    def take_message(self, message: bytes) -> None:
        """Count an event whose id stands somewhere in its message; else all of it is the id."""
        found = _EVENT_ID.search(message)
        self.take(found[0] if found else message, len(message))


class Frames(asyncio.Protocol):
    """Counts syslog messages in octet-counted frames (RFC 6587)."""

    def __init__(self, came: Came) -> None:
        self._came = came
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Cut off each frame that has come whole."""
        self._buffer += data
        while b" " in self._buffer[:_LONGEST_COUNT]:
            length, _, rest = self._buffer.partition(b" ")
            frame, self._buffer = rest[: int(length)], rest[int(length) :]
            if len(frame) < int(length):
                self._buffer = length + b" " + rest
                return
            self._came.take_message(frame)


class Datagrams(asyncio.DatagramProtocol):
    """Counts datagrams, and acknowledges those that are informs."""

    transport: asyncio.DatagramTransport

    def __init__(self, came: Came) -> None:
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport  # type: ignore[assignment] - of an endpoint for datagrams

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Count one. An inform is acknowledged by itself, with the tag of a response (RFC 3416)."""
        self._came.take_message(data)
        at = _pdu_in(data)
        if at is not None and data[at] == _INFORM:
            self.transport.sendto(data[:at] + bytes([_RESPONSE]) + data[at + 1 :], address)


def _pdu_in(message: bytes) -> int | None:
    """Find where the PDU begins in an SNMP v2c message: a version, a community and the PDU, in BER.

    None: it is no such message.
    """
    if not message.startswith(b"\x30"):
        return None
    at = 1 + _length_at(message, 1)[1]
    for _ in range(2):
        length, octets = _length_at(message, at + 1)
        at += 1 + octets + length
    return at


def _length_at(message: bytes, at: int) -> tuple[int, int]:
    """Read a length in BER; return it, and how many octets it took."""
    first = message[at]
    if first < 0x80:
        return first, 1
    octets = first & 0x7F
    return int.from_bytes(message[at + 1 : at + 1 + octets], "big"), 1 + octets


def receive_all(pipe: Connection) -> None:
    """Receive by every way; ready with the address of each.

    Answers "counts" with how many events came by each, "moments" of one way with when, "size"
    of one with the mean bytes of an event.
    """

    async def work() -> None:
        came = {way: Came() for way in WAYS}

        async def answer(word: str, way: Any) -> Any:
            if word == "moments":
                return came[way].moments
            if word == "size":
                return came[way].size // len(came[way].moments)
            return {way: len(one.moments) for way, one in came.items()}

        addresses = {
            "webhook": await _receive_webhooks(came["webhook"]),
            "syslog-tcp": await _receive_frames(came["syslog-tcp"]),
            "syslog-udp": f"udp://{await _receive_datagrams(came['syslog-udp'])}",
            "snmp-trap": await _receive_datagrams(came["snmp-trap"]),
            "snmp-inform": await _receive_datagrams(came["snmp-inform"]),
        }
        await answer_words(pipe, addresses, answer)

    asyncio.run(work())


async def _receive_webhooks(came: Came) -> str:
    async def accept(request: web.BaseRequest) -> web.Response:
        body = await request.read()
        came.take(request.headers["webhook-id"].encode(), len(body))
        return web.Response(status=204)

    runner = web.ServerRunner(web.Server(accept, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, _HOST, 0).start()
    return f"http://{_HOST}:{runner.addresses[0][1]}/"


async def _receive_frames(came: Came) -> str:
    server = await asyncio.get_running_loop().create_server(lambda: Frames(came), _HOST, 0)
    return f"tcp://{_HOST}:{server.sockets[0].getsockname()[1]}"


async def _receive_datagrams(came: Came) -> str:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # As much as the kernel allows, since nothing holds the sender back.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
    listening.setblocking(False)
    listening.bind((_HOST, 0))
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Datagrams(came), sock=listening)
    return f"{_HOST}:{listening.getsockname()[1]}"
