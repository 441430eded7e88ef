"""What was asked, read strictly: the parameters of a query, and bodies of JSON."""

import json
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from alarmbridge.core.match_json import BadMatch
from alarmbridge.store.page import MOST, BadCursor
from alarmbridge.web.problems import BadRequest, Mistake, Refused

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_SHOWN = 40
USUAL = 100
_FLAGS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_WORDS = {
    "missing": "is needed",
    "string_type": "must be text",
    "string_unicode": "must be text in UTF-8",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "must have at most {max_length} values",
    "bool_type": "must be true or false",
    "enum": "must be {expected}",
    "value_error": "{error}",
}


class Question(BaseModel):
    """The parameters of a query; this has none. Those that are tuples may be repeated."""

    model_config = _STRICT


class Body(BaseModel):
    """The keys of a body."""

    model_config = _STRICT


Q = TypeVar("Q", bound=Question)
B = TypeVar("B", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)


def read_query(request: web.Request, model: type[Q]) -> Q:
    """Read the parameters of a request; raises BadRequest with every mistake."""
    given = request.query
    several = {name for name, one in _fields(model).items() if get_origin(one) is tuple}
    values = {name: given.getall(name) if name in several else given[name] for name in given}
    repeated = [
        Mistake(name[:_SHOWN], "is given more than once")
        for name in values
        if name in _fields(model) and name not in several and len(given.getall(name)) > 1
    ]
    read, mistakes = _check(model, values, "is no parameter of this")
    # A parameter is named once, whichever of its values are wrong.
    named = {str(one.place[0])[:_SHOWN]: one.words for one in reversed(mistakes)}
    wrong = [Mistake(name, words) for name, words in reversed(named.items())]
    if read is None or repeated:
        raise BadRequest([*repeated, *wrong])
    return read


async def read_body(request: web.Request, model: type[B]) -> B:
    """Read a body that must be a JSON object; raises Refused, BadRequest with every mistake."""
    optional = not any(field.is_required() for field in model.model_fields.values())
    given = {} if optional and not request.body_exists else await read_object(request)
    read, mistakes = _check(model, given, "is no known key")
    if read is None:
        raise BadRequest(mistakes)
    return read


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read a body that must be a JSON object; raises Refused."""
    # A page of another origin may send any other type without asking first.
    if request.content_type != "application/json":
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json, and say so."
        )
    try:
        body = json.loads(
            (await request.read()).decode(),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
        )
    except BadRequest:
        raise
    except (ValueError, RecursionError):
        raise BadRequest([Mistake((), "The body is no JSON.")]) from None
    if not isinstance(body, dict):
        raise BadRequest([Mistake((), "The body must be an object.")])
    return body


def is_storable(text: str) -> bool:
    """Say whether the archive could hold a text: no NUL in it, and no half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _check(
    model: type[M], values: Mapping[str, Any], unknown: str
) -> tuple[M | None, list[Mistake]]:
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        known = ", ".join(sorted(_fields(model))) or "none"
        return None, [
            mistake
            for one in error.errors(include_url=False)
            for mistake in _mistakes(one, f"{unknown}; there are: {known}")
        ]


def _mistakes(error: "ErrorDetails", unknown: str) -> list[Mistake]:
    place = tuple(step[:_SHOWN] if isinstance(step, str) else step for step in error["loc"])
    if error["type"] == "extra_forbidden":
        return [Mistake(place, unknown)]
    reasons = error.get("ctx", {})
    cause = reasons.get("error")
    if isinstance(cause, BadMatch):
        return [Mistake((*place, *path), words) for path, words in cause.mistakes]
    words = _WORDS.get(error["type"], "must be otherwise: " + error["msg"])
    return [Mistake(place, words.format(**reasons))]


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {one.alias or name: one.annotation for name, one in model.model_fields.items()}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise BadRequest([Mistake((), "The body has a key twice in one object.")])
    return made


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


class Query:
    """The parameters of a request. What is wrong is gathered until `check` is called."""

    def __init__(self, request: web.Request, known: Collection[str]) -> None:
        self._given = request.query
        self._mistakes: list[Mistake] = []
        for name in dict.fromkeys(self._given):
            if name not in known:
                words = f"is no parameter of this; there are: {', '.join(sorted(known)) or 'none'}"
                self._mistakes.append(Mistake(name, words))
            elif len(self._given.getall(name)) > 1:
                self._mistakes.append(Mistake(name, "is given more than once"))

    def flag(self, name: str) -> bool:
        """Read whether something is wanted; its bare name says so."""
        word = self._given.get(name, "false").lower()
        if word not in _FLAGS:
            self._mistakes.append(Mistake(name, "must be true or false"))
        return _FLAGS.get(word, False)

    def limit(self) -> int:
        """Read how many items a page may have."""
        text = self._given.get("limit", str(USUAL))
        number = int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0
        if not 1 <= number <= MOST:
            self._mistakes.append(Mistake("limit", f"must be a number from 1 to {MOST}"))
        return number

    def cursor(self) -> str | None:
        """Read where a page goes on; the store says whether it is one of its cursors."""
        return self._given.get("after")

    def check(self) -> None:
        """Raise BadRequest for all that is wrong."""
        if self._mistakes:
            raise BadRequest(self._mistakes)


def bad_cursor(error: BadCursor) -> BadRequest:
    """Say that `after` is none of the list's cursors."""
    return BadRequest([Mistake("after", str(error))])
