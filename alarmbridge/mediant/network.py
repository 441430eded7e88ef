"""The network that all devices share: one session, one pool of connections, a line for each."""

from collections.abc import Callable

import aiohttp
from aiohttp import hdrs

from alarmbridge.mediant.access import Access
from alarmbridge.mediant.http import HttpTransport
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.tls import TrustStore, shrink_tls_buffers

_HEADERS = {
    hdrs.ACCEPT: "application/json",
    hdrs.ACCEPT_ENCODING: "identity",
    hdrs.USER_AGENT: "alarmbridge",
}
_KEEP_ALIVE = 75.0
_DNS_LIFETIME = 60


class HttpNetwork:
    """All devices' lines. Make it inside the loop.

    clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        shrink_tls_buffers()
        self._clock = clock
        self._trusts = TrustStore()
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEP_ALIVE, ttl_dns_cache=_DNS_LIFETIME
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            skip_auto_headers=(hdrs.CONTENT_TYPE,),
            trust_env=False,
        )

    def open_line(self, access: Access) -> HttpTransport:
        """Make a device's line, without asking it anything; raises ConfigError."""
        setting, timeout = self._trusts.setting_for(access.trust), self._timeout_of(access)
        return HttpTransport(self._session, access, setting, timeout, clock=self._clock)

    def open_full_line(self, access: Access) -> FullHttpTransport:
        """Make a line that can do more than ask; raises ConfigError."""
        setting, timeout = self._trusts.setting_for(access.trust), self._timeout_of(access)
        return FullHttpTransport(self._session, access, setting, timeout, clock=self._clock)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()

    def _timeout_of(self, access: Access) -> aiohttp.ClientTimeout:
        # Ten thousand devices have one timeout, or a few.
        return self._timeouts.setdefault(
            access.timeout, aiohttp.ClientTimeout(total=access.timeout)
        )
