"""Certificates as people make them, and as nobody should."""

import base64
import datetime as dt
import textwrap
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.certificates import Certificate, read_certificates

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

BEGIN = dt.datetime(2025, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
END = dt.datetime(2035, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def name_of(*attributes: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    # What devices put there is not always valid.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name(
            [x509.NameAttribute(oid, text, _validate=False) for oid, text in attributes]
        )


def make(
    key: Key = EC_KEY,
    *,
    subject: x509.Name | None = None,
    issuer: x509.Name | None = None,
    begin: dt.datetime = BEGIN,
    end: dt.datetime = END,
    serial: int = 0xC0FFEE,
) -> x509.Certificate:
    named = name_of((NameOID.COMMON_NAME, "sbc-1")) if subject is None else subject
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named if issuer is None else issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(end)
        .sign(key, digest)
    )


def pem_of(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(PEM).decode() for one in certificates)


def wrapped(der: bytes, label: str = "CERTIFICATE") -> str:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


@pytest.mark.parametrize(
    "key", [EC_KEY, RSA_KEY, ed25519.Ed25519PrivateKey.generate()], ids=["ec", "rsa", "ed25519"]
)
def test_a_certificate_says_who_when_and_which(key: Key) -> None:
    made = make(key, subject=name_of((NameOID.COMMON_NAME, "sbc-1"), (NameOID.COUNTRY_NAME, "DE")))
    digest = made.fingerprint(hashes.SHA256())
    assert read_certificates(pem_of(made)) == (
        Certificate(
            subject="C=DE,CN=sbc-1",
            issuer="C=DE,CN=sbc-1",
            serial_number="c0ffee",
            not_before=BEGIN,
            not_after=END,
            fingerprint=":".join(f"{byte:02X}" for byte in digest),
        ),
    )


def test_both_ends_are_aware_and_an_expired_one_is_read_like_any_other() -> None:
    gone = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    (found,) = read_certificates(pem_of(make(begin=gone, end=gone + dt.timedelta(days=1))))
    assert found.not_after == dt.datetime(2001, 1, 2, tzinfo=dt.UTC)
    assert found.not_before.utcoffset() == found.not_after.utcoffset() == dt.timedelta(0)


def test_a_chain_comes_in_its_order() -> None:
    root = name_of((NameOID.COMMON_NAME, "Root CA"))
    leaf = make(issuer=root)
    found = read_certificates(pem_of(leaf, make(RSA_KEY, subject=root)))
    assert [(one.subject, one.issuer) for one in found] == [
        ("CN=sbc-1", "CN=Root CA"),
        ("CN=Root CA", "CN=Root CA"),
    ]


@pytest.mark.parametrize("between", ["\n\n", "\r\n", "\nsubject=/CN=Root CA\n# a remark\n"])
def test_what_stands_between_certificates_is_overlooked(between: str) -> None:
    pem = pem_of(make())
    assert len(read_certificates(between + pem + between + pem + between)) == 2
    assert len(read_certificates(pem.replace("\n", "\r\n"))) == 1


REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(name_of((NameOID.COMMON_NAME, "sbc-1")))
    .sign(EC_KEY, hashes.SHA256())
    .public_bytes(PEM)
    .decode()
)
PRIVATE_KEY = EC_KEY.private_bytes(
    PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "no certificate at all",
        "<html>",
        "é",
        "\0",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIC7j\n...\nnK4zC2n==\n-----END CERTIFICATE-----\n",
        wrapped(b"garbage"),
        wrapped(make().public_bytes(DER)[:-5]),
        wrapped(make().public_bytes(DER) + b"more"),
        wrapped(make().public_bytes(DER).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")),
        wrapped(make().public_bytes(DER).replace(b"\x0c\x05sbc-1", b"\x03\x05\0bc-1")),
        REQUEST,
        PRIVATE_KEY,
    ],
)
def test_what_is_no_certificate_is_a_bad_answer(text: str) -> None:
    with pytest.raises(BadAnswer, match="it is no certificate"):
        read_certificates(text)


def test_one_bad_certificate_spoils_its_chain() -> None:
    with pytest.raises(BadAnswer):
        read_certificates(pem_of(make()) + wrapped(b"garbage"))


@pytest.mark.parametrize(
    ("attributes", "subject"),
    [
        ([], ""),
        ([(NameOID.COMMON_NAME, "")], "CN="),
        ([(NameOID.COUNTRY_NAME, "Germany")], "C=Germany"),
        ([(NameOID.COMMON_NAME, "x" * 200)], "CN=" + "x" * 200),
        ([(NameOID.ORGANIZATION_NAME, "Müller, Söhne")], r"O=Müller\, Söhne"),
    ],
)
def test_a_name_as_devices_make_it_is_read_without_a_warning(
    attributes: list[tuple[x509.ObjectIdentifier, str]], subject: str
) -> None:
    pem = pem_of(make(subject=name_of(*attributes)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = read_certificates(pem)
    assert found.subject == found.issuer == subject


DER_BYTES = make(RSA_KEY).public_bytes(DER)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_broken_certificate_is_a_certificate_or_a_bad_answer(
    changes: list[tuple[int, int]],
) -> None:
    broken = bytearray(DER_BYTES)
    for place, byte in changes:
        broken[place] = byte
    try:
        (found,) = read_certificates(wrapped(bytes(broken)))
    except BadAnswer:
        return
    assert found.not_after.tzinfo is not None
    repr(found).encode(errors="surrogatepass")


@given(st.text())
def test_any_text_is_certificates_or_a_bad_answer(text: str) -> None:
    for one in (text, f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadAnswer):
            read_certificates(one)
