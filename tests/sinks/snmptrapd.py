"""Debian's net-snmp as the manager: an snmptrapd of our own, and what it says it was told."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from receivers import need_program

ROOT = Path(__file__).parents[2]
MIBS = f"{Path(__file__).parent / 'standard_mibs'}:{ROOT / 'alarmbridge' / 'mibs'}"
COMMUNITY = "alarms"

_FORMAT = "<told %P |%v>\\n"
_TOLD = re.compile(r"<told ([^|]*) \|(.*?)>\n", re.DOTALL)
_BOUND = re.compile(r"(\S+) = (?:(\S+): )?(.*)", re.DOTALL)
_DEADLINE = 10.0


async def until(holds: Callable[[], object], *, within: float = _DEADLINE) -> None:
    """Wait for a condition; fails the test at the deadline."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - another process tells no event
                await asyncio.sleep(0.01)
    if not holds():
        pytest.fail(f"nothing came of it within {within:g} s")


class Snmptrapd:
    """The program, on a port of its own, which it keeps over a restart, as it does its folder.

    users: lines for its configuration. named: with names out of our MIB instead of numbers.
    """

    def __init__(self, folder: Path, *users: str, named: bool = False) -> None:
        self._program = need_program("snmptrapd", "snmptrapd")
        self._folder = folder
        self._output = folder / "output"
        self._process: subprocess.Popen[bytes] | None = None
        self._names = ["-M", MIBS, "-m", "ALARMBRIDGE-MIB"] if named else ["-m", "", "-On"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        lines = (f"authCommunity log {COMMUNITY}", *users)
        (folder / "configuration").write_text("\n".join(lines) + "\n", encoding="utf-8")

    async def start(self) -> None:
        """Start it; returns once it listens."""
        self._run()
        port = int(self.address.rpartition(":")[2])
        await until(lambda: f":{port:04X} 00000000:0000 " in Path("/proc/net/udp").read_text())

    def _run(self) -> None:
        kept = str(self._folder / "kept")
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    self._program,
                    *["-f", "-Lo", "-c", "configuration"],
                    *self._names,
                    "-F",
                    _FORMAT,
                    f"udp:{self.address}",
                ],
                cwd=self._folder,
                # It keeps its engine's id and boots there, and reads no configuration but ours.
                env={**os.environ, "SNMP_PERSISTENT_DIR": kept, "SNMPCONFPATH": kept},
                stdout=output,
                stderr=output,
            )

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; may be called twice."""
        if self._process is not None:
            self._process.send_signal(how)
            await asyncio.to_thread(self._process.wait, _DEADLINE)
            self._process = None

    def complaints(self) -> str:
        """Give what it wrote beside what it was told."""
        return re.sub(_TOLD, "", self._output.read_text(encoding="utf-8", errors="replace"))

    def told(self) -> list[Mapping[str, str]]:
        """Give each notification as what it binds, and as `` how it came (`TRAP2, SNMP v3, …`)."""
        output = self._output.read_text(encoding="utf-8", errors="replace")
        return [{"": how, **dict(_bound(bound))} for how, bound in re.findall(_TOLD, output)]


def _bound(told: str) -> Iterator[tuple[str, str]]:
    for one in told.split("\t"):
        found = re.fullmatch(_BOUND, one)
        assert found, one
        name, syntax, value = found.groups()
        if syntax == "Hex-STRING":
            value = bytes.fromhex(value).decode("utf-8", errors="backslashreplace")
        yield name.removeprefix("."), value.removeprefix('"').removesuffix('"')
