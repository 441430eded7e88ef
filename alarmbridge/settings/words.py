"""A model's complaints in words for people. No input is shown, for it may be a secret."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from alarmbridge.settings.mistakes import show_key

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WORDS = {
    "missing": "is needed",
    "extra_forbidden": "is no known key",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def word_error(error: "ErrorDetails") -> str:
    """Say what is wrong with a value; follows on its path and a colon."""
    words = _WORDS.get(error["type"])
    if words is None:
        return error["msg"][:1].lower() + error["msg"][1:]
    return words.format(**error.get("ctx", {}))


def word_unknown_key(key: object, known: Iterable[str]) -> str:
    """Say that nobody knows a key, and which was probably meant."""
    candidates = sorted(known)
    near = get_close_matches(show_key(key).rstrip("…").lower(), candidates, n=1)
    if near:
        return f"is no known key; did you mean {near[0]}?"
    return f"is no known key; there are: {', '.join(candidates)}"
