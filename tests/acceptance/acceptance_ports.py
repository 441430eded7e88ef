"""Ports that stay free while nobody listens on them."""

import socket
from random import Random

_FROM, _TO = 12_000, 32_000

_dice = Random()
_given: set[int] = set()


def free_port(count: int = 1) -> int:
    """Find the first of so many free ports in a row, of TCP and of UDP, and give none twice.

    Below the range from which the kernel takes the near end of connections: otherwise one of
    those could sit on the port of a far end that is away, or even connect to itself.
    """
    while True:
        first = _dice.randrange(_FROM, _TO - count)
        wanted = range(first, first + count)
        if _given.isdisjoint(wanted) and all(map(_is_free, wanted)):
            _given.update(wanted)
            return first


def _is_free(port: int) -> bool:
    return all(_can_bind(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))


def _can_bind(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(type=kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
