"""Whom we believe to be the device: what a TLS certificate is checked against."""

import ssl
from asyncio import sslproto
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from alarmbridge.core.errors import ConfigError

_SHA256_LENGTH = 32
_TLS_BUFFER = 4 * 1024

TlsSetting = ssl.SSLContext | aiohttp.Fingerprint | bool
"""What aiohttp takes: a context, a pin, True for the system's authorities, False for no check."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a device's certificate must satisfy; the first that is set counts, top to bottom.

    fingerprint: the sha256 of the certificate itself, which pins a self-signed one.
    verify: False believes anybody.
    ca_file: authorities to believe instead of the system's, as PEM.
    """

    fingerprint: str | None = None
    verify: bool = True
    ca_file: Path | None = None


def parse_fingerprint(text: str) -> bytes:
    """Read `AA:BB:…` or plain hex, 32 bytes; raises ConfigError for anything else."""
    try:
        digest = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        digest = b""
    if len(digest) != _SHA256_LENGTH:
        raise ConfigError([f"fingerprint: {text!r} is no sha256 (64 hex digits, colons allowed)"])
    return digest


def shrink_tls_buffers() -> None:
    """Let asyncio keep 4 KiB instead of 256 KiB for each TLS connection of this process.

    It fills that buffer with zeros at once, so that a kept connection would cost 300 KiB of real
    memory where 50 do: 2.5 GB for ten thousand devices that say a hundred bytes each.
    """
    sslproto.SSLProtocol.max_size = _TLS_BUFFER


class TrustStore:
    """Makes each setting once, because a context costs as much as fifty devices."""

    def __init__(self) -> None:
        self._made: dict[Trust, TlsSetting] = {}

    def setting_for(self, trust: Trust) -> TlsSetting:
        """Return what aiohttp is to check; raises ConfigError for what cannot be used."""
        if trust not in self._made:
            self._made[trust] = _make(trust)
        return self._made[trust]


def _make(trust: Trust) -> TlsSetting:
    if trust.fingerprint is not None:
        return aiohttp.Fingerprint(parse_fingerprint(trust.fingerprint))
    if not trust.verify or trust.ca_file is None:
        return trust.verify
    try:
        return ssl.create_default_context(cafile=trust.ca_file)
    except OSError as error:
        raise ConfigError([f"ca_file: {trust.ca_file} cannot be used: {error}"]) from error
