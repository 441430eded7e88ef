"""License: the key that says what a device may do (guide 11).

A license file has a line for each device, its serial number and its key with a blank, a comma or
`=` between them; `;` and `#` begin a comment. It may also be a JSON list of objects with
`serialNumber` and `key`, or one such object.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from zlib import crc32

from alarmbridge.simulator.bodies import Answer, encoded
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

_KEY = re.compile(r"[A-Za-z0-9+/=]{8,4096}")
_LINE = re.compile(r"\s*([\w-]+)\s*[\s,=]\s*(\S+)\s*")
_PAIRED = "License key can't be applied to device in HA configuration. Use license file instead."


class License:
    """The license of one device, and of its redundant unit: a key for each serial number."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._keys: dict[str, str] = {}
        self._next: dict[str, str] = {}
        self._description = ""

    @property
    def key(self) -> str:
        """The key that holds for the present serial number."""
        serial = self._unit.identity.serial_number
        drawn = sha256(f"{self._unit.seed}/{serial}/license".encode()).digest()[:18]
        return self._keys.get(serial, b64encode(drawn).decode())

    @property
    def description(self) -> str:
        """What the key allows, in words; another key allows another number of calls."""
        if self._description:
            return self._description
        calls = crc32(self.key.encode()) % 40 * 25 + 25
        return (
            f"Key features: Board Type: {self._unit.identity.product} "
            "Security: IPSEC MediaEncryption StrongEncryption EncryptControlProtocol "
            f"Coders: G723 G729 G728 NETCODER GSM-FR AMR ILBC Control Protocols: SIP SBC={calls} "
        )

    def change(self, key: str = "", description: str | None = None) -> None:
        """Have another key, or other words for it, without a reset; "" gives the usual words."""
        if key:
            self._keys[self._unit.identity.serial_number] = key
        if description is not None:
            self._description = description

    def restart(self) -> None:
        """Let a key that was loaded hold."""
        self._keys |= self._next
        if self._next:
            self._description = ""
        self._next = {}

    def show(self, _: Asked) -> Answer:
        """Answer the license."""
        return encoded(
            {
                "licenseVersion": 1,
                "serialNumber": self._unit.identity.serial_number,
                "key": self.key,
                "keyDescription": self.description,
            }
        )

    def load(self, asked: Asked) -> Answer:
        """Take a key as JSON, or a file with keys of several devices, and reset."""
        file = asked.body is not None and asked.body.filename is not None
        self._next = self._keys_in(asked) if file else self._key_in(asked)
        self._unit.schedule(asked.now, self._unit.reset)
        misprint = file and self._unit.habits.misprints
        what = "software load" if misprint else "license"
        return encoded({"description": f"Device will reset now to activate new {what}"})

    def _key_in(self, asked: Asked) -> dict[str, str]:
        wanted = asked.attributes("licenseVersion", "serialNumber", "key", "keyDescription")
        if self._unit.paired:
            raise Refused(409, _PAIRED)
        own = self._unit.identity.serial_number
        version = wanted.get("licenseVersion", 1)
        if isinstance(version, bool) or version != 1:
            raise Refused(400, "Invalid value of 'licenseVersion'")
        if wanted.get("serialNumber", own) != own:
            raise Refused(400, "Serial number does not match")
        if not _is_key(wanted.get("key")):
            raise Refused(400, "Invalid license key")
        return {own: wanted["key"]}

    def _keys_in(self, asked: Asked) -> dict[str, str]:
        found = dict(_entries(asked.text()))
        if self._unit.identity.serial_number not in found:
            raise Refused(400, "No license key for this serial number")
        return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    if text.lstrip().startswith(("{", "[")):
        yield from _entries_of_json(text)
        return
    for line in text.splitlines():
        told = re.split("[;#]", line, maxsplit=1)[0]
        entry = _LINE.fullmatch(told)
        if told.strip() and (entry is None or not _is_key(entry[2])):
            raise Refused(400, "Invalid license file")
        if entry:
            yield entry[1], entry[2]


def _entries_of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "Invalid license file") from error
    for entry in found if isinstance(found, list) else [found]:
        serial = entry.get("serialNumber") if isinstance(entry, dict) else None
        if not isinstance(serial, str) or not _is_key(entry.get("key")):
            raise Refused(400, "Invalid license file")
        yield serial, entry["key"]


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
