"""Lists of alerts: those that are asked for as JSON, piece by piece, however many stand."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from alarmbridge.core.alarm import State
from alarmbridge.core.silence import Silence
from alarmbridge.recurrence import Calendar
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.archive import Archive
from alarmbridge.store.devices import list_devices
from alarmbridge.store.export import export_alarms
from alarmbridge.store.silences import silences_around
from alarmbridge.web.alertmanager.alerts import RECEIVER, Alert, alert_of
from alarmbridge.web.alertmanager.matchers import (
    BadMatcher,
    Matcher,
    check_matcher,
    fit_all,
    parse_matcher,
)
from alarmbridge.web.outside import outside_of

# Few, because polls wait while alerts are made of them.
_AT_ONCE = 200
_DEVICES = 100
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuestion:
    """Which alerts are asked for.

    active, silenced: whether those are that no silence is over, and those that one is. ours:
    whether it asks for our receiver. pages: the URL below which alarms have their pages.
    """

    matchers: Sequence[Matcher]
    active: bool
    silenced: bool
    ours: bool
    pages: str

    def fits(self, alert: Alert) -> bool:
        """Say whether an alert is among them."""
        wanted = self.silenced if alert.silenced_by else self.active
        return wanted and fit_all(self.matchers, alert.labels)


def read_question(request: web.Request) -> AlertQuestion:
    """Read what a request asks for; raises BadMatcher."""
    outside, receiver = outside_of(request), request.query.get("receiver")
    return AlertQuestion(
        matchers=[parse_matcher(text) for text in request.query.getall("filter", ())],
        active=_flag(request, "active"),
        silenced=_flag(request, "silenced"),
        ours=not receiver or _is_receiver(receiver),
        pages=outside.origin + outside.link("/alarms/"),
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """What an answer is made by: the moment, the tags of each device, the silences in force."""

    now: datetime
    tags: Mapping[str, Mapping[str, str]]
    silences: Sequence[Silence]


class AlertLists:
    """Writes active alarms as alerts.

    now: the clock. page: how many alerts are in memory, of a list. devices: of how many all are,
    of groups.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        calendar: Calendar,
        now: Callable[[], datetime],
        page: int = _AT_ONCE,
        devices: int = _DEVICES,
    ) -> None:
        self._archive = archive
        self._calendar = calendar
        self._now = now
        self._page = page
        self._devices = devices

    async def write(self, wanted: AlertQuestion) -> AsyncIterator[str]:
        """Write an array of `gettableAlert`, the newest first."""
        async for piece in _array(self._find(wanted, await self._look())):
            yield piece

    async def write_groups(self, wanted: AlertQuestion) -> AsyncIterator[str]:
        """Write an array of `alertGroup`, one for each device in the order of their names."""
        async for piece in _array(self._group(wanted, await self._look())):
            yield piece

    async def _look(self) -> _Scene:
        now = self._now()
        async with self._archive.read() as tx:
            tags = {one.name: one.tags for one in await list_devices(tx)}
            kept = await silences_around(tx, now, since=now)
        return _Scene(now, tags, (*kept, *self._calendar.at(now)))

    async def _find(
        self, wanted: AlertQuestion, scene: _Scene, devices: Sequence[str] = ()
    ) -> AsyncIterator[list[str]]:
        async for page in self._load(wanted, scene, devices):
            yield [text for _, text in page]

    async def _group(self, wanted: AlertQuestion, scene: _Scene) -> AsyncIterator[list[str]]:
        # The bridge's own alarms are of no device.
        names = sorted({"", *scene.tags})
        for start in range(0, len(names), self._devices):
            some = names[start : start + self._devices]
            groups: dict[str, list[str]] = {}
            async for page in self._load(wanted, scene, some):
                for device, text in page:
                    groups.setdefault(device, []).append(text)
            yield [_group(device, alerts) for device, alerts in sorted(groups.items())]

    async def _load(
        self, wanted: AlertQuestion, scene: _Scene, devices: Sequence[str]
    ) -> AsyncIterator[list[tuple[str, str]]]:
        """Load alerts page by page, each as its device and its JSON. devices: () for any."""
        if not wanted.ours:
            return
        standing = AlarmFilter(states=(State.ACTIVE,), devices=tuple(devices))
        async for page in export_alarms(self._archive, standing, size=self._page):
            alerts = (alert_of(one, scene.tags.get(one.device, {}), scene.silences) for one in page)
            yield [
                (
                    one.alarm.device,
                    json.dumps(one.as_json(now=scene.now, url=wanted.pages + one.alarm.id)),
                )
                for one in alerts
                if wanted.fits(one)
            ]


async def _array(pages: AsyncIterator[Sequence[str]]) -> AsyncIterator[str]:
    """Write pages of JSON as one array."""
    before = "["
    async for items in pages:
        if items:
            yield before + ",".join(items)
            before = ","
    yield "[]" if before == "[" else "]"


def _group(device: str, alerts: Sequence[str]) -> str:
    labels = json.dumps({"device": device} if device else {})
    receiver = json.dumps({"name": RECEIVER})
    return f'{{"labels":{labels},"receiver":{receiver},"alerts":[{",".join(alerts)}]}}'


def _is_receiver(pattern: str) -> bool:
    return check_matcher(Matcher(name="receiver", value=pattern, is_regex=True)).fits(
        {"receiver": RECEIVER}
    )


def _flag(request: web.Request, name: str) -> bool:
    word = request.query.get(name, "").lower() or "true"
    if word not in _FLAGS:
        raise BadMatcher(f"{name} must be true or false")
    return _FLAGS[word]
