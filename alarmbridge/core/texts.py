"""Texts of strangers: put on one line, made plain, and cut to fit a wire.

A device's text is not to be trusted: what could break a line, move a cursor or turn the reading
direction is shown as what it is, `<U+202E>`, and what a chat would take for a mention or a link
is broken by a blank, before any sink sees it.
"""

import codecs
import re
import unicodedata

ELLIPSIS = "…"

# `@everyone` and its like, `<!channel>`, `<@U1>`, `<users/all>`, `<https://…|words>`,
# `[words](https://…)`, as the chats write them.
_LIVE = re.compile(
    r"(?:@(?=(?:everyone|here|channel|all|room)\b)|(?<!\w)@(?=[\w*])"
    r"|<(?=[!@#]|/?(?:at|users)\b|\w+:)|\](?=\())",
    re.IGNORECASE,
)


def decode(body: bytes) -> str:
    """Read UTF-8, with a byte order mark or without; what is none of it, as Windows-1252 has it.

    Byte by byte, because one text that an old table of names gave a device stands among others
    that are UTF-8, and a text that was cut within a letter does too.
    """
    return body.decode("utf-8", _OTHERWISE).removeprefix("\ufeff")


def plain(text: str) -> str:
    """Put a device's text on one line in which nothing is hidden, nobody called, nothing linked."""
    return _LIVE.sub(r"\g<0> ", one_line(text))


def one_line(text: str) -> str:
    """Put a text on one line: blanks for its line breaks, and what cannot be seen made visible."""
    seen = text if text.isprintable() else "".join(map(_seen, text))
    return " ".join(seen.split())


def shorten(text: str, limit: int) -> str:
    """Cut a text to so many characters; one that was cut ends in an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: limit - 1] + ELLIPSIS if limit > 0 else ""


def shorten_bytes(text: str, limit: int) -> str:
    """Cut a text to so many bytes of UTF-8, between characters, with an ellipsis if it fits."""
    encoded, mark = text.encode(), ELLIPSIS.encode()
    if len(encoded) <= limit:
        return text
    if limit < len(mark):
        return encoded[: max(limit, 0)].decode(errors="ignore")
    return encoded[: limit - len(mark)].decode(errors="ignore") + ELLIPSIS


def shorten_units(text: str, limit: int) -> str:
    """Cut a text to so many UTF-16 units, which is how Java and JavaScript count characters."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * limit:
        return text
    if limit <= 0:
        return ""
    return encoded[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore") + ELLIPSIS


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_OTHERWISE = "alarmbridge.windows"
codecs.register_error(_OTHERWISE, _as_windows)


def _seen(char: str) -> str:
    if char.isprintable():
        return char
    blank = char in "\t\n\r\v\f" or unicodedata.category(char) == "Zs"
    return " " if blank else f"<U+{ord(char):04X}>"
