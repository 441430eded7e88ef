"""A login: Basic authentication, and the lockout that wrong passwords lead to."""

from base64 import b64encode
from typing import Literal

Level = Literal["admin", "operator", "monitor"]
"""Privilege levels: security administrator, operator who may alter things, monitor who may look."""


class Login:
    """The one user of a device.

    level: what the user may do; the guide asks for a security administrator throughout.
    fail_count: wrong logins in a row before the user is blocked, block_for: seconds of that.
    wrong: wrong logins so far, in a block too. lockouts: blocks so far; each one is a bug of
    whoever asked.
    """

    def __init__(
        self,
        username: str,
        password: str,
        *,
        fail_count: int = 3,
        block_for: float = 60.0,
        level: Level = "admin",
    ) -> None:
        self.username = username
        self.level = level
        self.fail_count = fail_count
        self.block_for = block_for
        self.wrong = 0
        self.lockouts = 0
        self._in_a_row = 0
        self._blocked_until = float("-inf")
        self._expected = ""
        self.change_password(password)

    @property
    def authorization(self) -> str:
        """The header's value that opens the device."""
        return self._expected

    def change_password(self, password: str) -> None:
        """Let another password count from now on; a block stays."""
        self.password = password
        token = b64encode(f"{self.username}:{password}".encode()).decode("ascii")
        self._expected = f"Basic {token}"

    def blocked(self, now: float) -> bool:
        """Whether even the right password is refused now."""
        return now < self._blocked_until

    def admit(self, authorization: str | None, now: float) -> bool:
        """Check a request's header; a missing one is refused without being held against anybody."""
        if authorization is None:
            return False
        right = authorization == self._expected
        if right and not self.blocked(now):
            self._in_a_row = 0
            return True
        if not right:
            self._count(now)
        return False

    def _count(self, now: float) -> None:
        self.wrong += 1
        if self.blocked(now):
            return
        self._in_a_row += 1
        if self._in_a_row >= self.fail_count:
            self._in_a_row = 0
            self.lockouts += 1
            self._blocked_until = now + self.block_for
