"""Tells people by Apprise: chats, mail, SMS and whatever else it has a service for."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.event import EventKind
from alarmbridge.core.severity import Severity
from alarmbridge.core.texts import shorten
from alarmbridge.core.wording import Words
from alarmbridge.sinks import base
from alarmbridge.sinks.answers import judge
from alarmbridge.sinks.apprise_service import NotTold, Service, load_service, schemes_in
from alarmbridge.sinks.threads import Threads

_KINDS = {
    Severity.CRITICAL: "failure",
    Severity.MAJOR: "failure",
    Severity.MINOR: "warning",
    Severity.WARNING: "warning",
    Severity.INDETERMINATE: "info",
}
_BETTER = {
    "pagerduty": "pagerduty",
    "opsgenie": "jsm",
    "jira": "jsm",
    "syslog": "syslog",
    "rsyslog": "syslog",
}
"""By scheme the type of sink to use instead."""

_INCIDENTS = frozenset(
    (
        *("betterstack", "firehydrant", "flowtriq", "github", "goalert", "ilert", "incidentio"),
        *("opsimate", "pagertree", "signl4", "spike", "splunk", "squadcast", "trigv", "xmatters"),
    )
)
_LEAST = 20
_LEAST_WITH_ID = 400
_HANGING = 32


def _check_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    # Before the rest of it is read: who has the right key and the wrong sink is to hear of that.
    _refuse(schemes_in(text))
    _refuse(load_service(text, timeout=timedelta(seconds=1)).schemes)
    return url


def _refuse(schemes: frozenset[str]) -> None:
    for scheme in sorted(schemes & _BETTER.keys()):
        raise ValueError(
            f"is for {scheme}, where Apprise knows messages and no alarms, so that no clear ends "
            f"what its raise began; use the sink type {_BETTER[scheme]}"
        )


class Config(base.WordedConfig):
    """A service of Apprise's.

    url: wholly secret; should name one place to tell. concurrency: one by one is in order.
    """

    for_people: ClassVar[bool] = True

    type: Literal["apprise"] = "apprise"
    url: Annotated[SecretStr, AfterValidator(_check_url)]
    concurrency: int = Field(default=1, ge=1, le=64)

    def warnings(self) -> list[str]:
        """Tell of what no clear closes, of several told as one, and of what Apprise leaves out."""
        service = load_service(self.url.get_secret_value(), timeout=self.timeout)
        warnings = []
        if service.schemes & _INCIDENTS:
            warnings.append(
                f"url: {service.name} opens something for each notice, for a clear as well, and by "
                "Apprise nothing closes it"
            )
        if service.receivers > 1:
            warnings.append("url: names several; where one of them fails, all are told again")
        if service.curtailed:
            warnings.append("url: Apprise leaves out some of it, which it does not understand")
        return warnings


class Sink(base.Sink):
    """Tells one service, in threads, as Apprise blocks.

    Apprise says of an attempt whether all went well and no more. The HTTP status that it logs for
    many services is shown and not judged by: of several receivers one may refuse for good what
    another has not heard yet. So each failure is worth another try.
    """

    def __init__(self, config: Config) -> None:
        self._url = config.url.get_secret_value()
        self._timeout = config.timeout
        self._threads = Threads(config.concurrency + _HANGING)
        self._idle: list[Service] = []

    async def deliver(self, notice: Notice) -> str:
        """Tell a notice; return "told Slack" or the like."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await self._threads.run(partial(self._tell, notice))
        except TimeoutError:
            limit = self._timeout.total_seconds()
            raise SinkError(f"Apprise was not done within {limit:g} s") from None

    async def aclose(self) -> None:
        """Do nothing: Apprise holds no connection between two notices."""

    def _tell(self, notice: Notice) -> str:
        service = self._borrow()
        try:
            words = fit_words(notice, service)
            kind = "success" if notice.kind == EventKind.CLEARED else _KINDS[notice.severity]
            service.tell(title=words.title, text=words.text, kind=kind)
        except NotTold as error:
            raise SinkError(_reason(error, service.name, notice)) from None
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, with its URL in it
            reason = f"{service.name} failed within Apprise: {type(error).__name__}"
            raise SinkError(reason) from None
        finally:
            self._idle.append(service)
        return f"told {service.name}"

    def _borrow(self) -> Service:
        with suppress(IndexError):
            return self._idle.pop()
        return load_service(self._url, timeout=self._timeout)


def fit_words(notice: Notice, service: Service) -> Words:
    """Cut a notice's words to what a service takes; where that is little, the title is all.

    The event's id is the last line if there is room. It is the same at each repeat, so that
    whoever is told twice can see it.
    """
    title = shorten(notice.title, service.longest_title or len(notice.title))
    room = service.room(title)
    if room < _LEAST:
        return Words("", _fit(notice.title, service.room(""), service.size))
    last = f"\nEvent: {notice.event_id}" if room >= _LEAST_WITH_ID else ""
    return Words(title, _fit(notice.text, room - service.size(last), service.size) + last)


def _fit(text: str, room: int, size: Callable[[str], int]) -> str:
    """Cut a text to a room. size: what a text takes of it, at least its length."""
    if size(text) <= room:
        return text
    lengths = range(1, room + 1)
    longest = bisect_left(lengths, True, key=lambda length: size(shorten(text, length)) > room)
    return shorten(text, longest)


def _reason(error: NotTold, name: str, notice: Notice) -> str:
    if error.status is not None:
        refused = judge(far_end=name, status=error.status, retry_after=None, now=notice.sent_at)
        if refused is not None:
            return refused.reason
    if error.unreached:
        return f"{name} cannot be reached"
    return f"{name} was not told, and Apprise gives no reason that could be shown"
