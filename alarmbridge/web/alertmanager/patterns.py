"""Patterns: regular expressions as globs and globs as such, only where both mean the same."""

import re
from collections.abc import Iterator, Sequence

MOST = 100
"""Globs that one expression may come to."""

_GROUP = re.compile(r"(?<!\\)\((?:\?:)?((?:[^()\\]|\\.)*)\)(?![*+?{])")
# A group, an end or a choice in there would be a character, and not what it looks like.
_RISKY = re.compile(r"\[\^?+[^\]]*[()|$^][^\]]*\]")
_ESCAPED = re.compile(r"\\.")
_PLAIN_CLASS = r"\[\^?[A-Za-z0-9_ :.,/-]+\]"
_CLASS = re.compile(_PLAIN_CLASS)
_PIECE = re.compile(rf"\.\*|\.\+|\.|\\d|\\[^A-Za-z0-9]|{_PLAIN_CLASS}|[^\\.*+?^$|()\[\]{{}}]")
_SPECIAL = {".*": "*", ".+": "?*", ".": "?", r"\d": "[0-9]"}
_GLOB = re.compile(r"\[(?P<one>[^\]!])\]|\[(?P<no>!?)(?P<some>\]?[^\]]*)\]|[*?]|.", re.DOTALL)
_WILD = {"*": ".*", "?": "."}
_NOT_PLAIN = re.compile(r"[\\.+*?()|\[\]{}^$]")


class NoGlob(ValueError):
    """An expression that no globs can say."""


def globs_of(expression: str) -> list[str]:
    """Write an anchored expression (RE2) as globs of which any fits; raises NoGlob.

    Known are alternatives, groups of them, `.`, `.*`, `.+`, `\\d` and plain classes; no text that
    either sees has line breaks.
    """
    if re.search(_RISKY, re.sub(_ESCAPED, "", expression)):
        raise NoGlob
    whole = expression.removeprefix("^")
    whole = re.sub(r"(?<!\\)\$\Z", "", whole)
    found = [_glob(part) for one in _spread(whole) for part in re.split(r"(?<!\\)\|", one)]
    if len(found) > MOST:
        raise NoGlob
    return list(dict.fromkeys(found))


def escape(text: str) -> str:
    """Write a text as the glob that only it fits."""
    return re.sub(r"[*?\[]", r"[\g<0>]", text)


def expression_of(globs: Sequence[str]) -> str:
    """Write globs as one expression for what any of them fits."""
    return "|".join(re.sub(_GLOB, _expression, glob) for glob in globs)


def text_of(globs: Sequence[str]) -> str | None:
    """Say the one text that fits; None where several may."""
    if len(globs) != 1:
        return None
    pieces = list(re.finditer(_GLOB, globs[0]))
    if any(piece[0] in _WILD or piece["some"] is not None for piece in pieces):
        return None
    return "".join(piece["one"] or piece[0] for piece in pieces)


def _spread(expression: str) -> Iterator[str]:
    """Write an expression without groups: one for each choice within them."""
    waiting, made = [expression], 0
    while waiting:
        made += 1
        if made > 10 * MOST:
            raise NoGlob
        one = waiting.pop()
        group = re.search(_GROUP, one)
        if group is None:
            yield one
            continue
        before, after = one[: group.start()], one[group.end() :]
        choices = re.split(r"(?<!\\)\|", group[1])
        waiting += [before + choice + after for choice in reversed(choices)]


def _glob(part: str) -> str:
    pieces = re.findall(_PIECE, part)
    if "".join(pieces) != part or not pieces:
        raise NoGlob
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if re.fullmatch(_CLASS, piece):
        return piece.replace("[^", "[!", 1)
    return _SPECIAL.get(piece) or escape(piece.removeprefix("\\"))


def _expression(piece: re.Match[str]) -> str:
    if piece["some"] is not None:
        inner = re.sub(r"[\\\[\]^]", r"\\\g<0>", piece["some"])
        return f"[{'^' if piece['no'] else ''}{inner}]"
    return _WILD.get(piece[0]) or re.sub(_NOT_PLAIN, r"\\\g<0>", piece["one"] or piece[0])
