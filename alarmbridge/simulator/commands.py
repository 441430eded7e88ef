"""Commands: what a device does with the lines of a CLI script (guide 6.3)."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alarmbridge.simulator.configuration import header
from alarmbridge.simulator.ini import Ini, Table
from alarmbridge.simulator.unit import Unit

_PARAMETERS: Mapping[tuple[str, ...], tuple[str, str]] = MappingProxyType(
    {
        ("system", "hostname"): ("SYSTEM Params", "Hostname"),
        ("system", "ntp", "primary-server"): ("SYSTEM Params", "NTPServerIP"),
        ("system", "ntp", "utc-offset"): ("SYSTEM Params", "NTPServerUTCOffset"),
        ("system", "automatic-update", "firmware"): ("SYSTEM Params", "AutoCmpFileUrl"),
        ("system", "snmp", "ro-community-string"): ("SNMP Params", "SNMPReadOnlyCommunityString_0"),
        ("system", "snmp", "rw-community-string"): (
            "SNMP Params",
            "SNMPReadWriteCommunityString_0",
        ),
        ("system", "radius", "shared-secret"): ("SYSTEM Params", "RadiusSharedSecret"),
        ("system", "web", "session-timeout"): ("WEB Params", "WebSessionTimeout"),
        ("troubleshoot", "syslog", "syslog-ip"): ("SYSTEM Params", "SyslogServerIP"),
        ("voip", "sip-definition", "gw-name"): ("SIP Params", "SIPGatewayName"),
    }
)
_ROWS: Mapping[tuple[str, str], tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        ("network", "tls"): ("TLSContexts", {"name": "Name", "tls-version": "TLSVersion"}),
        ("voip", "sip-interface"): (
            "SIPInterface",
            {"interface-name": "InterfaceName", "udp-port": "UDPPort", "tls-port": "TLSPort"},
        ),
        ("voip", "proxy-set"): ("ProxySet", {"proxy-name": "ProxyName"}),
        ("voip", "ip-group"): ("IPGroup", {"name": "Name", "proxy-set-name": "ProxySetName"}),
    }
)
_MODES = frozenset({"system", "network", "voip", "troubleshoot"})
_BLOCKS = frozenset(path[:2] for path in _PARAMETERS if len(path) > 2)  # noqa: PLR2004 - mode, block, word
_DEEPEST = 2


class ScriptFlawed(ValueError):
    """What is wrong with a CLI script, with the number of its line."""


@dataclass(slots=True)
class Played:
    """What came of a script: the configuration it leads to, and what it printed."""

    ini: Ini
    output: str = ""


def play(script: str, unit: Unit, ini: Ini, now: float, *, shows: bool = True) -> Played:
    """Carry a script out on a configuration, without touching it; shows: it may have some.

    ScriptFlawed: there is a line in it that is no command, or none at all; then nothing is done.
    """
    player = _Player(unit, ini, now, shows=shows)
    commands = 0
    for number, line in enumerate(script.splitlines(), start=1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise ScriptFlawed(f"Invalid command in line {number}: {line.strip()}") from error
        commands += bool(words)
        if words and words[0] != "!" and not player.take(words):
            raise ScriptFlawed(f"Invalid command in line {number}: {line.strip()}")
    if not commands:
        raise ScriptFlawed("No commands found")
    return player.played


class _Player:
    """Takes command by command; where: the mode it is in and the block or row inside."""

    def __init__(self, unit: Unit, ini: Ini, now: float, *, shows: bool) -> None:
        self.played = Played(ini.copy())
        self._unit = unit
        self._now = now
        self._shows = shows
        self._where: tuple[str, ...] = ()

    def take(self, words: list[str]) -> bool:
        """Carry a command out; returns whether it is one."""
        match words:
            case ["show", *what]:
                return self._show(" ".join(what))
            case ["do", "show", *what]:
                return self._show(" ".join(what))
            case ["configure", mode] if mode in _MODES:
                self._where = (mode,)
                return True
            case ["exit"] if self._where:
                self._where = self._where[:-1]
                return True
            case ["activate"] if len(self._where) == _DEEPEST:
                return True
        return bool(self._where) and self._configure(words)

    def _configure(self, words: list[str]) -> bool:
        path = (*self._where, words[0])
        match words:
            case [_, number] if path in _ROWS and number.isdecimal():
                self._where = (self._where[0], f"{words[0]} {number}")
                return True
            case [_, *_] if path in _BLOCKS:
                self._where = path
                return True
            case [_, value] if path in _PARAMETERS:
                section, name = _PARAMETERS[path]
                self.played.ini.set(name, value, section)
                return True
            case [word, value] if len(self._where) == _DEEPEST:
                return self._set_cell(word, value)
        return False

    def _set_cell(self, word: str, value: str) -> bool:
        mode, (block, _, number) = self._where[0], self._where[1].partition(" ")
        table, columns = _ROWS.get((mode, block), ("", {}))
        # An INI file has no way to write a quotation mark inside a cell.
        if word not in columns or '"' in value:
            return False
        rows = self.played.ini.tables.setdefault(table, Table(tuple(columns.values())))
        rows.merge(int(number), {columns[word]: value})
        return True

    def _show(self, what: str) -> bool:
        if not self._shows or what not in _SHOWS:
            return False
        self.played.output += "\n".join(_SHOWS[what](self._unit, self.played.ini, self._now)) + "\n"
        return True


def running_config(unit: Unit, ini: Ini, now: float = 0.0) -> Iterator[str]:
    """Write a configuration as a script that `play` understands."""
    del now
    yield f"# Running Configuration {unit.identity.product}"
    for mode in ("system", "network", "voip", "troubleshoot"):
        yield from ("", f"configure {mode}")
        yield from _parameters(mode, ini)
        yield from _rows(mode, ini)
        yield "exit"


def _parameters(mode: str, ini: Ini) -> Iterator[str]:
    block = ""
    for path, (_, name) in _PARAMETERS.items():
        value = ini.get(name)
        if path[0] != mode or not value:
            continue
        here = path[1] if len(path) > _DEEPEST else ""
        if here != block:
            yield from [f"{' '}exit"] if block else []
            yield from [f" {here}"] if here else []
        block = here
        yield f"{'  ' if block else ' '}{path[-1]} {shlex.quote(value)}"
    yield from [" exit"] if block else []


def _rows(mode: str, ini: Ini) -> Iterator[str]:
    for (inside, word), (name, columns) in _ROWS.items():
        table = ini.tables.get(name)
        for index in sorted(table.rows) if table and inside == mode else ():
            yield f" {word} {index}"
            for setting, column in columns.items():
                cell = table.cell(index, column) if table else ""
                yield from [f"  {setting} {shlex.quote(cell)}"] if cell else []
            yield from ("  activate", " exit")


def _version(unit: Unit, *_: object) -> Iterator[str]:
    yield from ("", "Version info:", "-------------")
    yield from (f";{line}" for line in header(unit))


def _uptime(unit: Unit, _: Ini, now: float) -> Iterator[str]:
    minutes, seconds = divmod(int(now - unit.booted_at), 60)
    hours, minutes = divmod(minutes, 60)
    yield f"Uptime: {hours // 24} days, {hours % 24} hours, {minutes} minutes, {seconds} seconds"


def _ha_status(unit: Unit, _: Ini, now: float) -> Iterator[str]:
    state = "Synchronizing" if unit.synchronising(now) else unit.identity.high_availability
    yield f"HA state: {state}"


_SHOWS: Mapping[str, Callable[[Unit, Ini, float], Iterator[str]]] = MappingProxyType(
    {
        "system version": _version,
        "system uptime": _uptime,
        "high-availability status": _ha_status,
        "running-config": running_config,
    }
)
