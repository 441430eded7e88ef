"""Certificates: the TLS contexts of a device, each with key, certificate and roots (guide 7)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from zlib import crc32

from cryptography.x509 import Name

from alarmbridge.simulator import keys
from alarmbridge.simulator.bodies import JSON, OCTETS, Answer, encoded
from alarmbridge.simulator.configuration import Configuration
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

_T = TypeVar("_T")

DAY = 86400.0
"""Seconds of a day."""

SIZES = (512, 768, 1024, 2048, 4096)
"""Sizes of key that a device generates (guide 7.2.1)."""

_LIFE, _AGE = 730.0, 30.0
_ALGORITHMS = ("sha1", "sha256", "sha512")
_DEFAULT_SIZE = 1024


@dataclass(slots=True)
class Context:
    """What one TLS context holds; size: bits of the key as the device tells it. PEM each."""

    key: keys.PrivateKey
    size: int
    certificate: str
    roots: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether the certificate is about the key, as the web page's status has it."""
        return keys.matches(self.key, keys.parse_certificates(self.certificate)[0])


class Certificates:
    """The TLS contexts of one device; which there are is said by the configuration.

    What is put here is kept at once and survives every reboot. A context is filled when somebody
    asks for it, with a certificate of two years that was made 30 days before the device's time.
    """

    def __init__(self, unit: Unit, configuration: Configuration) -> None:
        self._unit = unit
        self._configuration = configuration
        self._contexts: dict[int, Context] = {}
        self._made = 0

    def expire(self, now: float, days: float, context: int = 0) -> None:
        """Let a context's certificate end in so many days by the device's clock, or have ended.

        LookupError: there is no such context.
        """
        second = self._unit.device_second(now)
        until = second + days * DAY
        found = self._context(context)
        since = min(second, until) - _AGE * DAY
        found.certificate = self._sign(found, self._name(context), since, until)

    def show(self, _: Asked) -> Answer:
        """Answer what contexts there are."""
        listed = [
            {"id": str(index), "name": name, "url": f"/api/v1/files/tls/{index}"}
            for index, name in self._names().items()
        ]
        return encoded({"tls": listed})

    def show_one(self, asked: Asked) -> Answer:
        """Answer what a context has."""
        self._found(asked)
        names = {
            "privateKey": "Private key",
            "certificate": "TLS certificate",
            "trustedRoot": "Trusted root",
        }
        listed = [
            {"id": part, "description": described, "url": f"{asked.path}/{part}"}
            for part, described in names.items()
        ]
        return encoded({"items": listed})

    def read_key(self, asked: Asked) -> Answer:
        """Tell size and state of a private key; the guide's example is no JSON."""
        context = self._found(asked)
        if not self._unit.habits.misprints:
            return encoded({"size": context.size, "valid": context.valid})
        printed = f'{{\n  "size": {context.size},\n  "valid": {context.valid}'
        text = printed + ' // as per "Private Key" status in Web\n}'
        return Answer(200, JSON, text.encode())

    def load_key(self, asked: Asked) -> Answer:
        """Take a private key; its password may come in the query or in the form."""
        context = self._found(asked)
        fields = dict(asked.upload().fields) | dict(asked.query)
        password = fields.get("Password") or fields.get("password") or ""
        key = _checked(partial(keys.parse_key, asked.text(), password), "private key file")
        if keys.is_rsa(key) and not SIZES[0] <= key.key_size <= SIZES[-1]:
            raise Refused(400, "Invalid private key size")
        context.key, context.size = key, key.key_size
        return _told("Private key was successfully changed")

    def generate_key(self, asked: Asked) -> Answer:
        """Draw a private key; the certificate does not match it any more."""
        context = self._found(asked)
        wanted = asked.attributes("size", "Size")
        size = wanted.get("size", wanted.get("Size", _DEFAULT_SIZE))
        if isinstance(size, bool) or size not in SIZES:
            raise Refused(400, "Invalid value of 'size'")
        context.key, context.size = keys.draw_key(size), size
        return _told("Private key was successfully generated")

    def read_certificate(self, asked: Asked) -> Answer:
        """Send a context's certificate."""
        return Answer(200, OCTETS, self._found(asked).certificate.encode())

    def load_certificate(self, asked: Asked) -> Answer:
        """Take a certificate; of several the first is the device's."""
        context = self._found(asked)
        context.certificate = "".join(_certificates_in(asked))
        return _told("Certificate was successfully changed")

    def generate_certificate(self, asked: Asked) -> Answer:
        """Sign a certificate with its own key."""
        context = self._found(asked)
        name = _subject(asked.attributes(*keys.SUBJECT))
        second = self._unit.device_second(asked.now)
        until = second + _LIFE * DAY
        context.certificate = self._sign(context, name, second, until)
        return _told("Self-signed certificate was successfully generated")

    def request_certificate(self, asked: Asked) -> Answer:
        """Send a signing request for the context's key."""
        context = self._found(asked)
        wanted = asked.attributes(*keys.SUBJECT, "signatureAlgorithm")
        algorithm = wanted.pop("signatureAlgorithm", "sha1")
        if algorithm not in _ALGORITHMS:
            raise Refused(400, "Invalid value of 'signatureAlgorithm'")
        pem = keys.signing_request(_subject(wanted), context.key, algorithm)
        return Answer(200, OCTETS, pem.encode())

    def read_roots(self, asked: Asked) -> Answer:
        """Send all trusted roots of a context, one after another."""
        return Answer(200, OCTETS, "\n".join(self._found(asked).roots).encode())

    def load_roots(self, asked: Asked) -> Answer:
        """Take the trusted roots of a context instead of those it has."""
        context = self._found(asked)
        context.roots = _certificates_in(asked)
        return _told("Trusted root store was successfully changed")

    def add_root(self, asked: Asked) -> Answer:
        """Take one more trusted root, or some."""
        context = self._found(asked)
        context.roots += [pem for pem in _certificates_in(asked) if pem not in context.roots]
        return _told("Trusted root certificate was successfully added")

    def _found(self, asked: Asked) -> Context:
        try:
            return self._context(int(asked.key))
        except LookupError as error:
            raise Refused(404) from error

    def _context(self, index: int) -> Context:
        if index not in self._names():
            raise LookupError(f"{self._unit.name}: there is no TLS context {index}")
        if index not in self._contexts:
            self._contexts[index] = self._fill(index)
        return self._contexts[index]

    def _fill(self, index: int) -> Context:
        since = self._unit.device_second(self._unit.made_at) - _AGE * DAY
        context = Context(keys.factory_key(), keys.FACTORY_SIZE, "")
        until = since + _LIFE * DAY
        context.certificate = self._sign(context, self._name(index), since, until)
        root = keys.subject({"subjectName": "RootCA", "companyName": "ACL"})
        context.roots = [self._sign(context, root, since, since + 10 * _LIFE * DAY)]
        return context

    def _names(self) -> dict[int, str]:
        table = self._configuration.running.tables.get("TLSContexts")
        rows = sorted(table.rows) if table else []
        return {index: table.cell(index, "Name") for index in rows} if table else {}

    def _name(self, index: int) -> Name:
        context = self._names()[index]
        return keys.subject({"subjectName": self._unit.name, "organizationalUnit": context})

    def _sign(self, context: Context, name: Name, since: float, until: float) -> str:
        self._made += 1
        number = crc32(f"{self._unit.seed}/{self._unit.name}/{self._made}".encode()) + 1
        return keys.self_signed(name, context.key, number=number, since=since, until=until)


def _certificates_in(asked: Asked) -> list[str]:
    text = asked.text()
    found = _checked(partial(keys.parse_certificates, text), "certificate file")
    return [keys.write_certificate(each) for each in found]


def _subject(wanted: dict[str, Any]) -> Name:
    for name, value in wanted.items():
        if not isinstance(value, str):
            raise Refused(400, f"Invalid value of '{name}'")
    return _checked(partial(keys.subject, wanted), "subject")


def _checked(read: Callable[[], _T], what: str) -> _T:
    try:
        return read()
    except ValueError as error:
        raise Refused(400, f"Invalid {what}") from error


def _told(description: str) -> Answer:
    return encoded({"description": description})
