"""Traps about high availability: two units that stand in for each other."""

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
        33,
        "acHASystemFaultAlarm",
        CRITICAL,
        MINOR,
        event_type="qualityOfServiceAlarm",
        cause="outOfService",
        clears=True,
        meaning="The pair is not redundant now: the other unit is missing, faulty or still "
        "starting, so that a failure would end all calls.",
        check="Look at the other unit, its power and the maintenance link between the two.",
    ),
    trap(
        34,
        "acHASystemConfigMismatchAlarm",
        MAJOR,
        event_type="processingErrorAlarm",
        cause="configurationOrCustomizationError",
        clears=True,
        meaning="The two units are not configured or licensed alike, so that a switchover may "
        "not carry everything over.",
        check="Compare software version, licence key and configuration of both units.",
    ),
    trap(
        35,
        "acHASystemSwitchOverAlarm",
        CRITICAL,
        event_type="qualityOfServiceAlarm",
        cause="outOfService",
        clears=True,
        meaning="The redundant unit took over, because the active one failed, was reset or was "
        "told to; the alarm clears itself some ten seconds later.",
        check="Find out why: the former unit's log, its links, the HA network monitor.",
    ),
    trap(
        48,
        "acHitlessUpdateStatus",
        INDETERMINATE,
        event_type="other",
        cause="other",
        clears=False,
        meaning="A hitless software update began, ended or failed; the text says which.",
        check="After a failure compare the versions of both units and start it again.",
    ),
    trap(
        55,
        "acWeakRedundancy",
        meaning="Redundancy is weak: at a switchover the unit that takes over restarts, so calls "
        "are lost.",
        check="Compare software version and configuration of both units.",
    ),
    trap(
        97,
        "acRedundantBoardAlarm",
        clears=False,
        meaning="The active unit passes on an alarm of the redundant one; the additional "
        "information names the trap.",
        check="Look at the alarm that it names, on the redundant unit.",
    ),
    trap(
        98,
        "acHANetworkWatchdogStatusAlarm",
        MAJOR,
        cause="outOfService",
        meaning="The watch over the network, which decides about switchovers, is switched on but "
        "does not run.",
        check="Look at the HA network monitor's settings and whether the pair is redundant at all.",
    ),
)
