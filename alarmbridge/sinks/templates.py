"""Words of a user's own for a notice: Jinja2 templates, sandboxed, checked at start.

What a template may name: `title` and `text`, the standard words; `kind` (raised, changed,
cleared), `severity`, `alarm`, `device` and `event` with the keys of the event's JSON (DESIGN
section 7); `meaning` and `check` of the catalogue; `note`. What is none is empty text.
"""

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alarmbridge.core.catalogue import look_up
from alarmbridge.core.telling import read_telling
from alarmbridge.core.wording import Words, word

LONGEST = 100_000
"""Characters that a template may make; more of them fail."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    finalize=lambda value: "" if value is None else value,
    keep_trailing_newline=False,
    trim_blocks=True,
    lstrip_blocks=True,
)

_SAMPLE = json.dumps(
    {
        "type": "alarm.raised",
        "timestamp": "2026-11-23T21:04:05.123Z",
        "data": {
            "event_id": "9b0f1d3e-1f0c-5d7e-8a1b-0c5d0e6f7a81",
            "sequence": 1042,
            "transient": False,
            "alarm": {
                "id": "6a1d3b0c-92f2-5f0e-b7c7-0d3c1e6f5a42",
                "state": "active",
                "severity": "major",
                "previous_severity": None,
                "description": "Trunk is down",
                "clear_description": None,
                "source": "Board#1",
                "oid": "1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
                "name": "acBoardEthernetLinkAlarm",
                "event_type": "equipmentAlarm",
                "probable_cause": "other",
                "raised_at": "2026-11-23T21:04:00.000Z",
                "cleared_at": None,
                "clear_reason": None,
                "seen_at": "2026-11-23T21:04:05.000Z",
                "device_alarm_id": "1",
                "origin": "device",
            },
            "device": {
                "name": "sbc-1",
                "url": "https://192.0.2.1",
                "tags": {},
                "product": "Mediant SW",
                "serial_number": "1",
                "version": "7.20A",
            },
        },
    }
)


class TemplateFailed(Exception):
    """A template that cannot be filled; the text says why."""


def check_template(text: str) -> str:
    """Compile a template and fill it with a sample; raises ValueError for what is wrong in it."""
    try:
        _fill(_compile(text), _values(_SAMPLE, word(read_telling(_SAMPLE))))
    except TemplateFailed as error:
        raise ValueError(f"is no template that works: {error}") from None
    return text


class Templates:
    """The templates of one sink, of which either may be missing."""

    def __init__(self, *, title: str | None = None, body: str | None = None) -> None:
        self._title = _compile(title) if title else None
        self._body = _compile(body) if body else None

    def fill(self, words: Words, body: str) -> Words:
        """Say a notice in these words instead of the standard ones. Raises TemplateFailed.

        body: the event's JSON text.
        """
        if self._title is None and self._body is None:
            return words
        values = _values(body, words)
        title = _fill(self._title, values) if self._title else words.title
        text = _fill(self._body, values) if self._body else words.text
        # An empty message would be refused, or read as none.
        return Words(title=" ".join(title.split()) or words.title, text=text or words.text)


def _compile(text: str) -> Template:
    try:
        return _ENVIRONMENT.from_string(text)
    except TemplateError as error:
        raise TemplateFailed(_words(error)) from error


def _fill(template: Template, values: Mapping[str, Any]) -> str:
    try:
        filled = template.render(values)
    except Exception as error:
        raise TemplateFailed(_words(error)) from error
    if len(filled) > LONGEST:
        raise TemplateFailed(f"it makes more than {LONGEST} characters")
    return filled


def _values(body: str, words: Words) -> dict[str, Any]:
    said = json.loads(body)
    data = said["data"]
    entry = look_up(data["alarm"]["oid"])
    return {
        "title": words.title,
        "text": words.text,
        "kind": said["type"].removeprefix("alarm."),
        "severity": data["alarm"]["severity"],
        "alarm": data["alarm"],
        "device": data["device"] or dict.fromkeys(_DEVICE),
        "event": said,
        "note": data.get("note"),
        "meaning": entry.meaning if entry else None,
        "check": entry.check if entry else None,
    }


_DEVICE = ("name", "url", "tags", "product", "serial_number", "version")


def _words(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
