"""The port through which a device is asked: one GET, one answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

NO_QUERY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device answered, unread.

    status: HTTP's; never 401, 403 or 3xx, which no transport returns.
    content_type: the header as it came, "" without one.
    body: whole and decompressed, within the transport's bound.
    asked_at, received_at: seconds on our own monotonic clock; the answer was made in between.
    """

    status: int
    content_type: str
    body: bytes
    asked_at: float
    received_at: float


class Transport(Protocol):
    """One device's line. Raises only DeviceErrors, and each names the device as configured.

    There is no way to send anything but a GET (DESIGN section 2, point 10).
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

    async def aclose(self) -> None:
        """Give back what the line holds."""
        ...
