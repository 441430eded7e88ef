"""Traps that are not a device's own: those of standard MIBs, and those of the vendor's manager."""

from alarmbridge.core.traps.entry import INDETERMINATE, CatalogueEntry, trap

_SNMP = "1.3.6.1.6.3.1.1.5"
_EMS = "1.3.6.1.4.1.5003.9.20.3.2.0"

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        f"{_SNMP}.1",
        "coldStart",
        clears=False,
        meaning="The device's SNMP agent started anew, as a rule with the device.",
        check="Nothing, unless nobody meant to restart it.",
    ),
    trap(
        f"{_SNMP}.3",
        "linkDown",
        clears=True,
        meaning="An interface went down.",
        check="Look at the cable and the port at its other end.",
    ),
    trap(
        f"{_SNMP}.4",
        "linkUp",
        clears=False,
        meaning="An interface came up.",
        check="Nothing.",
    ),
    trap(
        f"{_SNMP}.5",
        "authenticationFailure",
        clears=False,
        meaning="Somebody asked the SNMP agent with a wrong community or user.",
        check="Look who asks from that address: a manager with old credentials, or a scanner.",
    ),
    trap(
        "1.3.6.1.2.1.4.7.2",
        "entConfigChange",
        clears=False,
        meaning="The hardware of the device changed: a module was put in or taken out.",
        check="Look whether it was planned.",
    ),
    trap(
        f"{_EMS}.29",
        "acEMSLicenseKeyAlarm",
        event_type="other",
        cause="keyExpired",
        meaning="The licence of the vendor's manager has expired, is about to, or is exceeded.",
        check="Renew it.",
    ),
    trap(
        f"{_EMS}.42",
        "AlarmSuppressionAlarm",
        INDETERMINATE,
        event_type="other",
        cause="thresholdCrossed",
        clears=True,
        meaning="The vendor's manager holds back an alarm that came too often.",
        check="Look at the alarm itself, on its device.",
    ),
)
