"""JSON as RFC 8259 has it, from bytes that nobody vouches for; and as the guide prints it."""

import json
import math
import re
from typing import NoReturn

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.texts import decode


def parse_json(body: bytes) -> object:
    """Read JSON, in UTF-8 as far as it is (`texts.decode`); strings may hold lone surrogates, NUL.

    Raises BadAnswer, in a few words, for what Python's own reader lets pass: a name twice in one
    object, NaN and infinities, UTF-16, and whatever is too deep or too long to be meant.
    """
    try:
        return _DECODER.decode(decode(body))
    except RecursionError as error:
        raise BadAnswer("it is nested too deep") from error
    except ValueError as error:
        # A JSONDecodeError, or an integer of more digits than Python reads.
        raise BadAnswer("it is an HTML page" if _is_markup(body) else "it is no JSON") from error


def parse_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; raises BadAnswer for anything else, null too.

    Also one that has the guide's own misprints, in case a device writes as its guide does.
    """
    try:
        value = parse_json(body)
    except BadAnswer as error:
        value = _parse_misprinted(body, error)
    if not isinstance(value, dict):
        raise BadAnswer("it is no JSON object")
    return value


def _parse_misprinted(body: bytes, otherwise: BadAnswer) -> object:
    """Read what the guide prints as JSON, or raise the error that it was otherwise.

    It has comments, commas before a bracket, `True`, a brace too many at the end, and an ellipsis
    for members that it leaves out. Inside of strings only the ends of its lines are mended, and
    control characters are let pass.
    """
    try:
        text = _MISPRINT.sub(_mend, decode(body))
        text = _TOO_MANY_COMMAS.sub(lambda found: found[1] or "", text).strip()
        value, end = _LENIENT.raw_decode(text)
    except (ValueError, RecursionError, BadAnswer):
        raise otherwise from None
    if text[end:].strip(" \t\r\n}"):
        raise otherwise
    return value


def _mend(found: re.Match[str]) -> str:
    said = found[0]
    if said.startswith('"'):
        return _END_OF_LINE.sub(" ", said)
    return _WORDS.get(said, "")


def _is_markup(body: bytes) -> bool:
    return body.lstrip().startswith(b"<")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadAnswer("it has a name twice in one object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_a_number(text)


def _not_a_number(_: str) -> NoReturn:
    raise BadAnswer("it has a number that is none")


# A string, a comment, what Python calls true, false and null, an ellipsis. A string that does not
# end is one match to the end of all, otherwise a hostile body would be read through once a quote.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
_MISPRINT = re.compile(rf"{_STRING}|//[^\n]*|\b(?:True|False|None)\b|\.\.\.", re.DOTALL)
_TOO_MANY_COMMAS = re.compile(rf"({_STRING})|,\s*(?=[}}\]])", re.DOTALL)
# Not from within blanks, otherwise a text of blanks alone would be read through once a blank.
_END_OF_LINE = re.compile(r"(?<![ \t])[ \t]*[\r\n]+[ \t]*")
_WORDS = {"True": "true", "False": "false", "None": "null"}

_DECODER, _LENIENT = (
    json.JSONDecoder(
        object_pairs_hook=_object,
        parse_float=_finite,
        parse_constant=_not_a_number,
        strict=strict,
    )
    for strict in (True, False)
)
