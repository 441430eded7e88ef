"""Ports that stay free while nobody listens on them."""

import socket
from random import Random

_FROM, _TO = 12_000, 32_000

_dice = Random()


def free_port(count: int = 1) -> int:
    """Find the first of so many free ports in a row.

    Below the range from which the kernel takes the near end of connections: otherwise one of
    those could sit on the port of a far end that is away, or even connect to itself.
    """
    while True:
        first = _dice.randrange(_FROM, _TO - count)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
