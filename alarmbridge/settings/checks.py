"""Mistakes that no section can see alone: names that clash, passwords that are nowhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from alarmbridge.settings.mistakes import Mistakes, Path, show_path
from alarmbridge.settings.models import ApiSettings


def check_unique(items: Sequence[object], path: Path, mistakes: Mistakes) -> None:
    """Report items of a list that bear the name of an earlier one."""
    first: dict[str, int] = {}
    for at, item in enumerate(items):
        name = item.get("name") if isinstance(item, Mapping) else None
        if isinstance(name, str) and first.setdefault(name, at) != at:
            taken = show_path((*path, first[name]))
            mistakes.add((*path, at, "name"), f"is the name of {taken} already")


def check_credentials(
    defaults: Mapping[str, Any], devices: Sequence[object], mistakes: Mistakes
) -> None:
    """Report devices that are without username or password after the defaults."""
    written = [(at, device) for at, device in enumerate(devices) if isinstance(device, Mapping)]
    for key in ("username", "password"):
        if _given(defaults, key) or mistakes.concern(("defaults", key)):
            continue
        without = [at for at, device in written if not _given(device, key)]
        if without and len(without) == len(written):
            mistakes.add(("defaults", key), "is needed, here or at each device")
            continue
        for at in without:
            mistakes.add(("devices", at, key), "is needed, here or in defaults")


def check_api(api: ApiSettings, mistakes: Mistakes) -> None:
    """Report an API that anybody could use, and tokens that stand for two."""
    if not api.tokens and not api.listen.loopback:
        mistakes.add(
            ("api", "listen"),
            f"is {api.listen}, which others can reach, and there are no tokens; add api.tokens "
            "or listen on 127.0.0.1",
        )
    check_unique([{"name": token.name} for token in api.tokens], ("api", "tokens"), mistakes)
    first: dict[str, int] = {}
    for at, token in enumerate(api.tokens):
        text = token.token.get_secret_value()
        if first.setdefault(text, at) != at:
            mistakes.add(("api", "tokens", at, "token"), f"is that of tokens[{first[text]}] too")


def _given(holder: Mapping[str, Any], key: str) -> bool:
    return bool(holder.get(key) or holder.get(f"{key}_file"))
