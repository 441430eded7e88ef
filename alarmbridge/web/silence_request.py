"""A silence as it is asked for: the keys of a body, each read as the configuration reads it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from alarmbridge.core.durations import parse_duration
from alarmbridge.core.filters import Match
from alarmbridge.core.instants import end_of, parse_instant
from alarmbridge.core.match_json import parse_match
from alarmbridge.core.silence import LONGEST_COMMENT, parse_comment
from alarmbridge.web.problems import BadRequest, Mistake
from alarmbridge.web.questions import Body
from alarmbridge.web.shapes import MatchShape
from alarmbridge.web.silence_book import NewSilence

T = TypeVar("T")

_LENGTH = r"[0-9]{1,15}(\.[0-9]{1,9})? ?(ms|[smhd])"


def _text(parse: Callable[[str], T]) -> BeforeValidator:
    def read(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - pydantic gathers these only
        return parse(value)

    return BeforeValidator(read)


class _AsMatch:
    """Describes a match by its shape: any of its texts may stand alone or in a list."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(TypeAdapter(MatchShape).core_schema)


def _read_match(value: object) -> Match:
    return value if isinstance(value, Match) else parse_match(value)


def _read_length(text: str) -> timedelta:
    length = parse_duration(text)
    # The configuration takes a plain number for seconds; whoever asks for a silence may mean hours.
    if re.fullmatch(_LENGTH, text) is None:
        raise ValueError("must be a number and its unit, such as 30m, 2h or 3d")
    return length


Moment = Annotated[
    datetime | None, _text(parse_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Length = Annotated[
    timedelta | None,
    _text(_read_length),
    WithJsonSchema({"type": "string", "pattern": f"^{_LENGTH}$"}),
]


class AskedSilence(Body):
    """What is to be silenced, and when. everything: said where there is no match.

    The end is either `ends_at` or `for`, counted from `starts_at`, which is now by default. A
    match's texts are globs, and one value need not stand in a list.
    """

    everything: Annotated[StrictBool, Field(description="Every alarm, instead of a match.")] = False
    match: Annotated[
        Match,
        BeforeValidator(_read_match),
        _AsMatch,
        Field(default_factory=Match, validate_default=True),
    ]
    starts_at: Moment = None
    lasting: Annotated[Length, Field(alias="for")] = None
    ends_at: Annotated[Moment, Field(validate_default=True)] = None
    comment: Annotated[
        str,
        Field(max_length=LONGEST_COMMENT, description="One line."),
        AfterValidator(parse_comment),
    ] = ""

    @field_validator("match", mode="after")
    @classmethod
    def _as_it_is_meant(cls, match: Match, validation: ValidationInfo) -> Match:
        everything = validation.data.get("everything")
        if match == Match() and everything is False:
            raise ValueError("is needed; to silence every alarm say everything: true")
        if match != Match() and everything is True:
            raise ValueError("is given, and everything is true as well; leave out one of them")
        return match

    @field_validator("ends_at", mode="wrap")
    @classmethod
    def _one_end(
        cls, raw: object, read: ValidatorFunctionWrapHandler, validation: ValidationInfo
    ) -> datetime | None:
        length = validation.data.get("lasting", ...)
        if length is not ... and (raw is None) == (length is None):
            raise ValueError("is needed, or for, and not both")
        ends_at: datetime | None = None if raw is None else read(raw)
        return ends_at

    def settle(self, *, author: str, now: datetime) -> NewSilence:
        """Say from when to when it is, counted from now; raises BadRequest where that cannot be."""
        starts_at = self.starts_at or now
        ends_at = self.ends_at if self.lasting is None else _end_of(starts_at, self.lasting)
        if ends_at is None or ends_at <= max(starts_at, now):
            key = "ends_at" if self.lasting is None else "for"
            raise BadRequest([Mistake((key,), "must end after starts_at, and not in the past")])
        return NewSilence(
            match=self.match,
            starts_at=starts_at,
            ends_at=ends_at,
            comment=self.comment,
            author=author,
        )


def _end_of(starts_at: datetime, length: timedelta) -> datetime:
    try:
        return end_of(starts_at, length)
    except ValueError as error:
        raise BadRequest([Mistake(("for",), str(error))]) from None
