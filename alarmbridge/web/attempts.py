"""Attempts: how often somebody may show a token that is wrong."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

BURST = 10
"""Wrong tokens in a row from one place."""

REFILL = 6.0
"""Seconds after which one more may be tried."""

_MOST = 4096
_NET = 64


class Attempts:
    """Counts wrong tokens by where they come from: an IPv4 address, or an IPv6 network (/64).

    A token that was right from a place counts there for ever: one bad script must not lock out
    everybody behind the same address. Memory is bounded; what was longest ago is forgotten.
    monotonic: seconds that never go back. count: called for each of them.
    """

    def __init__(
        self, monotonic: Callable[[], float], *, count: Callable[[], None] | None = None
    ) -> None:
        self._monotonic = monotonic
        self._count = count
        # When as many as may be tried in a row will be free again, and whether that was told.
        self._spells: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._right: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def wait(self, client: str, digest: bytes) -> float:
        """Say for how many seconds somebody has to wait before this token is looked at."""
        place = _place(client)
        if (place, digest) in self._right:
            return 0.0
        full_at, _ = self._spells.get(place, (0.0, False))
        return max(0.0, full_at - self._monotonic() - (BURST - 1) * REFILL)

    def fail(self, client: str) -> bool:
        """Note a wrong token; say whether it is the first after which somebody has to wait.

        The first until as many as ever may be tried again.
        """
        if self._count is not None:
            self._count()
        place, now = _place(client), self._monotonic()
        full_at, told = self._spells.pop(place, (now, False))
        told = told and full_at > now
        full_at = max(full_at, now) + REFILL
        waits = full_at - now > (BURST - 1) * REFILL
        self._spells[place] = full_at, told or waits
        if len(self._spells) > _MOST:
            self._spells.popitem(last=False)
        return waits and not told

    def succeed(self, client: str, digest: bytes) -> None:
        """Note a right token."""
        known = (_place(client), digest)
        self._right[known] = None
        self._right.move_to_end(known)
        if len(self._right) > _MOST:
            self._right.popitem(last=False)


def _place(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if address.version == 4:  # noqa: PLR2004 - the number says it
        return client
    return str(ip_network(f"{address}/{_NET}", strict=False))
