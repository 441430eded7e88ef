"""Far ends of SNMP: an snmptrapd, and two managers who read what it writes down."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from far_end import Ledger, State
from far_ends_programs import HOST, ProgramEnd
from receivers import need_program

_COMMUNITY, _USER = "canary-community", "alarmbridge"
_AUTH, _PRIVACY = "canary-auth-password", "canary-privacy-password"
_NOTIFICATION = ".1.3.6.1.6.3.1.1.4.1.0"

Bound = Mapping[str, str]


class SnmpEnd(ProgramEnd):
    """An snmptrapd. It keeps how often it has booted, as an engine of version 3 must."""

    secrets = (_COMMUNITY, _AUTH, _PRIVACY)
    again: Literal["never", "ever"] = "never"
    _VARIABLE = re.compile(r'(?P<name>[.\d]+) = "?(?P<value>.*?)"?')

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder, name)
        self._program = need_program("snmptrapd", "snmptrapd")
        (self.folder / "configuration").write_text(
            f"""
            authCommunity log {_COMMUNITY}
            createUser {_USER} SHA-256 {_AUTH} AES {_PRIVACY}
            authUser log {_USER} priv
            format2 %V\\t%v\\n
            """,
            encoding="utf-8",
        )

    async def start(self) -> None:
        self.run(
            self._program,
            *("-f", "-C", "-c", "configuration"),
            *("-A", "-Lf", self.told, "-OnQe", "-m", "", f"udp:{HOST}:{self.port}"),
            SNMP_PERSISTENT_DIR=str(self.folder / "kept"),
        )
        await self.listening("udp")

    async def state(self) -> State:
        ledger = Ledger(again=self.again)
        for bound in self._notifications():
            try:
                self.read(bound, ledger)
            except (ValueError, LookupError) as error:
                ledger.violations.append(f"cannot be read ({error!r}): {bound}")
        self.violations[:] = ledger.violations
        return ledger.shown

    def read(self, bound: Bound, ledger: Ledger) -> None:
        """Note what a notification says. Raises one of the usual errors where it says nothing."""
        raise NotImplementedError

    def _notifications(self) -> Iterator[Bound]:
        for line in self.lines():
            found = [self._VARIABLE.fullmatch(part) for part in line.split("\t")]
            if all(found):
                yield {one["name"]: one["value"] for one in found if one}


class DeviceManagerEnd(SnmpEnd):
    """A manager that has loaded the vendor's MIB, and pairs by device, trap and source.

    Traps are not acknowledged, and nothing shows that nobody hears them.
    """

    absence_shows = False
    again = "ever"
    words: ClassVar = {"critical": "5", "major": "4", "minor": "3", "warning": "2"}
    _CLEARED = "0"
    _GLOBALS = ".1.3.6.1.4.1.5003.9.10.1.21.1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "snmptrapd-2c")

    def configuration(self) -> dict[str, Any]:
        return {
            "type": "snmp",
            "address": f"{HOST}:{self.port}",
            "version": "2c",
            "community": _COMMUNITY,
            "notify": "trap",
            "profile": "device",
        }

    def read(self, bound: Bound, ledger: Ledger) -> None:
        trap = bound[_NOTIFICATION]
        values = [bound[f"{self._GLOBALS}.{number}.0"] for number in range(1, 17)]
        name, text, source, severity, *_, event, _, _, _, _, device, serial = values
        if int(name) != int(trap.rpartition(".")[2]) - 1:
            ledger.violations.append(f"{trap} has the name {name}")
        ledger.take(
            "cleared" if severity == self._CLEARED else "raised",
            (serial, trap, source),
            severity=severity,
            text=f"{device} {text}",
            message_id=event,
        )


class OwnManagerEnd(SnmpEnd):
    """A manager that has loaded ALARMBRIDGE-MIB, and is told by informs of version 3."""

    words: ClassVar = {"critical": "3", "major": "4", "minor": "5", "warning": "6"}
    _ROOT = ".1.3.6.1.4.1.8072.9999.9999.25276"
    _KINDS: ClassVar = {"1": "raised", "2": "changed", "3": "cleared"}
    _EVENT, _ALARM, _SEVERITY, _TEXT, _DEVICE = 1, 5, 6, 9, 20

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "snmptrapd-3")

    def configuration(self) -> dict[str, Any]:
        return {
            "type": "snmp",
            "address": f"{HOST}:{self.port}",
            "version": "3",
            "user": _USER,
            "auth": {"protocol": "sha256", "password": _AUTH},
            "privacy": {"protocol": "aes128", "password": _PRIVACY},
            "notify": "inform",
            "profile": "alarmbridge",
            "timeout": "1s",
        }

    def read(self, bound: Bound, ledger: Ledger) -> None:
        kind = self._KINDS[bound[_NOTIFICATION].removeprefix(f"{self._ROOT}.0.")]

        def value(number: int) -> str:
            return bound[f"{self._ROOT}.1.{number}.0"]

        ledger.take(
            kind,
            value(self._ALARM),
            severity=value(self._SEVERITY),
            text=f"{value(self._DEVICE)} {value(self._TEXT)}",
            message_id=value(self._EVENT),
        )
