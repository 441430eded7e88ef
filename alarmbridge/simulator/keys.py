"""Keys: private keys, certificates and signing requests, as PEM, for the TLS contexts.

The keys of all devices of one process are one, because drawing thousands would take minutes; they
differ from one process to the next, unlike everything else here. What a certificate says follows
from the seed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

FACTORY_SIZE = 2048
"""Bits of the key that a device comes with."""

_SMALLEST = 1024
_COUNTRY_LENGTH = 2
_NAMES: Mapping[str, x509.ObjectIdentifier] = MappingProxyType(
    {
        "subjectName": NameOID.COMMON_NAME,
        "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "companyName": NameOID.ORGANIZATION_NAME,
        "localityName": NameOID.LOCALITY_NAME,
        "state": NameOID.STATE_OR_PROVINCE_NAME,
        "countryCode": NameOID.COUNTRY_NAME,
    }
)

SUBJECT = tuple(_NAMES)
"""The attributes that make up a subject (guide 7.4)."""


@lru_cache(maxsize=1)
def factory_key() -> rsa.RSAPrivateKey:
    """Draw the key that every device of this process comes with, once."""
    return rsa.generate_private_key(65537, FACTORY_SIZE)


def draw_key(size: int) -> rsa.RSAPrivateKey:
    """Draw an RSA key; below 1024 bits it has 1024, because cryptography makes no smaller ones."""
    return rsa.generate_private_key(65537, max(size, _SMALLEST))


def parse_key(pem: str, password: str) -> PrivateKey:
    """Read a private key. ValueError: no PEM, the wrong password or none, or another kind of it."""
    octets = pem.encode()
    try:
        key = _loaded(octets, password.encode() or None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("a private key must be RSA or EC")  # noqa: TRY004 - the file is wrong, not the caller
    return key


def _loaded(octets: bytes, password: bytes | None) -> object:
    try:
        return serialization.load_pem_private_key(octets, password)
    except TypeError:
        if password is None:
            raise
        # A password that is not needed does no harm.
        return serialization.load_pem_private_key(octets, None)


def is_rsa(key: PrivateKey) -> bool:
    """Tell an RSA key from one of an elliptic curve, whose sizes mean something else."""
    return isinstance(key, rsa.RSAPrivateKey)


def parse_certificates(pem: str) -> list[x509.Certificate]:
    """Read certificates, one after another. ValueError: there is none, or one is broken."""
    return x509.load_pem_x509_certificates(pem.encode())


def subject(attributes: Mapping[str, str]) -> x509.Name:
    """Make a name of the attributes of guide 7.4. ValueError: one cannot be part of a name."""
    country = attributes.get("countryCode", "")
    if country and len(country) != _COUNTRY_LENGTH:
        raise ValueError("countryCode must have two letters")
    return x509.Name(
        [
            x509.NameAttribute(_NAMES[name], value)
            for name, value in attributes.items()
            if name in _NAMES and value
        ]
    )


def self_signed(
    name: x509.Name, key: PrivateKey, *, number: int, since: float, until: float
) -> str:
    """Make a self-signed certificate; number: its serial number; since, until: UTC seconds."""
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(datetime.fromtimestamp(int(since), UTC))
        .not_valid_after(datetime.fromtimestamp(int(until), UTC))
        .sign(key, hashes.SHA256())
    )
    return write_certificate(made)


def signing_request(name: x509.Name, key: PrivateKey, algorithm: str) -> str:
    """Make a signing request; with sha1 it has SHA-256, because cryptography signs no other."""
    digest = hashes.SHA512() if algorithm == "sha512" else hashes.SHA256()
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, digest)
    return made.public_bytes(serialization.Encoding.PEM).decode()


def write_certificate(certificate: x509.Certificate) -> str:
    """Write a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def matches(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is about that key."""
    try:
        return certificate.public_key() == key.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
