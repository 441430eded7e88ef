"""Watches when the certificates of a device's TLS contexts end."""

from collections.abc import Iterator
from datetime import timedelta

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.expiry import NAMES, Ending, ending_certificates, words_of_ends
from alarmbridge.mediant.certificates import read_certificates
from alarmbridge.mediant.resources import TlsContext
from alarmbridge.runtime.watch.desk import Desk, Wanted

_MOST = 100
_DAY = timedelta(days=1)


class CertificateRound:
    """Reads every context's certificate. within: how long before its end it is an alarm."""

    name = "certificates"

    def __init__(self, desk: Desk, *, every: timedelta, within: timedelta) -> None:
        self.every = every
        self._desk = desk
        self._within = within
        self._endings: list[Ending] = []

    async def run(self) -> None:
        """Read them, and have the alarms stand that follow.

        A context that cannot be read keeps what it has; one that is gone has nothing.
        """
        inspector = self._desk.inspector
        contexts = await inspector.list_tls_contexts()
        unread = [_subject(context) for context in contexts[_MOST:]]
        troubles: list[BadAnswer] = []
        endings: list[Ending] = []
        for context in contexts[:_MOST]:
            try:
                pem = await inspector.fetch_certificate(context.id)
                end = read_certificates(pem)[0].not_after
            except BadAnswer as error:
                unread.append(_subject(context))
                troubles.append(error)
            else:
                endings.append(Ending(_subject(context), _called(context), end))
        self._endings = endings

        def wanted(standing: Wanted) -> Wanted:
            ending = ending_certificates(endings, within=self._within, now=self._desk.clock.now())
            kept = {key: words for key, words in standing.items() if key[1] in unread}
            return {**kept, **ending}

        await self._desk.keep(
            wanted,
            names=NAMES,
            cleared="The device has no such TLS context any more.",
            cleared_as=words_of_ends(endings, now=self._desk.clock.now()),
        )
        if troubles and not endings:
            raise troubles[0]

    def days_left(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Tell how many days each certificate is good, by device and context."""
        now = self._desk.clock.now()
        for one in self._endings:
            yield (self._desk.device, one.subject), (one.at - now) / _DAY


def _subject(context: TlsContext) -> str:
    return f"TLS context {context.id}"


def _called(context: TlsContext) -> str:
    return f"{_subject(context)} ({context.name})" if context.name else _subject(context)
