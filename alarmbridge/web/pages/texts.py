"""Texts of devices as the page shows them: short where there are many, whole where one is read."""

from alarmbridge.core.texts import one_line, shorten

SHORT = 240
"""Characters of a text in a list."""

LONG = 1200
"""Characters of a text that are shown before somebody asks for the rest."""


def short(text: str | None, limit: int = SHORT) -> str:
    """Put a text on one line of so many characters, in which nothing is hidden."""
    # Cut first as well: of 200 kB nobody needs to look at each character for that.
    return shorten(one_line(shorten(text or "", 8 * limit)), limit)


def whole(text: str | None) -> str:
    """Show all of a text by its lines, in which nothing is hidden."""
    return "\n".join(one_line(line) for line in (text or "").splitlines()).strip("\n")


def is_long(text: str | None) -> bool:
    """Say whether a text is to be shown in part first."""
    return len(text or "") > LONG
