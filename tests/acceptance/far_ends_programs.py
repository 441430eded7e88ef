"""Far ends that are real programs: an Alertmanager, rsyslogd, snmptrapd, and who reads them."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import aiohttp
from far_end import FarEnd, Ledger, Shown, State
from sinks.alertmanager_program import PASSWORD, AlertmanagerProgram
from sinks.rsyslog_program import Rsyslogd
from sinks.snmptrapd import COMMUNITY, Snmptrapd

_NOBODY = "http://127.0.0.1:9/"


class Program(Protocol):
    """What is started and ended, and keeps its port and what it has in its folder."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ProgramEnd(FarEnd):
    """A real program. name: of its folder."""

    program: Program

    def __init__(self, folder: Path, name: str) -> None:
        self.violations: list[str] = []
        self.folder = folder / name
        self.folder.mkdir()

    async def start(self) -> None:
        await self.program.start()

    async def stop(self) -> None:
        await self.program.stop()


class AlertmanagerEnd(ProgramEnd):
    """A Prometheus Alertmanager. Over a restart it forgets every alert.

    An alert would end by itself after four resends, and that would hide a clear that was lost; so
    they are far apart.
    """

    secrets = (PASSWORD,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "alertmanager")
        self.program = AlertmanagerProgram(self.folder)
        self.program.configure(_NOBODY)
        self._url = self.program.url

    def configuration(self) -> dict[str, Any]:
        return {"type": "alertmanager", "url": self._url, "resend": "1m"}

    async def state(self) -> State:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._url}/api/v2/alerts") as response,
        ):
            alerts = await response.json()
        return {one["fingerprint"]: _as_shown(one) for one in alerts}


def _as_shown(alert: Mapping[str, Any]) -> Shown:
    said = alert["annotations"]
    return Shown(True, said["severity"], f"{alert['labels']['device']} {said['description']}")


class ReadEnd(ProgramEnd):
    """A program that writes down what it is told, and somebody who reads that."""

    again: Literal["never", "open", "ever"] = "never"

    async def state(self) -> State:
        ledger = Ledger(again=self.again)
        try:
            for message in self.told():
                self.read(message, ledger)
        except (ValueError, LookupError, TypeError) as error:
            # For good, or until the program has written its last line whole.
            ledger.violations.append(f"cannot be read: {error!r}")
        self.violations[:] = ledger.violations
        return ledger.shown

    def told(self) -> Iterable[Mapping[str, Any]]:
        """Give all that the program was told, as it took it apart."""
        raise NotImplementedError

    def read(self, message: Mapping[str, Any], ledger: Ledger) -> None:
        """Note what a message says. Raises one of the usual errors where it says nothing."""
        raise NotImplementedError


class SyslogEnd(ReadEnd):
    """Whoever goes by the element `alarm` of RFC 5674. scheme: udp, tcp or tls."""

    again = "open"
    profile = "rfc5424"
    program: Rsyslogd
    _LEVELS: ClassVar = {"critical": "1", "major": "2", "minor": "3", "warning": "4"}
    _EVENT_ID = re.compile(r" event_id=(\S+)")

    def __init__(self, folder: Path, scheme: str) -> None:
        super().__init__(folder, f"syslog-{scheme}")
        self.program = Rsyslogd(self.folder, scheme)

    def configuration(self) -> dict[str, Any]:
        keys = {name: str(value) for name, value in self.program.keys.items()}
        return {"type": "syslog", "profile": self.profile, **keys}

    def told(self) -> Iterable[Mapping[str, Any]]:
        return self.program.told()

    def read(self, message: Mapping[str, Any], ledger: Ledger) -> None:
        severity = message["$!"]["rfc5424-sd"]["alarm"]["perceivedseverity"]
        if message["syslogseverity"] != self._LEVELS.get(severity, "5"):
            ledger.violations.append(f"{severity} has the level {message['syslogseverity']}")
        (event_id,) = self._EVENT_ID.findall(message["msg"])
        ledger.take(
            "cleared" if severity == "cleared" else "raised",
            (message["hostname"], message["procid"]),
            severity=severity,
            text=message["msg"],
            message_id=event_id,
        )


