"""What went wrong on the way to a device, told from aiohttp's errors."""

import errno
import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from alarmbridge.mediant.failures import is_break, may_have_arrived

KEY = ConnectionKey("127.0.0.1", 443, True, True, None, None, None)

BREAKS = [
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientConnectionResetError("Cannot write to closing transport"),
    aiohttp.ClientConnectorError(KEY, ConnectionRefusedError()),
    aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "Multiple exceptions")),
    aiohttp.ClientOSError(errno.ECONNRESET, "Connection reset by peer"),
    aiohttp.ClientOSError(errno.EPIPE, "Broken pipe"),
]
OTHERS = [
    TimeoutError(),
    aiohttp.ConnectionTimeoutError("late"),
    aiohttp.SocketTimeoutError("late"),
    aiohttp.ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "No route to host")),
    aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "unknown")),
    aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "no protocol in common")),
    aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("expired")),
    aiohttp.ClientPayloadError("garbled"),
    aiohttp.ClientOSError(),
    None,
]


@pytest.mark.parametrize("error", BREAKS, ids=repr)
def test_a_connection_that_a_device_refuses_resets_or_closes_is_a_break(error: Exception) -> None:
    assert is_break(error)


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_what_is_late_untrusted_or_unknown_is_no_break(error: Exception | None) -> None:
    assert not is_break(error)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(errno.ECONNRESET, "Connection reset by peer"),
        aiohttp.ClientPayloadError("garbled"),
        aiohttp.ClientResponseError(None, ()),  # type: ignore[arg-type] # needs no request to be one
        aiohttp.SocketTimeoutError("late"),
        TimeoutError(),
        None,
    ],
    ids=repr,
)
def test_what_had_a_connection_may_have_arrived(error: Exception | None) -> None:
    assert may_have_arrived(error)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectorError(KEY, ConnectionRefusedError()),
        aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_NONAME, "unknown")),
        aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "no protocol in common")),
        aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("expired")),
        aiohttp.ServerFingerprintMismatch(b"a", b"b", "127.0.0.1", 443),
        aiohttp.ConnectionTimeoutError("late"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_had_no_connection_has_not_arrived(error: Exception) -> None:
    assert not may_have_arrived(error)
