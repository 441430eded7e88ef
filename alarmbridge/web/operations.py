"""Operations: what the API can be asked, each declared once for router, reader and document."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from aiohttp import web
from pydantic import TypeAdapter

from alarmbridge.web.access import Person
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import Body, Question, is_storable

API = "/api/v1"
"""Where all paths of the API begin."""

JSON = "application/json"

Q = TypeVar("Q", bound=Question)
B = TypeVar("B", bound=Body | None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Q, B]):
    """One request to an operation, already read. body: None where the operation takes none."""

    request: web.Request
    person: Person
    query: Q
    body: B

    def part(self, name: str = "id") -> str:
        """Say what a part of the path is; raises RequestRefused for what can name nothing."""
        text = self.request.match_info[name]
        if not is_storable(text):
            raise RequestRefused(HTTPStatus.NOT_FOUND, "There is nothing of that name.")
        return text


Handler = Callable[[Asked[Any, Any]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that has headers of its own."""

    value: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path.

    path: as the router has it, `/api/v1/alarms/{id}`; parts: what each `{…}` of it is, in words.
    handler: returns what `answer` describes, a Reply around that, or a response of its own making.
    name: the operationId. about: more than the summary says, Markdown. query, body: the models
    that a request is read by; None where there is no body. answer: the type that an answer is
    written by; None where there is nothing in it. media: of what is answered. problems: with which
    statuses this may be refused beside those that everything can be. admin: nobody else may.
    """

    method: str = "GET"
    path: str
    handler: Handler
    name: str
    summary: str
    about: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    query: type[Question] = Question
    body: type[Body] | None = None
    answer: Any = None
    status: HTTPStatus = HTTPStatus.OK
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[HTTPStatus, str] = field(default_factory=dict)
    admin: bool = False

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What writes the answer, and its schema."""
        return TypeAdapter(self.answer)


class Group(Protocol):
    """Some operations that belong together. topic: what they are about, in a word."""

    topic: str

    def operations(self) -> Sequence[Operation]:
        """List them."""
        ...
