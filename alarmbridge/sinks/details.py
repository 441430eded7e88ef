"""An event's facts as a flat map of texts, for far ends that keep no nested values."""

import json
from collections.abc import Mapping
from typing import Any

from alarmbridge.core.texts import one_line, shorten_units

_LAST = ("description", "clear_description")


def list_details(body: str, *, longest: int, total: int) -> dict[str, str]:
    """List what an event says: `event_id`, `alarm_id`, `severity`, `device`, `tag_site`, ….

    body: the event's JSON text. longest: of one value, in UTF-16 units. total: of the whole map
    as JSON text; what would make it longer is left out, and so is what is none.
    """
    listed: dict[str, str] = {}
    for key, value in _facts(json.loads(body)["data"]).items():
        text = shorten_units(one_line(_as_text(value)), longest)
        size = _units(json.dumps({key: text}, ensure_ascii=False))
        if text and size <= total:
            listed[key] = text
            total -= size
    return listed


def _facts(data: Mapping[str, Any]) -> dict[str, object]:
    """Put what is needed most first, and the texts of devices, which may be long, last."""
    alarm, device = data["alarm"], data["device"] or {}
    return {
        "event_id": data["event_id"],
        "alarm_id": alarm["id"],
        "device": device.get("name"),
        "device_url": device.get("url"),
        **{key: value for key, value in alarm.items() if key not in {"id", *_LAST}},
        **{key: device.get(key) for key in ("product", "version", "serial_number")},
        **{key: data.get(key) for key in ("sequence", "transient", "note")},
        **{f"tag_{key}": value for key, value in sorted(device.get("tags", {}).items())},
        **{key: alarm[key] for key in _LAST},
    }


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
