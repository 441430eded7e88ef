"""A device's credentials, as a digest by which refused ones are known again and not told."""

import asyncio
import hashlib
import hmac

from alarmbridge.runtime.ports import Dice

_COST, _BLOCK, _LANES = 1 << 13, 8, 1


class HashedCredentials:
    """A username and its password; see `ports.Credentials`.

    The digest is salted and slow to make (RFC 7914, 8 MiB), since the archive is copied to
    places where the password must not go. So it is made in a thread.
    """

    def __init__(self, username: str, password: str, *, dice: Dice) -> None:
        self._secret = f"{len(username)}:{username}{password}".encode(errors="surrogatepass")
        self._dice = dice

    async def digest(self) -> str:
        """Make a digest, with a salt of its own each time."""
        salt = "".join(self._dice.random().hex() for _ in range(2))
        return f"{salt}${await asyncio.to_thread(self._hash, salt)}"

    async def match(self, digest: str) -> bool:
        """Say whether a digest is of these very credentials."""
        salt, _, hashed = digest.rpartition("$")
        return hmac.compare_digest(await asyncio.to_thread(self._hash, salt), hashed)

    def _hash(self, salt: str) -> str:
        return hashlib.scrypt(
            self._secret, salt=salt.encode(), n=_COST, r=_BLOCK, p=_LANES, dklen=32
        ).hex()
