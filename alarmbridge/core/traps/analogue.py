"""Traps about analogue ports: telephones, fax machines, lines."""

from alarmbridge.core.traps.entry import MAJOR, CatalogueEntry, trap

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        46,
        "acAnalogPortSPIOutOfService",
        MAJOR,
        event_type="physicalViolation",
        cause="equipmentMalfunction",
        clears=True,
        meaning="An analogue port is out of service, for the device cannot talk to its hardware.",
        check="Restart the device; if it comes back, have the module replaced.",
    ),
    trap(
        47,
        "acAnalogPortHighTemperature",
        MAJOR,
        event_type="physicalViolation",
        cause="equipmentMalfunction",
        clears=True,
        meaning="An analogue port is too hot and was switched off.",
        check="Look for foreign voltage or a short on its line, and at the device's cooling.",
    ),
    trap(
        76,
        "acAnalogPortGroundFaultOutOfService",
        MAJOR,
        event_type="physicalViolation",
        cause="equipmentMalfunction",
        clears=True,
        meaning="An FXS port was switched off because of a ground fault on its line.",
        check="Look at the wiring between the port and the telephone.",
    ),
    trap(
        141,
        "acAnalogLineLeftOffhookAlarm",
        MAJOR,
        event_type="equipmentAlarm",
        clears=True,
        meaning="A telephone at an FXS port has been off the hook for too long, so nobody can "
        "call it.",
        check="Have the receiver put back, or look for a short on the line.",
    ),
)
