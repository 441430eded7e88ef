"""Mistakes in the configuration, each with its path and where that was written."""

import re
from collections.abc import Callable

from alarmbridge.core.errors import ConfigError

Path = tuple[str | int, ...]
"""Where a value stands, from the top: ("devices", 2, "url")."""

_SHOWABLE = re.compile(r"[\w.-]{0,40}")


def show_key(key: object) -> str:
    """Write a key for people, and no more of it than a key should have.

    `{password:hunter2}`, a space forgotten, is a key with a secret in it.
    """
    text = str(key)
    shown = re.match(_SHOWABLE, text)
    return text if shown is None or shown[0] == text else f"{shown[0]}…"


def show_path(path: Path) -> str:
    """Write a path as `devices[2].url`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{show_key(step)}" for step in path)
    return "".join(steps).removeprefix(".")


class Mistakes:
    """Gathers mistakes, so that all are told at once.

    place_of: says where the value at a path was written, for people, or "".
    """

    def __init__(self, place_of: Callable[[Path], str]) -> None:
        self._place_of = place_of
        self._lines: list[str] = []
        self._faulty: set[Path] = set()

    def add(self, path: Path, words: str) -> None:
        """Note a mistake, unless one stands at this very path already."""
        if path in self._faulty:
            return
        self._faulty.add(path)
        place = self._place_of(path)
        self._lines.append(f"{show_path(path)}: {words}" + (f" ({place})" if place else ""))

    def concern(self, path: Path) -> bool:
        """Say whether there is a mistake at a path or somewhere under it."""
        return any(faulty[: len(path)] == path for faulty in self._faulty)

    def raise_if_any(self) -> None:
        """Raise a ConfigError with all of them."""
        if self._lines:
            raise ConfigError(self._lines)
