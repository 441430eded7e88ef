"""Texts of a report's configuration: YAML that loads, whatever a device has written."""

import re
from collections.abc import Iterable

from alarmbridge.core.texts import shorten

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SPECIAL = re.compile(r"[*?\[]")
_LONGEST = 120


def quoted(text: str) -> str:
    """Write a text as a YAML scalar; what cannot be seen is written by its number."""
    if re.fullmatch(_PLAIN, text) and text.lower() not in _WORDS:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def glob_of(text: str) -> str:
    """Write the glob that fits a text, and nothing else; of a long one those that begin so."""
    start = text if len(text) <= _LONGEST else text[:_LONGEST]
    return re.sub(_SPECIAL, r"[\g<0>]", start) + ("" if start == text else "*")


def flow(items: Iterable[tuple[str, str]]) -> str:
    """Write a mapping on one line; values are YAML already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in items) + "}"


def comment_of(text: str) -> str:
    """Write a text as a comment: on one line, since what follows would be configuration."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    return f"# {shorten(' '.join(seen.split()), _LONGEST)}"


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and char != "\ufeff":
        return char
    number = ord(char)
    return f"\\x{number:02X}" if number < 0x100 else f"\\U{number:08X}"  # noqa: PLR2004 - a byte
