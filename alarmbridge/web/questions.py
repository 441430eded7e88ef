"""What was asked, read strictly: the parameters of a query, and bodies of JSON."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_origin

from aiohttp import web
from multidict import MultiDict, MultiMapping
from pydantic import BaseModel, ConfigDict, ValidationError

from alarmbridge.core.match_json import BadMatch
from alarmbridge.web.problems import BadRequest, Mistake, RequestRefused

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_SHOWN = 40
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
    """The keys of a body. optional: there need not be one."""

    model_config = _STRICT
    optional: ClassVar[bool] = False


Q = TypeVar("Q", bound=Question)
B = TypeVar("B", bound=Body)
M = TypeVar("M", bound=BaseModel)


def read_query(request: web.Request, model: type[Q]) -> Q:
    """Read the parameters of a request; raises BadRequest with every mistake."""
    return read_values(request.query, model)


def read_filled(request: web.Request, model: type[Q]) -> Q:
    """Read the parameters that a form sends; a field that was left empty is none."""
    return read_values(
        MultiDict((name, text) for name, text in request.query.items() if text), model
    )


def read_values(given: MultiMapping[str], model: type[Q]) -> Q:
    """Read parameters; raises BadRequest with every mistake."""
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
    named |= {one.name: one.words for one in repeated}
    if read is None or named:
        raise BadRequest([Mistake(name, words) for name, words in reversed(named.items())])
    return read


async def read_body(request: web.Request, model: type[B]) -> B:
    """Read a body that must be a JSON object.

    Raises RequestRefused, and BadRequest with every mistake in it.
    """
    given = {} if model.optional and not request.body_exists else await read_object(request)
    return read_keys(model, given)


def read_keys(model: type[B], given: Mapping[str, Any]) -> B:
    """Read the keys of a body; raises BadRequest with every mistake."""
    read, mistakes = _check(model, given, "is no known key")
    if read is None:
        raise BadRequest(mistakes)
    return read


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read a body that must be a JSON object; raises RequestRefused."""
    # A page of another origin may send any other type without asking first.
    if request.content_type != "application/json":
        raise RequestRefused(
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
