"""Notices: deliveries put into the form that a sink is handed."""

import logging
from collections.abc import Sequence
from datetime import datetime

from alarmbridge.core.delivery import Delivery, Notice
from alarmbridge.core.payload import with_note
from alarmbridge.core.telling import read_telling
from alarmbridge.core.wording import Words, word, word_digest, worst_of
from alarmbridge.sinks.templates import TemplateFailed, Templates

_log = logging.getLogger(__name__)

_MOST_COMPLAINTS = 100


class Notices:
    """Makes the notices of one sink, in its own words where it has any.

    A template that fails costs nobody a notice: the standard words are used, and the log says so
    once for each way of failing.
    """

    def __init__(self, sink: str, templates: Templates) -> None:
        self._sink = sink
        self._templates = templates
        self._complaints: set[str] = set()

    def make(self, delivery: Delivery, *, sent_at: datetime) -> Notice:
        """Make the notice of one delivery."""
        body = with_note(delivery.body, delivery.note)
        telling = read_telling(body)
        words = self._fill(word(telling), body)
        return Notice(
            event_id=delivery.event_id,
            kind=delivery.kind,
            alarm_id=delivery.alarm_id,
            key=delivery.key,
            body=body,
            severity=telling.alarm.severity,
            title=words.title,
            text=words.text,
            sent_at=sent_at,
            credential=delivery.credential,
        )

    def gather(self, deliveries: Sequence[Delivery], *, sent_at: datetime) -> Notice:
        """Make one notice of several deliveries, oldest first; of only one, that one's own."""
        if len(deliveries) == 1:
            return self.make(deliveries[0], sent_at=sent_at)
        bodies = [with_note(delivery.body, delivery.note) for delivery in deliveries]
        tellings = [read_telling(body) for body in bodies]
        words, last = word_digest(tellings), deliveries[-1]
        return Notice(
            event_id=last.event_id,
            kind="digest",
            alarm_id=last.alarm_id,
            key=last.key,
            body=bodies[-1],
            severity=worst_of(tellings),
            title=words.title,
            text=words.text,
            sent_at=sent_at,
        )

    def _fill(self, words: Words, body: str) -> Words:
        try:
            return self._templates.fill(words, body)
        except TemplateFailed as error:
            complaint = str(error)
            if complaint not in self._complaints and len(self._complaints) < _MOST_COMPLAINTS:
                self._complaints.add(complaint)
                _log.warning(
                    "sink %s: a template failed, the standard words are used: %s",
                    self._sink,
                    complaint,
                )
            return words
