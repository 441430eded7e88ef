"""An alarm as the device itself would send it: a trap of the AcBoard MIB.

The MIB's objects are scalars, and a notification binds instances (RFC 3416, 4.2.6), so that each
variable's name ends in `.0`. A device sends sixteen, of which the MIB of 2012 defines eleven; what
12 to 14 are called is not known here, and they are sent empty, as a device sends 14 and 15. 15 is
filled, as AudioCodes' own OVOC does when it forwards.

Decision: which event this is stands in AdditionalInfo3, and what alarmbridge has to add in 2.
Because that is free text which a rule reads only for alarms that use it, and a manager can tell a
repeat by it.

Decision: trap and source are those that the alarm was raised with, as its key holds them. Because
they are all by which a manager pairs a clear with its raise, and what was not readable at the raise
may be known by the clear.
"""

from datetime import datetime

from alarmbridge.core.alarm import Alarm, Origin
from alarmbridge.core.catalogue import look_up
from alarmbridge.core.event import EventKind
from alarmbridge.core.payload import DeviceFacts
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import Telling
from alarmbridge.core.traps.entry import DEVICE_TRAPS
from alarmbridge.sinks.snmp_varbinds import (
    Notification,
    Oid,
    address_of,
    fit,
    integer,
    moment,
    parse_oid,
    text,
)

_GLOBALS: Oid = (1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21, 1)
"""acBoardTrapGlobals. Stays where it is, whatever `SNMPTrapEnterpriseOid` says of the traps."""

_SOURCE = 100
_LARGEST_NAME = 1000
_UNIQUE_IDS = 32001
_CLEARED = 0

_SEVERITIES = {
    Severity.INDETERMINATE: 1,
    Severity.WARNING: 2,
    Severity.MINOR: 3,
    Severity.MAJOR: 4,
    Severity.CRITICAL: 5,
}

_EVENT_TYPES = """
    other communicationsAlarm qualityOfServiceAlarm processingErrorAlarm equipmentAlarm
    environmentalAlarm
"""
"""acBoardTrapGlobalsType's names by number; of the newer ones the guides name no number."""

_CAUSES = """
    other adapterError applicationSubsystemFailure bandwidthReduced callEstablishmentError
    communicationsProtocolError communicationsSubsystemFailure configurationOrCustomizationError
    congestion corruptData cpuCyclesLimitExceeded dataSetOrModemError degradedSignal
    dteDceInterfaceError enclosureDoorOpen equipmentMalfunction excessiveVibration fileError
    fireDetected floodDetected framingError heatingVentCoolingSystemProblem humidityUnacceptable
    inputOutputDeviceError inputDeviceError lanError leakDetected localNodeTransmissionError
    lossOfFrame lossOfSignal materialSupplyExhausted multiplexerProblem outOfMemory
    ouputDeviceError performanceDegraded powerProblem pressureUnacceptable processorProblem
    pumpFailure queueSizeExceeded receiveFailure receiverFailure remoteNodeTransmissionError
    resourceAtOrNearingCapacity responseTimeExecessive retransmissionRateExcessive softwareError
    softwareProgramAbnormallyTerminated softwareProgramError storageCapacityProblem
    temperatureUnacceptable thresholdCrossed timingProblem toxicLeakDetected transmitFailure
    transmitterFailure underlyingResourceUnavailable versionMismatch authenticationFailure
    breachOfConfidentiality cableTamper delayedInformation denialOfService duplicateInformation
    informationMissing informationModificationDetected informationOutOfSequence intrusionDetection
    keyExpired nonRepudiationFailure outOfHoursActivity outOfService proceduralError
    unauthorizedAccessAttempt unexpectedInformation
"""
"""acBoardTrapGlobalsProbableCause's names by number, spelt as the MIB does."""

_TYPE_NUMBERS = {name: number for number, name in enumerate(_EVENT_TYPES.split())}
_CAUSE_NUMBERS = {name: number for number, name in enumerate(_CAUSES.split())}
_OTHER = 0


def name_alarm(alarm: Alarm) -> str | None:
    """Name an alarm as a manager does that hears devices' traps: by device, trap and source.

    None for what no trap of a device says: alarmbridge's own alarms, those without an OID, and
    those of another MIB.
    """
    trap = find_trap(alarm.oid) if alarm.origin is Origin.DEVICE else None
    return f"{alarm.device} {_dotted(trap)} {fit(alarm.source, octets=_SOURCE)}" if trap else None


def read_name(name: str) -> tuple[Oid, str] | None:
    """Give trap and source back from what `name_alarm` made; None for any other key."""
    _, _, rest = name.partition(" ")
    dotted, blank, source = rest.partition(" ")
    trap = find_trap(dotted)
    return (trap, source) if trap and blank else None


def find_trap(oid: str | None) -> Oid | None:
    """Say by which trap a device would send an alarm of this OID; None: by none of its own.

    Traps that the catalogue does not know, of a newer firmware, count as well; so do those that
    a device was told to send under another enterprise, and those keep that.
    """
    trap = parse_oid(oid)
    if trap is None or trap[-3:-1] != (2, 0) or not 1 <= trap[-1] <= _LARGEST_NAME + 1:
        return None
    entry = look_up(oid)
    own = trap[:-3] == _GLOBALS[:-1]
    return trap if own or (entry and entry.oid.startswith(f"{DEVICE_TRAPS}.2.0.")) else None


def build_trap(telling: Telling, *, trap: Oid, source: str) -> Notification:
    """Say an event by a device's trap; a change is a raise anew, a clear has severity 0."""
    alarm, device = telling.alarm, telling.device
    cleared = telling.kind == EventKind.CLEARED
    words = (alarm.clear_description if cleared else None) or alarm.description
    varbinds = (
        integer(_variable(1), trap[-1] - 1),
        text(_variable(2), words, octets=200),
        text(_variable(3), source, octets=_SOURCE),
        integer(_variable(4), _CLEARED if cleared else _SEVERITIES[alarm.severity]),
        integer(_variable(5), telling.sequence % _UNIQUE_IDS),
        integer(_variable(6), _TYPE_NUMBERS.get(alarm.event_type or "", _OTHER)),
        integer(_variable(7), _CAUSE_NUMBERS.get(alarm.probable_cause or "", _OTHER)),
        text(_variable(8), None, octets=100),
        text(_variable(9), telling.note, octets=100),
        text(_variable(10), f"alarm.{telling.kind} {telling.event_id}", octets=100),
        moment(_variable(11), _happened_at(telling)),
        *(text(_variable(number), None, octets=100) for number in (12, 13, 14)),
        text(_variable(15), _describe(device), octets=100),
        text(_variable(16), device.serial_number if device else None, octets=255),
    )
    return Notification(trap, (*varbinds, *address_of(device)))


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def _variable(number: int) -> Oid:
    return (*_GLOBALS, number, 0)


def _happened_at(telling: Telling) -> datetime:
    """Say when a device would have sent the trap, by its own clock where that is known."""
    match telling.kind:
        case EventKind.RAISED:
            return telling.alarm.raised_at or telling.alarm.seen_at
        case EventKind.CLEARED:
            return telling.alarm.cleared_at or telling.at
    return telling.at


def _describe(device: DeviceFacts | None) -> str:
    facts = (device.name, device.product, device.version) if device else ()
    return ", ".join(fact for fact in facts if fact)
