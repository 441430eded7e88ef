"""Far ends of syslog: an rsyslogd, and who reads what it writes down."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from far_end import Ledger, State
from far_ends_programs import HOST, ProgramEnd
from mediant.mediant_wire import make_certificate
from receivers import need_program


class SyslogEnd(ProgramEnd):
    """An rsyslogd, and whoever reads what it writes down. scheme: udp, tcp or tls."""

    LEVELS: ClassVar = {"critical": "1", "major": "2", "minor": "3", "warning": "4"}
    profile = "rfc5424"
    again: Literal["open", "ever"] = "open"
    _DATA = re.compile(r'\[alarm resource="(?:[^"\\\]]|\\.)*" .*perceivedSeverity="(\w+)"')
    _EVENT_ID = re.compile(r" event_id=(\S+)")

    def __init__(self, folder: Path, scheme: Literal["udp", "tcp", "tls"]) -> None:
        super().__init__(folder, f"syslog-{scheme}")
        self._program = need_program("rsyslogd", "rsyslog")
        self._scheme = scheme
        self._certificate = make_certificate(self.folder)[0] if scheme == "tls" else None
        (self.folder / "configuration").write_text(self._configuration(), encoding="utf-8")

    def configuration(self) -> dict[str, Any]:
        address = f"{self._scheme}://{HOST}:{self.port}"
        trust = {"ca_file": self._certificate} if self._certificate else {}
        return {"type": "syslog", "address": address, "profile": self.profile, **trust}

    async def start(self) -> None:
        self.run(self._program, "-n", "-f", "configuration", "-i", self.folder / "pid")
        await self.listening("udp" if self._scheme == "udp" else "tcp")

    async def state(self) -> State:
        ledger = Ledger(again=self.again)
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
            input(type="{module}" address="{HOST}" port="{self.port}")
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
    again = "ever"
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
