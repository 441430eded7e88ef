"""Sessions of browsers: a token shown once, a cookie from then on.

The cookie holds a random number that nobody else has. The archive has its digest, and a proof:
the token's digest under that number as a key. So the archive alone lets nobody in and tells no
token, a restart changes nothing, and a token that leaves the configuration takes its sessions
with it. A session ends at a fixed time after it was opened.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import LOGIN, LOGOUT, note
from alarmbridge.store.sessions import end_session, find_session, open_session

_BYTES = 32
_LONGEST = 200


class Sessions:
    """Opens sessions, knows them again and ends them.

    now: the clock. draw: gives so many bytes that nobody can guess. lasts: how long each is.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        now: Callable[[], datetime],
        draw: Callable[[int], bytes],
        lasts: timedelta,
    ) -> None:
        self._archive = archive
        self._now = now
        self._draw = draw
        self.lasts = lasts

    async def open(self, digest: bytes, *, who: str) -> str:
        """Open one for a token; return what the cookie is to hold."""
        number, now = self._draw(_BYTES).hex(), self._now()
        async with self._archive.begin(urgent=True) as tx:
            await open_session(
                tx,
                _id_of(number),
                proof=_proof_of(number, digest),
                now=now,
                ends_at=now + self.lasts,
            )
            await note(tx, LOGIN, who=who, now=now)
        return number

    async def find(self, number: str, digests: Iterable[bytes]) -> bytes | None:
        """Say with which of these tokens a session was opened; None where with none."""
        if not number or len(number) > _LONGEST:
            return None
        async with self._archive.read() as tx:
            proof = await find_session(tx, _id_of(number), now=self._now())
        if proof is None:
            return None
        # All are compared, so that time does not tell which.
        right = [one for one in digests if hmac.compare_digest(_proof_of(number, one), proof)]
        return right[0] if right else None

    async def end(self, number: str, *, who: str) -> None:
        """End one, if there is one."""
        async with self._archive.begin(urgent=True) as tx:
            if await end_session(tx, _id_of(number)):
                await note(tx, LOGOUT, who=who, now=self._now())


def _id_of(number: str) -> str:
    return hashlib.sha256(number.encode(errors="surrogatepass")).hexdigest()


def _proof_of(number: str, digest: bytes) -> str:
    return hmac.new(number.encode(errors="surrogatepass"), digest, hashlib.sha256).hexdigest()
