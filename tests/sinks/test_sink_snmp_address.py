import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.host_port import HostPort
from alarmbridge.sinks.snmp_address import Address, Resolver, parse_manager

NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:1162", "127.0.0.1", 1162),
        ("nms.example", "nms.example", 162),
        ("[::1]:1162", "::1", 1162),
        ("[fe80::1%eth0]", "fe80::1%eth0", 162),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_port(text: str, host: str, port: int) -> None:
    manager = parse_manager(text)
    assert manager == parse_manager(manager) == parse_manager(str(manager)) == HostPort(host, port)


@pytest.mark.parametrize(
    "text", ["", ":162", "::1", "a:0", "a:65536", "a:b", "[::1", "a b", "udp://a:162", "[]:162"]
)
def test_what_is_no_address_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="must be host:port"):
        parse_manager(text)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose resolver gives what it is told to."""

    answers: Sequence[Sequence[str] | OSError] = ()

    async def getaddrinfo(self, _: str, port: int, **__: object) -> list:  # type: ignore[override]
        answer, *self.answers = self.answers
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (one, port)) for one in answer]


def found_at(*steps: tuple[int, list[str] | OSError | None]) -> list[str]:
    """Resolve at each second; None where the resolver must not be asked."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Loop)
        resolver, found = Resolver(HostPort("nms.example", 162), timeout=timedelta(seconds=1)), []
        for seconds, answer in steps:
            loop.answers = () if answer is None else (answer,)
            moment = NOW + timedelta(seconds=seconds)
            address = runner.run(resolver.resolve(moment))
            assert address == Address(socket.AF_INET, (address.sockaddr[0], 162))
            assert not loop.answers
            found.append(address.sockaddr[0])
    return found


def test_a_name_is_asked_for_every_half_a_minute() -> None:
    found = found_at((0, ["192.0.2.1"]), (29, None), (31, ["192.0.2.2"]), (32, None))
    assert found == ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"]


def test_of_several_addresses_the_one_in_use_stays() -> None:
    pair = ["192.0.2.1", "192.0.2.2"]
    assert found_at((0, pair), (60, pair[::-1])) == ["192.0.2.1", "192.0.2.1"]


def test_while_the_resolver_fails_the_last_address_stays() -> None:
    failure = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    found = found_at((0, ["192.0.2.1"]), (60, failure), (61, None), (120, ["192.0.2.2"]))
    assert found == ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]


def test_a_name_that_was_never_resolved_is_a_failure() -> None:
    failure = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    with pytest.raises(SinkError, match=r"nms\.example:162 cannot be resolved: Name or service"):
        found_at((0, failure))
