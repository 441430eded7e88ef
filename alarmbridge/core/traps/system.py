"""Traps about the device as a whole: its start, its state, its load, its software, its clock."""

from alarmbridge.core.traps.entry import (
    CRITICAL,
    INDETERMINATE,
    MAJOR,
    MINOR,
    CatalogueEntry,
    trap,
)

ENTRIES: tuple[CatalogueEntry, ...] = (
    trap(
        1,
        "acBoardFatalError",
        CRITICAL,
        event_type="equipmentAlarm",
        cause="underlyingResourceUnavailable",
        clears=False,
        meaning="The device met an error that it cannot recover from; the text names it.",
        check="Save its syslog and debug file for the vendor's support, then restart it: the "
        "alarm stands until then.",
    ),
    trap(
        2,
        "acBoardConfigurationError",
        CRITICAL,
        event_type="equipmentAlarm",
        cause="underlyingResourceUnavailable",
        clears=False,
        meaning="The device cannot run with a part of its configuration; the text names the part.",
        check="Correct what the text names, or load the last configuration that worked, and "
        "restart.",
    ),
    trap(
        4,
        "acBoardEvBoardStarted",
        event_type="equipmentAlarm",
        cause="other",
        clears=False,
        meaning="The device has started and is ready.",
        check="Nothing, unless nobody meant to restart it: then look for power, a crash dump and "
        "the reason of the last reset.",
    ),
    trap(
        5,
        "acBoardEvResettingBoard",
        CRITICAL,
        event_type="equipmentAlarm",
        cause="outOfService",
        clears=False,
        meaning="Somebody or something has told the device to reset, and it is going down.",
        check="See in its activity log who asked for the reset, and that it comes back.",
    ),
    trap(
        7,
        "acgwAdminStateChange",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="outOfService",
        clears=True,
        meaning="The device was locked, or is shutting down gracefully: it takes no new calls.",
        check="Unlock it when the maintenance is over; if none was planned, see in its activity "
        "log who locked it.",
    ),
    trap(
        11,
        "acBoardOverloadAlarm",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="softwareError",
        clears=True,
        meaning="A part of the device, often its CPU, is overloaded; new calls may be refused.",
        check="Look at CPU load and call rate: a burst, a registration storm, a loop, an attack "
        "or debug logging left on.",
    ),
    trap(
        12,
        "acActiveAlarmTableOverflow",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="resourceAtOrNearingCapacity",
        clears=False,
        meaning="The table of active alarms is full, so newer alarms may stand without being "
        "listed; the history still has them.",
        check="Clear up what raises so many alarms; only a restart takes this one away.",
    ),
    trap(
        15,
        "acOperationalStateChange",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="outOfService",
        clears=True,
        meaning="The device's operational state went to disabled: it does not serve.",
        check="Look at the alarms beside it for the reason, and at what was changed last.",
    ),
    trap(
        27,
        "acPerformanceMonitoringThresholdCrossing",
        INDETERMINATE,
        event_type="other",
        cause="other",
        clears=True,
        meaning="A performance counter went over the threshold that was set for it; the source "
        "names the counter.",
        check="Look at the counter's course and whether the threshold still fits.",
    ),
    trap(
        28,
        "acHTTPDownloadResult",
        INDETERMINATE,
        cause="other",
        clears=False,
        meaning="The device has fetched a file over HTTP, or failed to; the text says which.",
        check="After a failure try the URL from the device's network, and see the HTTP status.",
    ),
    trap(
        54,
        "acAMSProcedureResult",
        meaning="A procedure of the device's management (AMS) has a result; the text says which.",
    ),
    trap(
        70,
        "acSWUpgradeAlarm",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="softwareProgramError",
        meaning="A software upgrade failed.",
        check="Make sure that the file is whole and meant for this model, and load it again.",
    ),
    trap(
        71,
        "acNTPServerStatusAlarm",
        MAJOR,
        MINOR,
        event_type="communicationsAlarm",
        cause="communicationsSubsystemFailure",
        clears=True,
        meaning="The device has lost its NTP server (minor), or has never had the time from one "
        "(major): its logs, call records and certificate checks may go by a wrong clock.",
        check="Look whether the NTP server answers on UDP port 123 from the device's interface, "
        "and at DNS if it is given by name.",
    ),
    trap(
        148,
        "acKpiThresholdCrossing",
        event_type="other",
        cause="thresholdCrossed",
        clears=True,
        meaning="A performance figure crossed a threshold of the device's Alarm Thresholds table, "
        "with the severity and words that were given there.",
        check="Look at the figure's course and whether the threshold still fits.",
    ),
    trap(
        149,
        "acClockConfigurationAlarm",
        MINOR,
        event_type="operationalViolation",
        cause="configurationOrCustomizationError",
        clears=True,
        meaning="The device does not know what time it is: its clock was set neither by hand nor "
        "by a time server.",
        check="Configure an NTP server, or set the clock.",
    ),
)