class DeviceLinesEnd(SyslogEnd):
    """A parser made for the lines of AudioCodes devices."""

    again = "ever"
    profile = "audiocodes"
    _LINE = re.compile(
        r"<\d+>\w+ +\d+ [\d:]+ (?P<host>\S+) (?P<verb>RAISE|CLEAR)-ALARM: (?P<name>[^;]*);"
        r" Textual Description: (?P<text>[^;]*); Severity (?P<severity>\w+);"
        r" Source (?P<source>[^;]*); Unique ID: \d+; Additional Info1: event_id=(?P<id>\S+)"
    )

    def read(self, message: Mapping[str, Any], ledger: Ledger) -> None:
        found = self._LINE.fullmatch(message["rawmsg"])
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


class DeviceTrapsEnd(ReadEnd):
    """A manager that knows the vendor's MIB, and pairs by device, trap and source.

    Traps are not acknowledged, and nothing shows that nobody hears them.
    """

    absence_shows = False
    again = "ever"
    secrets = (COMMUNITY,)
    words: ClassVar = {"critical": "5", "major": "4", "minor": "3", "warning": "2"}
    program: Snmptrapd
    _CLEARED = "0"
    _TRAP = "1.3.6.1.6.3.1.1.4.1.0"
    _GLOBALS = "1.3.6.1.4.1.5003.9.10.1.21.1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "snmptrapd-2c")
        self.program = Snmptrapd(self.folder)

    def configuration(self) -> dict[str, Any]:
        way = {"version": "2c", "notify": "trap", "profile": "device"}
        return {"type": "snmp", "address": self.program.address, "community": COMMUNITY, **way}

    def told(self) -> Iterable[Mapping[str, Any]]:
        return self.program.told()

    def read(self, message: Mapping[str, Any], ledger: Ledger) -> None:
        trap = message[self._TRAP]
        values = [message[f"{self._GLOBALS}.{number}.0"] for number in range(1, 17)]
        name, text, source, severity, *_, event, _, _, _, _, device, serial_number = values
        if int(name) != int(trap.rpartition(".")[2]) - 1:
            ledger.violations.append(f"{trap} has the name {name}")
        ledger.take(
            "cleared" if severity == self._CLEARED else "raised",
            (serial_number, trap, source),
            severity=severity,
            text=f"{device} {text}",
            message_id=event,
        )


class OwnInformsEnd(ReadEnd):
    """A manager that has loaded ALARMBRIDGE-MIB, and is told by informs of version 3."""

    secrets = ("canary-auth-password", "canary-privacy-password")
    words: ClassVar = {
        "critical": "critical(3)",
        "major": "major(4)",
        "minor": "minor(5)",
        "warning": "warning(6)",
    }
    program: Snmptrapd
    _USER = "ops"
    _TRAP = "SNMPv2-SMI::snmpModules.1.1.4.1.0"
    _KIND = re.compile(r"ALARMBRIDGE-MIB::alarmbridgeAlarm(Raised|Changed|Cleared)")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "snmptrapd-3")
        auth, privacy = self.secrets
        user = f"createUser {self._USER} SHA-256 {auth} AES {privacy}"
        self.program = Snmptrapd(self.folder, user, f"authUser log {self._USER} priv", named=True)

    def configuration(self) -> dict[str, Any]:
        auth, privacy = self.secrets
        return {
            "type": "snmp",
            "address": self.program.address,
            "version": "3",
            "user": self._USER,
            "auth": {"protocol": "sha256", "password": auth},
            "privacy": {"protocol": "aes128", "password": privacy},
            "notify": "inform",
            "profile": "alarmbridge",
            "timeout": "1s",
        }

    def told(self) -> Iterable[Mapping[str, Any]]:
        return self.program.told()

    def read(self, message: Mapping[str, Any], ledger: Ledger) -> None:
        kind = self._KIND.fullmatch(message[self._TRAP])
        if kind is None:
            raise ValueError("no notification of ours")

        def value(name: str) -> Any:
            return message[f"ALARMBRIDGE-MIB::alarmbridge{name}.0"]

        ledger.take(
            kind[1].lower(),
            value("AlarmId"),
            severity=value("Severity"),
            text=f"{value('DeviceName')} {value('Description')}",
            message_id=value("EventId"),
        )
