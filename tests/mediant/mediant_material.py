"""Certificates and files that are made for a test."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alarmbridge.mediant.transport import Upload


def upload_of(content: bytes, filename: str = "cli.txt") -> Upload:
    """Make an upload of bytes."""
    rest = memoryview(content)

    def read(size: int) -> bytes:
        nonlocal rest
        piece, rest = rest[:size], rest[size:]
        return bytes(piece)

    return Upload(filename, len(content), read)


def zeros(size: int, filename: str = "software.cmp") -> Upload:
    """Make an upload of so many zeros, without ever holding them."""
    left = size

    def read(wanted: int) -> bytes:
        nonlocal left
        piece = min(wanted, left)
        left -= piece
        return bytes(piece)

    return Upload(filename, size, read)


def make_certificate(folder: Path) -> tuple[str, bytes]:
    """Sign a certificate for 127.0.0.1 by itself; return its PEM file with the key, and its DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sbc-1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "sbc-1.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return str(file), made.public_bytes(serialization.Encoding.DER)
