"""Far ends that are real programs, and the first of them: an Alertmanager."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import aiohttp
from acceptance_parts import until
from acceptance_ports import free_port
from far_end import FarEnd, Shown, State
from receivers import need_program

HOST = "127.0.0.1"
_DEADLINE = 15.0


class ProgramEnd(FarEnd):
    """A program that is started and ended, with a folder of its own where it keeps what it keeps.

    told: the file to which it writes what it was told.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.violations: list[str] = []
        self.port = free_port()
        self.folder = folder / name
        self.folder.mkdir()
        self.told = self.folder / "told"
        self.told.touch()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str | Path, **environment: str) -> None:
        """Start the program in its folder; what it complains of goes to the file `complaints`."""
        with (self.folder / "complaints").open("ab") as complaints:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **environment},
                stdout=complaints,
                stderr=complaints,
            )

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, _DEADLINE)
            self._process = None

    async def listening(self, table: Literal["tcp", "udp"] = "tcp") -> None:
        """Wait until the kernel has somebody who listens on the port; trying could disturb him."""
        listens = re.compile(rf"^ *\d+: [0-9A-F]+:{self.port:04X} 00000000:0000 ", re.MULTILINE)
        await until(
            lambda: listens.search(Path(f"/proc/net/{table}").read_text()), within=_DEADLINE
        )

    def lines(self) -> Iterator[str]:
        """Give the lines that were written whole."""
        text = self.told.read_text(encoding="utf-8")
        return (line for line in text.split("\n")[:-1])


class AlertmanagerEnd(ProgramEnd):
    """A Prometheus Alertmanager, asked by its API; over a restart it forgets every alert."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "alertmanager")
        self._program = need_program("prometheus-alertmanager", "prometheus-alertmanager")
        configuration = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        (self.folder / "configuration").write_text(json.dumps(configuration), encoding="utf-8")

    def configuration(self) -> dict[str, Any]:
        url = f"http://{HOST}:{self.port}"
        return {"type": "alertmanager", "url": url, "resend": "2s"}

    async def start(self) -> None:
        self.run(
            self._program,
            "--config.file=configuration",
            "--storage.path=storage",
            f"--web.listen-address={HOST}:{self.port}",
            "--cluster.listen-address=",
        )
        await self.listening()

    async def state(self) -> State:
        url = f"http://{HOST}:{self.port}/api/v2/alerts"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            alerts = await response.json()
        return {one["fingerprint"]: self._shown(one) for one in alerts}

    def _shown(self, alert: Mapping[str, Any]) -> Shown:
        said = alert["annotations"]
        return Shown(True, said["severity"], f"{alert['labels']['device']} {said['description']}")
