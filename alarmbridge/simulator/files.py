"""Files: the configuration in its two forms, software loads and additional files (guide 6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from alarmbridge.simulator.actions import folder
from alarmbridge.simulator.bodies import JSON, OCTETS, Answer, encoded
from alarmbridge.simulator.commands import ScriptFlawed, play, running_config
from alarmbridge.simulator.configuration import Configuration, header
from alarmbridge.simulator.ini import Ini, IniFlawed, parse_ini, write_ini
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

MAGIC = b"CMP"
"""What a software load begins with here. A version may follow: `CMP 7.20A.204.115`, then a line
end and anything, or nothing; without one the last number of the present version rises by one."""

_VERSION = re.compile(rb"CMP[ \t]+([0-9A-Za-z.]{1,40})(?=\s|\Z)")
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ini": "INI configuration file",
        "software": "Software load",
        "cliScript": "CLI configuration script",
        "tls": "TLS contexts",
        "amd": "Answering machine detection",
        "castable": "CAS table",
        "codertable": "External coders table",
        "cpt": "Call progress tones",
        "dialplan": "Dialing plan",
        "prt": "Pre-recorded tones",
        "voiceprompts": "Voice prompts",
        "configurationPackage": "Configuration package",
        "sbcWizard": "SBC wizard template package",
    }
)
_NEW_CONFIGURATION = "Device will reset now to activate new configuration"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was taken: its name, size and SHA-256 (hex), and when, UTC seconds."""

    filename: str
    size: int
    sha256: str
    at: float


class Files:
    """The files of one device. uploads: the last one taken of each sort, by path below /files."""

    def __init__(self, unit: Unit, configuration: Configuration) -> None:
        self.uploads: dict[str, Upload] = {}
        self._unit = unit
        self._configuration = configuration
        self._next_version = ""

    def show(self, _: Asked) -> Answer:
        """Answer what files there are; the guide's example names the wrong content type."""
        listed = encoded({"files": folder(_NAMES, "/api/v1/files")})
        return replace(listed, headers=OCTETS if self._unit.habits.misprints else JSON)

    def read_ini(self, _: Asked) -> Answer:
        """Send the INI file that runs."""
        text = write_ini(self._configuration.running, header(self._unit))
        return Answer(200, OCTETS, text.encode())

    def load_ini(self, asked: Asked) -> Answer:
        """Take a whole INI file, and reset."""
        self._configuration.replace(_parsed(asked))
        return self._reset_for(asked, _NEW_CONFIGURATION)

    def add_ini(self, asked: Asked) -> Answer:
        """Take a partial INI file; it holds at once, but not over a reboot unless saved."""
        self._configuration.apply(_parsed(asked))
        self._remember(asked)
        return Answer(200)

    def read_script(self, asked: Asked) -> Answer:
        """Send what runs as a CLI script."""
        lines = running_config(self._unit, self._configuration.running, asked.now)
        return Answer(200, OCTETS, ("\n".join(lines) + "\n").encode())

    def load_script(self, asked: Asked) -> Answer:
        """Take a whole CLI script, without show commands, and reset."""
        factory = self._configuration.factory()
        try:
            played = play(asked.text(), self._unit, factory, asked.now, shows=False)
        except ScriptFlawed as error:
            raise Refused(400, str(error)) from error
        self._configuration.keep(played.ini)
        return self._reset_for(asked, _NEW_CONFIGURATION)

    def run_script(self, asked: Asked) -> Answer:
        """Carry out a partial CLI script, and send what it printed."""
        try:
            played = play(asked.text(), self._unit, self._configuration.running, asked.now)
        except ScriptFlawed as error:
            raise Refused(400, str(error)) from error
        self._configuration.run(played.ini)
        self._remember(asked)
        output = played.output
        if self._unit.habits.misprints:
            output = output.replace("\n", ". ")
        described = "Incremental CLI Script file was loaded."
        return encoded({"description": described, "output": output})

    def load_software(self, asked: Asked) -> Answer:
        """Take a software load, and reset into it."""
        self._next_version = self._version_in(asked)
        return self._reset_for(asked, "Device will reset now to activate new software load")

    def load_hitless(self, asked: Asked) -> Answer:
        """Take a software load, and let the redundant unit take over with it (guide 6.4.1)."""
        if not self._unit.paired:
            raise Refused(409, "Hitless software upgrade requires HA configuration")
        self._next_version = self._version_in(asked)
        self._remember(asked)

        def carry_out(now: float) -> None:
            self.restart()
            self._unit.switch_over(now)

        self._unit.schedule(asked.now, carry_out)
        described = "Device will perform switchover to activate new software load"
        return encoded({"description": described})

    def load_additional(self, asked: Asked) -> Answer:
        """Take an additional file (guide 6.5); as after a partial INI there is nothing to say."""
        self._remember(asked)
        return Answer(200)

    def restart(self) -> None:
        """Run the software that was loaded, if any was."""
        if self._next_version:
            self._unit.identity = replace(self._unit.identity, version=self._next_version)
            self._next_version = ""

    def _reset_for(self, asked: Asked, described: str) -> Answer:
        self._remember(asked)
        self._unit.schedule(asked.now, self._unit.reset)
        return encoded({"description": described})

    def _remember(self, asked: Asked) -> None:
        file = asked.upload()
        taken = Upload(file.filename or "", file.size, file.sha256, asked.now)
        self.uploads[asked.key or asked.endpoint] = taken

    def _version_in(self, asked: Asked) -> str:
        head = asked.upload().head
        if not head.startswith(MAGIC):
            raise Refused(400, "Invalid software load")
        named = _VERSION.match(head)
        if named:
            return named[1].decode("ascii")
        first, _, last = self._unit.identity.version.rpartition(".")
        return f"{first}.{int(last) + 1:03}" if last.isdecimal() else f"{first}.{last}.001"


def _parsed(asked: Asked) -> Ini:
    try:
        return parse_ini(asked.text())
    except IniFlawed as error:
        raise Refused(400, str(error)) from error
