"""Answers: what the commands that list are told, whoever tells it.

Either the archive's database is asked (`filed`) or a running daemon (`remote`); both take the
parameters of the API and give its documents (README.md, "The API"), so that no command knows which.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from multidict import MultiDict
from pydantic import TypeAdapter

from alarmbridge.core.errors import ConfigError
from alarmbridge.web.alarm_questions import AlarmListQuery
from alarmbridge.web.deliveries import DeliveryListQuery
from alarmbridge.web.devices import DeviceListQuery
from alarmbridge.web.events import EventListQuery
from alarmbridge.web.parameters import Paged
from alarmbridge.web.problems import BadRequest
from alarmbridge.web.questions import Question, read_values
from alarmbridge.web.shapes import DeliveryShape, DeviceShape, EventShape, ListedAlarm, Page

Document = Mapping[str, Any]
"""An item of a list, as the API has it."""

Q = TypeVar("Q", bound=Question)

_OPTIONS = {"q": "text"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Some items, in the API's order. next: the cursor for those after them."""

    items: tuple[Document, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """What there are lists of. name: the last step of its path. page: the shape of a page."""

    name: str
    question: type[Paged]
    page: TypeAdapter[Any]


ALARMS = Kind("alarms", AlarmListQuery, TypeAdapter(Page[ListedAlarm]))
EVENTS = Kind("events", EventListQuery, TypeAdapter(Page[EventShape]))
DEVICES = Kind("devices", DeviceListQuery, TypeAdapter(Page[DeviceShape]))
DELIVERIES = Kind("deliveries", DeliveryListQuery, TypeAdapter(Page[DeliveryShape]))


class Answers(Protocol):
    """Whoever is asked. What goes wrong is an AlarmbridgeError in words for people."""

    async def ask(self, kind: Kind, wanted: "Wanted") -> Listing:
        """Give a page."""
        ...

    def follow(self, wanted: "Wanted") -> AsyncIterator[Document]:
        """Give events as they come, each once, until somebody has had enough."""
        ...

    async def report(self, wanted: "Wanted") -> Document:
        """Give a report."""
        ...


class Wanted:
    """The parameters of a question, as they were typed."""

    def __init__(self, **values: Any) -> None:
        self.parameters: MultiDict[str] = MultiDict()
        for name, value in values.items():
            self._add(name, value)

    def put(self, **values: Any) -> "Wanted":
        """Give the same question with these in place of those of that name."""
        made = Wanted()
        made.parameters = MultiDict(
            (name, value) for name, value in self.parameters.items() if name not in values
        )
        for name, value in values.items():
            made._add(name, value)
        return made

    def read(self, model: type[Q]) -> Q:
        """Read it as the API would; raises ConfigError with every mistake, by its option."""
        try:
            return read_values(self.parameters, model)
        except BadRequest as error:
            raise as_typed(error) from None

    def _add(self, name: str, value: Any) -> None:
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                self.parameters.add(name, str(one))


def as_typed(error: BadRequest) -> ConfigError:
    """Say what is wrong with a question by the options that it was typed with."""
    return ConfigError([f"{_option(one.name)}: {one.words}" for one in error.mistakes])


def _option(parameter: str) -> str:
    return f"--{_OPTIONS.get(parameter, parameter.replace('_', '-'))}"


async def ask_all(answers: Answers, kind: Kind, wanted: Wanted) -> AsyncIterator[Listing]:
    """Give page after page, to the end."""
    while True:
        page = await answers.ask(kind, wanted)
        yield page
        if page.next is None:
            return
        wanted = wanted.put(after=page.next)
