"""Rubbish: answers with status 200 that no careful reader believes.

Each is made from the right answer's body, so that it looks like one for as long as it can.
"""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from alarmbridge.simulator.bodies import JSON, Answer

_PAGE = b'{"alarms": [{"id": "1", "description": "x", "url": "/"}], "cursor": {"after": "-1"}}'
_DEPTH = 100_000


def spoil(answer: Answer, what: str) -> Answer:
    """Turn a right answer into rubbish of that sort. KeyError: there is no such sort."""
    headers = {"Content-Type": "text/html"} if what == "html" else JSON
    return Answer(200, headers, RUBBISH[what](answer.body if _is_object(answer.body) else _PAGE))


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _first_key_twice(body: bytes) -> bytes:
    key = next(iter(json.loads(body)))
    return b"{%s: null," % json.dumps(key).encode() + body.lstrip()[1:]


def _members(body: bytes, change: Callable[[object], object]) -> bytes:
    return json.dumps(_walk(json.loads(body), change)).encode()


def _walk(value: object, change: Callable[[object], object]) -> object:
    if isinstance(value, dict):
        return {key: _walk(member, change) for key, member in value.items()}
    if isinstance(value, list):
        return [_walk(member, change) for member in value]
    return change(value)


def _ids(body: bytes, wrong: object) -> bytes:
    value = json.loads(body)
    for row in value.get("alarms", [value]):
        row["id"] = wrong
    return json.dumps(value).encode()


def _rows_twice(body: bytes) -> bytes:
    value = json.loads(body)
    value["alarms"] = [*value.get("alarms", []), *value.get("alarms", [])]
    return json.dumps(value).encode()


RUBBISH: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "html": lambda _: b"<!DOCTYPE html><html><body>Please log in</body></html>",
        "empty": lambda _: b"",
        "truncated": lambda body: body[: len(body) // 2],
        "invalid": lambda body: body.replace(b'"', b"'"),
        "trailing_comma": lambda body: body.rstrip()[:-1] + b",}",
        "two_documents": lambda body: body + body,
        "null": lambda _: b"null",
        "list": lambda body: b"[" + body + b"]",
        "other_object": lambda _: b'{"items": []}',
        "no_cursor": lambda _: b'{"alarms": [{"id": "1", "description": "x", "url": "/"}]}',
        "nan": lambda body: _members(body, lambda _: float("nan")),
        "wrong_types": lambda body: _members(body, lambda value: [value]),
        "nulls": lambda body: _members(body, lambda _: None),
        "huge_number": lambda body: re.sub(rb': "[^"]*"', b": " + b"1" * 5000, body, count=1),
        "duplicate_keys": _first_key_twice,
        "duplicate_rows": _rows_twice,
        "hostile_ids": lambda body: _ids(body, "../../actions/reset"),
        "foreign_digits": lambda body: _ids(body, "\N{ARABIC-INDIC DIGIT ONE}"),
        "deep": lambda _: b"[" * _DEPTH + b"]" * _DEPTH,
        "latin1": lambda body: body.replace(b'": "', b'": "\xe9', 3),
        "utf16": lambda body: body.decode().encode("utf-16"),
        "surrogate": lambda body: body.replace(b'": "', b'": "\\ud800', 3),
        "nul": lambda body: body.replace(b'": "', b'": "\\u0000', 3),
    }
)
"""Every sort by its name; "surrogate" and "nul" are valid JSON, but poison to databases."""
