"""The catalogue: which alarm an OID stands for."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.traps import (
    analogue,
    calls,
    hardware,
    licences,
    network,
    others,
    redundancy,
    security,
    signalling,
    system,
    trunks,
)
from alarmbridge.core.traps.entry import DEVICE_TRAPS, CatalogueEntry

__all__ = ["CATALOGUE", "CatalogueEntry", "look_up", "named"]

_ENTRIES = (
    *system.ENTRIES,
    *hardware.ENTRIES,
    *redundancy.ENTRIES,
    *network.ENTRIES,
    *calls.ENTRIES,
    *security.ENTRIES,
    *licences.ENTRIES,
    *trunks.ENTRIES,
    *signalling.ENTRIES,
    *analogue.ENTRIES,
    *others.ENTRIES,
)

CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType({entry.oid: entry for entry in _ENTRIES})
"""Every entry by its OID."""

_LONGEST = 256
# `SNMPTrapEnterpriseOid` puts another maker's arc before a device's traps. One of AudioCodes' own
# (5003) is no such name: the EMS numbers its alarms `...5003.9.20.3.2.0.N` and means others.
_RENAMED = re.compile(r"1\.3\.6\.1\.4\.1\.(?!5003\.)(?:[0-9]+\.)+2\.0\.([0-9]+)")


def look_up(oid: str | None) -> CatalogueEntry | None:
    """Find what an OID stands for, whatever a device wrote there; None: it is not known.

    A leading dot and blanks around it do not matter. An OID below another enterprise that ends
    as a trap of the device does (`.2.0.N`) is taken for that trap under a renamed enterprise.
    """
    if oid is None or len(oid) > _LONGEST:
        return None
    plain = oid.strip().removeprefix(".")
    if (entry := CATALOGUE.get(plain)) is not None:
        return entry
    renamed = _RENAMED.fullmatch(plain)
    return CATALOGUE.get(f"{DEVICE_TRAPS}.2.0.{renamed[1]}") if renamed else None


def named(alarm: Alarm) -> Alarm:
    """Say of an alarm, whose oid was just learnt, what the catalogue knows of it."""
    entry = look_up(alarm.oid)
    if entry is None:
        return alarm
    return replace(
        alarm,
        name=entry.name,
        event_type=entry.event_type,
        probable_cause=entry.probable_cause,
    )
