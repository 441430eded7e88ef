"""A receiver of syslog over TCP, and a reader of RFC 5424 that knows nothing of the writer."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

_MESSAGE = re.compile(
    rb"<(?P<priority>[1-9][0-9]{0,2}|0)>1"
    rb" (?P<at>[0-9T:.-]{20,26}Z)"
    rb" (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<id>[!-~]{1,32})"
    rb' (?P<elements>(?:\[(?:[^"\\\]]|"(?:[^"\\\]]|\\["\\\]])*")*\])+)'
    rb" \xef\xbb\xbf(?P<text>.*)",
    re.DOTALL,
)
_NAME = r"[!#-<>-\\^-~]{1,32}"
_ELEMENT = re.compile(rf'\[({_NAME})((?: {_NAME}="(?:[^"\\\]]|\\["\\\]])*")*)\]')
_PARAM = re.compile(rf' ({_NAME})="((?:[^"\\\]]|\\["\\\]])*)"')


@dataclass(frozen=True)
class Message:
    """One message. elements: the structured data by SD-ID and name, its escapes undone."""

    priority: int
    at: datetime
    host: str
    app: str
    process: str
    id: str
    elements: Mapping[str, Mapping[str, str]]
    text: str

    @property
    def kind(self) -> str:
        return self._last("kind")

    @property
    def event_id(self) -> str:
        return self._last("event_id")

    def _last(self, key: str) -> str:
        return self.text.rpartition(f" {key}=")[2].partition(" ")[0]


def read_rfc5424(line: bytes) -> Message:
    """Read one message; raises AssertionError for anything that the RFC does not allow."""
    found = re.fullmatch(_MESSAGE, line)
    assert found, line
    written = found["elements"].decode()
    elements = {
        name: {key: re.sub(r"\\(.)", r"\1", value) for key, value in re.findall(_PARAM, params)}
        for name, params in re.findall(_ELEMENT, written)
    }
    assert "".join(f"[{name}{params}]" for name, params in re.findall(_ELEMENT, written)) == written
    return Message(
        priority=int(found["priority"]),
        at=datetime.fromisoformat(found["at"].decode()),
        host=found["host"].decode(),
        app=found["app"].decode(),
        process=found["process"].decode(),
        id=found["id"].decode(),
        elements=elements,
        text=found["text"].decode(),
    )


@dataclass(frozen=True)
class Heard:
    """One notice, as in the conformance suite."""

    event_id: str
    kind: str
    text: str


@dataclass
class SyslogReceiver:
    """A server that notes what it is sent, frame by frame. It answers nothing.

    connections: how many there were. violations: frames that were cut.
    """

    raw: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    lines: list[bytes] = field(default_factory=list)
    connections: int = 0
    violations: list[bytes] = field(default_factory=list)

    @property
    def heard(self) -> list[Heard]:
        messages = map(read_rfc5424, self.lines)
        return [Heard(said.event_id, said.kind, said.text) for said in messages]

    async def read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while size := await _read_size(reader):
                self.lines.append(await reader.readexactly(size))
        except asyncio.IncompleteReadError as end:
            self.violations += [end.partial] if end.partial else []
        finally:
            writer.close()

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def hang(self) -> asyncio.Event:
        raise NotImplementedError


async def _read_size(reader: asyncio.StreamReader) -> int:
    size = (await reader.readuntil(b" "))[:-1]
    assert re.fullmatch(rb"[1-9][0-9]*", size), size
    return int(size)


@asynccontextmanager
async def receive_syslog() -> AsyncIterator[SyslogReceiver]:
    receiver = SyslogReceiver()
    server = await asyncio.start_server(receiver.read, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.raw = {"type": "syslog", "address": f"tcp://127.0.0.1:{port}"}
    yield receiver
    server.close()
    await server.wait_closed()
