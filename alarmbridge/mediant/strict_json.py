"""JSON as RFC 8259 has it, from bytes that nobody vouches for."""

import json
import math
from typing import NoReturn

from alarmbridge.core.errors import BadAnswer


def parse_json(body: bytes) -> object:
    """Read UTF-8 JSON; strings may still hold lone surrogates and NUL.

    Raises BadAnswer, in a few words, for what Python's own reader lets pass: a name twice in one
    object, NaN and infinities, UTF-16, and whatever is too deep or too long to be meant.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadAnswer("it is not UTF-8") from error
    except RecursionError as error:
        raise BadAnswer("it is nested too deep") from error
    except ValueError as error:
        # A JSONDecodeError, or an integer of more digits than Python reads.
        raise BadAnswer("it is an HTML page" if _is_markup(body) else "it is no JSON") from error


def parse_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; raises BadAnswer for anything else, null too."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise BadAnswer("it is no JSON object")
    return value


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


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_not_a_number
)
