"""Far ends that are real programs: an Alertmanager, an rsyslogd, an snmptrapd."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import aiohttp
from acceptance_parts import until
from acceptance_ports import free_port
from far_end import FarEnd, Ledger, Shown, State
from mediant.mediant_wire import make_certificate
from receivers import need_program

_HOST = "127.0.0.1"
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
        url = f"http://{_HOST}:{self.port}"
        return {"type": "alertmanager", "url": url, "resend": "2s"}

    async def start(self) -> None:
        self.run(
            self._program,
            "--config.file=configuration",
            "--storage.path=storage",
            f"--web.listen-address={_HOST}:{self.port}",
            "--cluster.listen-address=",
        )
        await self.listening()

    async def state(self) -> State:
        url = f"http://{_HOST}:{self.port}/api/v2/alerts"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            alerts = await response.json()
        return {one["fingerprint"]: self._shown(one) for one in alerts}

    def _shown(self, alert: Mapping[str, Any]) -> Shown:
        said = alert["annotations"]
        return Shown(True, said["severity"], f"{alert['labels']['device']} {said['description']}")


class SyslogEnd(ProgramEnd):
    """An rsyslogd, and whoever reads what it writes down. scheme: udp, tcp or tls."""

    LEVELS: ClassVar = {"critical": "1", "major": "2", "minor": "3", "warning": "4"}
    profile = "rfc5424"
    _DATA = re.compile(r'\[alarm resource="(?:[^"\\\]]|\\.)*" .*perceivedSeverity="(\w+)"')
    _EVENT_ID = re.compile(r" event_id=(\S+)")

    def __init__(self, folder: Path, scheme: Literal["udp", "tcp", "tls"]) -> None:
        super().__init__(folder, f"syslog-{scheme}")
        self._program = need_program("rsyslogd", "rsyslog")
        self._scheme = scheme
        self._certificate = make_certificate(self.folder)[0] if scheme == "tls" else None
        (self.folder / "configuration").write_text(self._configuration(), encoding="utf-8")

    def configuration(self) -> dict[str, Any]:
        address = f"{self._scheme}://{_HOST}:{self.port}"
        trust = {"ca_file": self._certificate} if self._certificate else {}
        return {"type": "syslog", "address": address, "profile": self.profile, **trust}

    async def start(self) -> None:
        self.run(self._program, "-n", "-f", "configuration", "-i", self.folder / "pid")
        await self.listening("udp" if self._scheme == "udp" else "tcp")

    async def state(self) -> State:
        ledger = Ledger()
        for line in self.lines():
            try:
                self.read(json.loads(line), ledger)
            except (ValueError, LookupError, TypeError) as error:
                ledger.violations.append(f"cannot be read ({error!r}): {line}")
        self.violations[:] = ledger.violations
        return ledger.shown

    def read(self, said: Mapping[str, str], ledger: Ledger) -> None:
        """Note what a line says by its fields. Raises one of the usual errors otherwise."""
        severity, event_id = self._DATA.match(said["data"]), self._EVENT_ID.search(said["text"])
        if severity is None or event_id is None:
            raise ValueError("no alarm of RFC 5674")
        if said["level"] != self.LEVELS.get(severity[1], "5"):
            ledger.violations.append(f"{severity[1]} has the level {said['level']}")
        ledger.take(
            "cleared" if severity[1] == "cleared" else "raised",
            (said["host"], said["key"]),
            severity=severity[1],
            text=said["text"],
            message_id=event_id[1],
        )

    def _configuration(self) -> str:
        module = "imudp" if self._scheme == "udp" else "imtcp"
        facts = {
            "host": "hostname",
            "key": "procid",
            "level": "syslogseverity",
            "data": "structured-data",
            "text": "msg",
            "raw": "rawmsg-after-pri",
        }
        told = "".join(
            f'property(outname="{name}" name="{fact}" format="jsonf")'
            for name, fact in facts.items()
        )
        return f"""
            global(workDirectory="{self.folder}" net.enableDNS="off" {self._trust()})
            module(load="{module}" {self._security()})
            input(type="{module}" address="{_HOST}" port="{self.port}")
            template(name="facts" type="list" option.jsonf="on") {{ {told} }}
            action(type="omfile" file="{self.told}" template="facts")
        """

    def _trust(self) -> str:
        if self._certificate is None:
            return ""
        return "".join(
            f'DefaultNetstreamDriver{what}File="{self._certificate}" '
            for what in ("CA", "Cert", "Key")
        )

    def _security(self) -> str:
        driver = {"Name": "gtls", "Mode": "1", "AuthMode": "anon"}
        words = (f'StreamDriver.{key}="{value}"' for key, value in driver.items())
        return " ".join(words) if self._certificate else ""


class DeviceLinesEnd(SyslogEnd):
    """A parser made for the lines of AudioCodes devices."""

    profile = "audiocodes"
    _LINE = re.compile(
        r"\w+ +\d+ [\d:]+ (?P<host>\S+) (?P<verb>RAISE|CLEAR)-ALARM: (?P<name>[^;]*);"
        r" Textual Description: (?P<text>[^;]*); Severity (?P<severity>\w+);"
        r" Source (?P<source>[^;]*); Unique ID: \d+; Additional Info1: event_id=(?P<id>\S+)"
    )

    def read(self, said: Mapping[str, str], ledger: Ledger) -> None:
        found = self._LINE.fullmatch(said["raw"])
        if found is None:
            raise ValueError("no line of a device")
        if (found["verb"] == "CLEAR") != (found["severity"] == "cleared"):
            ledger.violations.append(f"a {found['verb']} of severity {found['severity']}")
        ledger.take(
            "cleared" if found["verb"] == "CLEAR" else "raised",
            (found["host"], found["name"], found["source"]),
            severity=found["severity"],
            text=f"{found['host']} {found['text']}",
            message_id=found["id"],
        )
