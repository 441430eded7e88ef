"""A service as Apprise knows it: read from a URL, told a message, and overheard.

The only module that imports Apprise. What Apprise and the libraries below it log holds URLs, tokens
and telephone numbers: none of it reaches the program's log, and of what was said in an attempt
only a status or the kind of failure is passed on.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.common import OverflowMode
from apprise.conversion import convert_between
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase

_BELOW = ("urllib3", "requests_oauthlib", "oauthlib", "slixmpp", "paho")
_JOINT = len("<b></b><br />\r\n")
"""What is put around a title at most where it is made a part of the text."""

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")

_MANAGER: Any = NotificationManager

_said: ContextVar[list[str] | None] = ContextVar("said", default=None)


def _overhear(record: logging.LogRecord) -> bool:
    """Keep a record for whoever called Apprise in this context; pass it on to nobody."""
    if (said := _said.get()) is not None:
        said.append(record.getMessage())
    return False


def _take_over_the_log() -> None:
    log = logging.getLogger("apprise")
    log.filters[:] = [_overhear]
    log.setLevel(logging.WARNING)
    for name in _BELOW:
        # Whole URLs stand in their warnings as well.
        logging.getLogger(name).setLevel(logging.CRITICAL)


_take_over_the_log()


@contextmanager
def _overheard() -> Iterator[list[str]]:
    said: list[str] = []
    token = _said.set(said)
    try:
        yield said
    finally:
        _said.reset(token)


class NotTold(Exception):
    """A message that was not taken. status: HTTP's, where Apprise let one be heard.

    unreached: whether the service could not be reached at all, as far as can be heard.
    """

    def __init__(self, said: Sequence[str]) -> None:
        super().__init__()
        found = [int(status[1]) for line in said if (status := _STATUS.search(line))]
        self.status = found[0] if found else None
        self.unreached = any("onnection error" in line for line in said)


class Service:
    """One service, ready to be told. Of use to one thread at a time.

    name: the maker's or the protocol's, `Slack`. schemes: all under which Apprise knows it.
    receivers: how many are told by it. curtailed: Apprise left out what it did not understand.
    longest_title: in characters; None where a title becomes a part of the text.
    """

    def __init__(self, plugin: NotifyBase, *, curtailed: bool) -> None:
        self.name = str(plugin.service_name)
        self.schemes = _schemes_of(type(plugin))
        self.receivers = len(plugin)
        self.curtailed = curtailed
        self.longest_title = int(plugin.title_maxlen) if plugin.title_maxlen > 0 else None
        self._plugin = plugin
        self._format = plugin.resolve_format(NotifyFormat.TEXT)

    def room(self, title: str) -> int:
        """Say how much a text may be, by `size`, that goes with a title; perhaps less than none."""
        plugin, room = self._plugin, int(self._plugin.body_maxlen)
        joined = plugin.title_maxlen <= 0 or plugin.overflow_amalgamate_title
        return room - self.size(title) - _JOINT if joined and title else room

    def size(self, text: str) -> int:
        """Count the characters of a text as this service is sent it: in HTML a blank is six."""
        return len(self._convert(text))

    def tell(self, *, title: str, text: str, kind: str) -> None:
        """Send a message of plain text; raises NotTold, or whatever a plugin of Apprise's raises.

        kind: failure, warning, info or success.
        """
        with _overheard() as said:
            # Not by Apprise's own notify: that one retries, forgives a failure where the URL says
            # `optional`, and may read escapes and emojis out of a device's text.
            told = self._plugin.notify(
                **self.build_message(title=title, text=text),
                notify_type=NotifyType(kind),
                overflow=OverflowMode.TRUNCATE,
            )
        if not told:
            raise NotTold(said)

    def build_message(self, *, title: str, text: str) -> dict[str, Any]:
        """Build what a plugin is called with: all in its own format, as Apprise's notify does.

        A plugin that is left to convert for itself may not: Telegram's would take a device's
        text for HTML.
        """
        return {
            "title": self._convert(title) if self.longest_title is None else title,
            "body": self._convert(text),
            "body_format": self._format,
            "body_passthrough": False,
        }

    def _convert(self, text: str) -> str:
        convert: Callable[..., str] = convert_between
        return convert(NotifyFormat.TEXT, self._format, text)


def load_service(url: str, *, timeout: timedelta) -> Service:
    """Read a URL, connecting nothing; raises ValueError without showing any of it."""
    kind = _kind_of(url)
    asset = AppriseAsset(app_id="alarmbridge", app_desc="alarmbridge", http_redirects=False)
    with _overheard() as said:
        plugin = Apprise.instantiate(url, asset=asset)
    if plugin is not None:
        plugin.socket_connect_timeout = plugin.socket_read_timeout = timeout.total_seconds()
        # Counted as receivers otherwise, and not made by us.
        plugin.retry = 0
        return Service(plugin, curtailed=bool(said))
    if kind is None:
        raise ValueError("is no URL of a service that Apprise knows; see https://appriseit.com")
    if not kind.enabled:
        raise ValueError(f"is for {kind.service_name}, which cannot work here: {_needs_of(kind)}")
    raise ValueError(f"is not as Apprise wants it for {kind.service_name}; see {kind.setup_url}")


def schemes_in(url: str) -> frozenset[str]:
    """Name every scheme of the service that a URL is for, even if the URL is no good."""
    kind = _kind_of(url)
    return _schemes_of(kind) if kind is not None else frozenset()


def _kind_of(url: str) -> type[NotifyBase] | None:
    scheme = url.partition("://")[0].strip().lower()
    manager = _MANAGER()
    return manager[scheme] if scheme in manager else None  # noqa: SIM401 - it has no get


def _schemes_of(kind: type[NotifyBase]) -> frozenset[str]:
    said: tuple[Any, ...] = (kind.protocol, kind.secure_protocol)
    return frozenset(
        name for names in said for name in ((names,) if isinstance(names, str) else names or ())
    )


def _needs_of(kind: type[NotifyBase]) -> str:
    packages: Any = kind.requirements.get("packages_required") or []
    names = packages if isinstance(packages, str) else ", ".join(packages)
    return f"install {names}" if names else str(kind.requirements.get("details"))
