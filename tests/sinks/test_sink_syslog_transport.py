import asyncio
import socket
import ssl

import pytest

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.syslog_transport import Address, parse_address, send_datagram, words_for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("udp://127.0.0.1:1514", Address("udp", "127.0.0.1", 1514)),
        ("udp://127.0.0.1", Address("udp", "127.0.0.1", 514)),
        ("tcp://siem.example/", Address("tcp", "siem.example", 514)),
        ("tls://siem.example", Address("tls", "siem.example", 6514)),
        ("tls://[2001:db8::1]", Address("tls", "2001:db8::1", 6514)),
        ("tcp://[fe80::1%eth0]:601", Address("tcp", "fe80::1%eth0", 601)),
    ],
)
def test_an_address_is_read(text: str, expected: Address) -> None:
    assert parse_address(text) == parse_address(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:514",
        "http://siem.example",
        "udp://",
        "udp://:514",
        "udp://siem:0",
        "udp://siem:65536",
        "udp://siem:x",
        "udp://user@siem",
        "udp://a b",
        "udp://::1",
        "udp://[siem]",
        "udp://[127.0.0.1]",
        "udp://siem/path",
        "udp://siem?query",
        f"udp://{'a' * 64}.example",
        None,
    ],
)
def test_what_is_no_address_is_a_mistake(text: object) -> None:
    with pytest.raises(ValueError, match="must be udp://"):
        parse_address(text)


def test_an_address_is_shown_as_it_is_written() -> None:
    for text in ("udp://127.0.0.1:514", "tls://[2001:db8::1]:6514"):
        assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
async def test_a_line_is_one_datagram(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((host, 0))
        receiver.settimeout(5)
        await send_datagram(Address("udp", host, receiver.getsockname()[1]), b"a line")
        await send_datagram(Address("udp", host, receiver.getsockname()[1]), b"another")
        assert [receiver.recv(100), receiver.recv(100)] == [b"a line", b"another"]


async def test_a_machine_without_a_receiver_says_so() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = Address("udp", "127.0.0.1", nobody.getsockname()[1])
    with pytest.raises(SinkError) as caught:
        await send_datagram(address, b"a line")
    assert caught.value.reason == f"{address} cannot be reached: Connection refused"
    assert (caught.value.permanent, caught.value.gone) == (False, False)


async def test_a_line_that_no_datagram_holds_is_refused_here() -> None:
    with pytest.raises(SinkError, match="Message too long"):
        await send_datagram(Address("udp", "127.0.0.1", 9), b"x" * 70_000)


async def test_a_name_that_means_nobody_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(SinkError) as caught:
        await send_datagram(Address("udp", "siem.invalid", 514), b"a line")
    assert caught.value.reason == (
        "udp://siem.invalid:514 cannot be resolved: Name or service not known"
    )


def test_every_failure_has_words() -> None:
    assert words_for(ConnectionResetError(104, "Connection reset by peer")) == "hung up"
    assert words_for(OSError(113, "No route to host")) == "cannot be reached: No route to host"
    assert words_for(OSError("several things")) == "cannot be reached: several things"
    assert words_for(ssl.SSLError(1, "odd")) == "does not agree on TLS: odd"
