"""What a certificate in PEM says of itself."""

import warnings
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from alarmbridge.core.errors import BadAnswer


@dataclass(frozen=True, slots=True)
class Certificate:
    """One X.509 certificate. fingerprint: sha256 as hex digits with colons; both ends in UTC."""

    subject: str
    issuer: str
    serial_number: str
    not_before: datetime
    not_after: datetime
    fingerprint: str


def read_certificates(pem: str) -> tuple[Certificate, ...]:
    """Read all certificates of a text, in their order; raises BadAnswer for what is none."""
    try:
        with warnings.catch_warnings():
            # What a device has made of serial numbers and names is no reason not to watch dates.
            warnings.simplefilter("ignore")
            found = x509.load_pem_x509_certificates(pem.encode("ascii"))
            return tuple(map(_read, found))
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        # TypeError: a name of a kind that only one attribute may have.
        raise BadAnswer("it is no certificate") from error


def _read(one: x509.Certificate) -> Certificate:
    return Certificate(
        subject=one.subject.rfc4514_string(),
        issuer=one.issuer.rfc4514_string(),
        serial_number=f"{one.serial_number:x}",
        not_before=one.not_valid_before_utc,
        not_after=one.not_valid_after_utc,
        fingerprint=one.fingerprint(hashes.SHA256()).hex(":").upper(),
    )
