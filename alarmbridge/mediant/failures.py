"""What went wrong on the way to a device, in our own errors: the one seam to aiohttp's."""

import errno
import os
import re
import ssl

import aiohttp

from alarmbridge.core.errors import BadAnswer, DeviceError, Unreachable

FAILURES = (aiohttp.ClientError, OSError)
"""All that a request may raise; TimeoutError and ssl.SSLError are OSErrors."""

_LONGEST_REASON = 80
_QUOTED = re.compile(r"(?:\bb|\s)['\"].*", re.DOTALL)

_BREAKS = (
    aiohttp.ServerDisconnectedError,
    BrokenPipeError,
    ConnectionRefusedError,
    ConnectionResetError,
)
_BREAK_NUMBERS = {errno.ECONNREFUSED, errno.ECONNRESET, errno.EPIPE}

_UNCONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.ServerFingerprintMismatch,
)

_WORDS: tuple[tuple[type[Exception], type[DeviceError], str], ...] = (
    (aiohttp.ClientResponseError, BadAnswer, "{device} does not speak HTTP: {reason}"),
    (aiohttp.ClientPayloadError, Unreachable, "{device} broke off its answer, or garbled it"),
    (aiohttp.ConnectionTimeoutError, Unreachable, "{device} cannot be connected to in time"),
    (TimeoutError, Unreachable, "{device} did not answer within {timeout:g} s"),
    (aiohttp.ServerDisconnectedError, Unreachable, "{device} hung up without an answer"),
    (
        aiohttp.ServerFingerprintMismatch,
        Unreachable,
        "{device} shows a certificate that tls.fingerprint does not allow: its sha256 is {reason}",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        Unreachable,
        "{device} is not trusted: {reason}; set tls.ca_file or tls.fingerprint",
    ),
    (
        aiohttp.ClientConnectorDNSError,
        Unreachable,
        "the host name of {device} cannot be resolved: {reason}",
    ),
    (aiohttp.ClientSSLError, Unreachable, "TLS with {device} failed: {reason}"),
    (ssl.SSLError, Unreachable, "TLS with {device} failed: {reason}"),
    (Exception, Unreachable, "{device} cannot be reached: {reason}"),
)
"""The first line that fits counts, so the special stand before the general."""


def translate(error: Exception, *, device: str, timeout: float) -> DeviceError:
    """Say what happened to a device. No URL, header or credential gets into the words.

    timeout: what the request was given, in seconds.
    """
    kind, words = next((kind, words) for type_, kind, words in _WORDS if isinstance(error, type_))
    return kind(words.format(device=device, timeout=timeout, reason=_reason(error)))


def is_break(error: BaseException | None) -> bool:
    """Whether a device refused, reset or closed a connection: not too late, not TLS, not a name."""
    match error:
        case aiohttp.ClientConnectorError():
            return is_break(error.os_error)
        case OSError(errno=int(number)) if number in _BREAK_NUMBERS:
            return True
        case _:
            return isinstance(error, _BREAKS)


def may_have_arrived(error: BaseException | None) -> bool:
    """Whether a request may have reached the device before it failed: it had a connection."""
    return not isinstance(error, _UNCONNECTED)


def _reason(error: Exception) -> str:
    # When in doubt only the kind: the text of an unknown error may hold a URL.
    words = type(error).__name__
    match _innermost(error):
        case aiohttp.ClientResponseError(message=str(message)):
            # Not what it quotes of the answer, which may well repeat what was asked.
            words = " ".join(_QUOTED.sub("", message).split()).rstrip(":")[:_LONGEST_REASON]
        case aiohttp.ServerFingerprintMismatch(got=bytes(digest)):
            words = digest.hex(":")
        case ssl.SSLCertVerificationError(verify_message=str(message)):
            words = message
        case ssl.SSLError(reason=str(reason)):
            words = reason.replace("_", " ").lower()
        case aiohttp.ClientOSError(errno=None):
            # Its text is aiohttp's own, and may hold a URL.
            pass
        case OSError(errno=int(number)) if number > 0:
            # Not strerror: asyncio puts an address there.
            words = os.strerror(number)
        case OSError(strerror=str(message)):
            words = message
    return words


def _innermost(error: Exception) -> Exception:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return error.certificate_error
        case aiohttp.ClientConnectorError():
            return error.os_error
        case _:
            return error
