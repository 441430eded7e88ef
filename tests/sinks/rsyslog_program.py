"""Debian's rsyslogd as the receiver: unprivileged, in the foreground, and what it understood."""

import asyncio
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acceptance.acceptance_ports import free_port
from receivers import need_program
from sinks.authority import Authority

_DEADLINE = 10.0


async def until(holds: Callable[[], object], *, within: float = _DEADLINE) -> None:
    """Wait for a condition; fails the test at the deadline."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"it did not come true within {within:g} s")
        await asyncio.sleep(0.01)


class Rsyslogd:
    """The program, on a port of its own, which it keeps over a restart, as it does its folder.

    scheme: what it listens by. asks: for a certificate of whoever connects. keys: what a sink is
    configured with to reach it. authority: which vouches for it, and for others if need be.
    """

    def __init__(self, folder: Path, scheme: str, *, asks: bool = False) -> None:
        self._program = need_program("rsyslogd", "rsyslog")
        self._folder = folder
        self._scheme = scheme
        self._told = folder / "told"
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.authority = Authority(folder)
        self.keys: dict[str, object] = {"address": f"{scheme}://127.0.0.1:{self._port}"}
        module, trust, security = "imudp" if scheme == "udp" else "imtcp", "", ""
        if scheme == "tls":
            _need_driver("ossl", "rsyslog-openssl")
            self.keys["ca_file"] = self.authority.ca_file
            files = (self.authority.ca_file, *self.authority.issue("siem.example", "127.0.0.1"))
            trust = " ".join(
                f'defaultNetstreamDriver{kind}File="{file}"'
                for kind, file in zip(("CA", "Cert", "Key"), files, strict=True)
            )
            security = (
                'streamDriver.name="ossl" streamDriver.mode="1" '
                f'streamDriver.authMode="{"x509/certvalid" if asks else "anon"}"'
            )
        (folder / "configuration").write_text(
            f"""
            global(workDirectory="{folder}" net.enableDNS="off" maxMessageSize="16k" {trust})
            module(load="{module}" {security})
            module(load="mmpstrucdata")
            input(type="{module}" address="127.0.0.1" port="{self._port}")
            action(type="mmpstrucdata")
            template(name="all" type="list") {{ property(name="jsonmesg") constant(value="\\n") }}
            action(type="omfile" file="{self._told}" template="all")
            """,
            encoding="utf-8",
        )

    async def start(self) -> None:
        """Start it; returns once it listens."""
        self._run()
        # By the kernel's table: somebody who only looks would be a connection to it.
        table = Path("/proc/net", "udp" if self._scheme == "udp" else "tcp")
        listens = re.compile(rf"^ *\d+: 0100007F:{self._port:04X} 00000000:0000 ", re.MULTILINE)
        await until(lambda: listens.search(table.read_text()))

    def _run(self) -> None:
        with (self._folder / "complaints").open("ab") as complaints:
            self._process = subprocess.Popen(
                [self._program, "-n", "-f", "configuration", "-i", self._folder / "pid"],
                cwd=self._folder,
                stdout=complaints,
                stderr=complaints,
            )

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; may be called twice."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            await asyncio.to_thread(process.wait, _DEADLINE)

    def told(self) -> list[dict[str, Any]]:
        """Give what it has been told: each message by rsyslog's own names for its parts."""
        if not self._told.exists():
            return []
        return [json.loads(line) for line in self._told.read_text().splitlines()]

    async def hear(self, number: int) -> list[dict[str, Any]]:
        """Wait for so many messages, and give them."""
        await until(lambda: len(self.told()) >= number)
        return self.told()


def _need_driver(name: str, package: str) -> None:
    """Skip or fail the test, as `need_program` does, unless rsyslog has this driver for TLS."""
    places = ("lib/*/rsyslog", "lib/rsyslog", "lib64/rsyslog")
    if not any([*Path("/usr").glob(f"{place}/lmnsd_{name}.so")] for place in places):
        need_program(f"rsyslog's driver {name}", package)
