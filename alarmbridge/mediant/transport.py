"""The ports through which a device is asked: to watch it, to look into it, to work on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

NO_QUERY: Mapping[str, str] = MappingProxyType({})

Progress = Callable[[int], object]
"""Is told how many bytes of a file have gone by now, again and again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device answered, unread.

    status: HTTP's; never 401 or 3xx, which no transport returns.
    content_type: the header as it came, "" without one.
    body: whole and decompressed, within the transport's bound.
    asked_at, received_at: seconds on our own monotonic clock; the answer was made in between.
    """

    status: int
    content_type: str
    body: bytes
    asked_at: float
    received_at: float


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to a device.

    filename: as the device is told. size: bytes. read: gives at most so many bytes of it, and
    exactly `size` in all; it is called in a thread.
    """

    filename: str
    size: int
    read: Callable[[int], bytes]


class Transport(Protocol):
    """One device's line. Raises only DeviceErrors, and each names the device as configured.

    There is no way to send anything but a GET, so that whoever watches can change nothing.
    """

    async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        """Ask for a path ("/api/v1/status") and return what came.

        Raises Unreachable; LoginFailed on 401 and 403, and from then on for every call, without
        sending, until `allow_login`; BadAnswer for a redirect or a body beyond bounds.
        """
        ...

    def allow_login(self) -> None:
        """Let the credentials be tried again, by one request at first."""
        ...


class InspectionTransport(Transport, Protocol):
    """A line that also asks for what no alarm depends on; still by GET alone."""

    async def inspect(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
        """Ask as `get` does, but for a resource that a user may well not have.

        403 is returned, and is no refusal of the credentials. The body may be a whole
        configuration, 32 MiB at most.
        """
        ...


class FullTransport(InspectionTransport, Protocol):
    """A line for commands that a person types: it also changes things, and moves files.

    A request that changes something is sent once. An error that is `perhaps_done` leaves open
    whether the device did it: the request had a connection, and no refusal came of it.
    """

    async def post(self, path: str, attributes: Mapping[str, object] | None = None) -> Answer:
        """Send attributes as JSON, or nothing at all. Returns 403 as `inspect` does."""
        ...

    async def put(self, path: str, attributes: Mapping[str, object]) -> Answer:
        """Send attributes as JSON."""
        ...

    async def upload(
        self,
        path: str,
        upload: Upload,
        query: Mapping[str, str] = NO_QUERY,
        *,
        progress: Progress | None = None,
    ) -> Answer:
        """Send a file by PUT, as the one part of a form (guide 6.1.1), in flat memory."""
        ...

    async def download(
        self, path: str, write: Callable[[bytes], object], *, progress: Progress | None = None
    ) -> Answer:
        """Ask for a file and hand it on piece by piece; an answer of 200 comes without its body."""
        ...
