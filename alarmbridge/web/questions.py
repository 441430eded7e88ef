"""What was asked, read strictly: the parameters of a query, and bodies of JSON."""

import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from aiohttp import web

from alarmbridge.store.page import MOST, BadCursor
from alarmbridge.web.problems import BadRequest, Mistake, Refused

USUAL = 100
"""Items of a page, unless another number is asked for."""

_FLAGS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise BadRequest([Mistake((), "The body has a key twice in one object.")])
    return made


def _refuse_constant(word: str) -> None:
    raise ValueError(word)
