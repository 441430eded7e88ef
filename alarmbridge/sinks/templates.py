"""Words of a user's own for a notice: templates, checked at start.

What a template may name: `title` and `text`, the standard words; `kind` (raised, changed,
cleared) and `severity`; `alarm`, `device` and `event` with the keys of the event's JSON
(README.md, "webhook"); `note`; `meaning` and `check`, what is known of such an alarm. What is none
is empty text, and so is a tag that a device has not; `device` is false where an alarm means none.

A device's text comes in as a value, made plain as in the standard words, and is never read as a
template.
"""

from jinja2 import Template

from alarmbridge.core.texts import one_line
from alarmbridge.core.wording import Words
from alarmbridge.sinks.template_language import TemplateFailed, compile_template, fill_template
from alarmbridge.sinks.template_values import list_samples, values_of

__all__ = ["TemplateFailed", "Templates", "check_template"]


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
        values = values_of(body, words)
        title = one_line(fill_template(self._title, values)) if self._title else words.title
        text = fill_template(self._body, values).strip() if self._body else words.text
        # An empty message would be refused, or read as none.
        return Words(title=title or words.title, text=text or words.text)


def check_template(text: str) -> str:
    """Compile a template and fill it with samples; raises ValueError for what is wrong in it."""
    try:
        template = _compile(text)
    except TemplateFailed as error:
        raise ValueError(f"is no template that works: {error}") from None
    for meant, values in list_samples().items():
        try:
            fill_template(template, values)
        except TemplateFailed as error:
            raise ValueError(f"is no template that works for {meant}: {error}") from None
    return text


def _compile(text: str) -> Template:
    return compile_template(text, list_samples()["a raise"])
