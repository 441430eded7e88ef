"""Every error that alarmbridge raises, as one tree.

    AlarmbridgeError
    ├── ConfigError            the configuration cannot be used; exit 2
    ├── DeviceError            a read of a device failed, and nothing of it is believed; or a change
    │   ├── Unreachable        no answer: refused, timed out, cut off, TLS not trusted
    │   ├── LoginFailed        the device refused the credentials (401) or the user (403)
    │   └── BadAnswer          an answer that cannot be understood, or is none the guide knows
    │       ├── Refused        the device said no: a status of 400 and above, with its own words
    │       │   ├── Conflict   not in its present state (409): it synchronises, or is an HA pair
    │       │   └── Forbidden  this user may not have this one resource (403)
    │       └── Restarted      the device began anew in the middle of a read
    ├── SinkError              a far end did not accept; says if that is final
    └── StoreError             the archive cannot be opened or written
        └── StaleClaim         somebody else wrote this device since it was loaded

A message says what happened, to which thing by its configured name, and what to do.
"""

from datetime import timedelta

# This user may not, or this firmware has no such thing: nothing that passes in some minutes.
_LASTING = frozenset({403, 404, 405, 406, 501})


class AlarmbridgeError(Exception):
    """The root: nothing else is raised on purpose."""


class ConfigError(AlarmbridgeError):
    """The configuration cannot be used. `mistakes` holds one line each, with its path."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class DeviceError(AlarmbridgeError):
    """A read of a device failed, or a change of it.

    perhaps_done: the change had reached the device, and nobody knows what came of it; the words
    end with that. A read has nothing to leave done.
    """

    def __init__(self, reason: str, *, perhaps_done: bool = False) -> None:
        super().__init__(reason)
        self.perhaps_done = perhaps_done

    def __str__(self) -> str:
        return super().__str__() + "; it may have been done all the same" * self.perhaps_done


class Unreachable(DeviceError):
    """No answer came: refused, timed out, cut off, or TLS that is not trusted."""


class LoginFailed(DeviceError):
    """The device refused the credentials (401) or the user's privileges (403).

    asked: False where nothing was sent, because what was refused before still is.
    """

    def __init__(self, reason: str, *, asked: bool = True) -> None:
        super().__init__(reason)
        self.asked = asked


class BadAnswer(DeviceError):
    """The device answered something that cannot be understood."""


class Refused(BadAnswer):
    """The device refused what was asked. status: HTTP's. said: its own words, "" without any."""

    def __init__(self, reason: str, *, status: int, said: str) -> None:
        super().__init__(reason)
        self.status = status
        self.said = said

    @property
    def lasting(self) -> bool:
        """Whether to ask again soon is of no use: it lacks this, or this user may not."""
        return self.status in _LASTING


class Conflict(Refused):
    """The device cannot do it in its present state, and may later (409)."""


class Forbidden(Refused):
    """The user's privileges do not reach for this resource (403); they may for others."""


class Restarted(BadAnswer):
    """The device began anew while it was read, so the halves of the read do not belong together.

    wiped: its history is empty of what was there before (see `restart.Restart`).
    """

    def __init__(self, reason: str, *, wiped: bool) -> None:
        super().__init__(reason)
        self.wiped = wiped


class SinkError(AlarmbridgeError):
    """A far end did not accept a notice.

    permanent: trying the same again cannot help (400, 413, 422).
    gone: the far end wants no more at all (410).
    retry_after: how long it asked us to wait, if it did.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        gone: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.gone = gone
        self.retry_after = retry_after


class StoreError(AlarmbridgeError):
    """The archive cannot be opened or written."""


class StaleClaim(StoreError):
    """Another writer has moved this device on since it was loaded; load again."""
