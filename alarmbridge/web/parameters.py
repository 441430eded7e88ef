"""Parameters: the kinds of value that a query is written in."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from alarmbridge.core.instants import parse_instant
from alarmbridge.core.search_words import wanted_words
from alarmbridge.store.page import MOST
from alarmbridge.web.questions import Question, is_storable

USUAL = 100
"""Items of a page, unless another number is asked for."""

LONGEST = 500
MOST_VALUES = 50

_LOST_PLUS = re.compile(r"(:[0-9]{2}(?:\.[0-9]+)?) ([0-9]{2}:[0-9]{2})")
_TAG = re.compile(r"([^:=]+)[:=](.+)", re.DOTALL)
_FLAGS = {"": True, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

_TAG_SCHEMA = {"type": "string", "pattern": r"^[^:=\u0000]+[:=][^\u0000]+$", "maxLength": LONGEST}


class Tag(NamedTuple):
    """A tag of a device, and its value."""

    key: str
    value: str


def _read_limit(text: object) -> int:
    number = str(text)
    if number.isascii() and number.isdigit() and len(number) <= len(str(MOST)):
        limit = int(number)
        if 1 <= limit <= MOST:
            return limit
    raise ValueError(f"must be a number from 1 to {MOST}")


def _read_flag(word: object) -> bool:
    flag = _FLAGS.get(str(word).lower())
    if flag is None:
        raise ValueError("must be true or false")
    return flag


def _read_time(text: object) -> datetime:
    # A plus that was not encoded comes as a blank, and cannot be meant otherwise there.
    return parse_instant(re.sub(_LOST_PLUS, r"\1+\2", str(text)))


def _read_tag(text: object) -> Tag:
    written = re.fullmatch(_TAG, str(text))
    if written is None or not is_storable(written[0]):
        raise ValueError("must be a key and a value, as site:ams")
    return Tag(written[1], written[2])


def _check_words(text: str) -> str:
    if not wanted_words(text):
        raise ValueError("must have letters or digits in it")
    return text


def _check_text(text: str) -> str:
    if not is_storable(text):
        raise ValueError("must not have a NUL in it")
    return text


Text = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, json_schema_extra={"pattern": r"^[^\u0000]+$"}),
    AfterValidator(_check_text),
]
Words = Annotated[Text, AfterValidator(_check_words)]
Texts = Annotated[tuple[Text, ...], Field(max_length=MOST_VALUES)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
Time = Annotated[datetime, BeforeValidator(_read_time)]
Tags = Annotated[
    tuple[Annotated[Tag, BeforeValidator(_read_tag), WithJsonSchema(_TAG_SCHEMA)], ...],
    Field(max_length=MOST_VALUES),
]


class Paged(Question):
    """The parameters of every list."""

    limit: Annotated[
        int, Field(ge=1, le=MOST, description="Items of a page."), BeforeValidator(_read_limit)
    ] = USUAL
    after: Annotated[
        Text | None,
        Field(
            description="Go on after a page: what it said as `next`, as it is, with all else the "
            "same. Another list's is refused."
        ),
    ] = None


def by_key(tags: Iterable[Tag]) -> dict[str, tuple[str, ...]]:
    """Gather the values of each key: one of them must fit."""
    values: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        values[tag.key] = (*values.get(tag.key, ()), tag.value)
    return values
