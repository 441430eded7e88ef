import pytest

from alarmbridge.core.bridge import CATALOGUE as OWN
from alarmbridge.core.catalogue import CATALOGUE
from alarmbridge.core.severity import Severity
from alarmbridge.sinks.syslog_terms import mnemonic_of, priority_of, trend_of


def words_in(text: str) -> set[str]:
    return set(text.split())


# Of IANA-ITU-ALARM-TC-MIB, what the words of the AcBoard MIB become.
EVENT_TYPES = words_in(
    """
    other communicationsAlarm qualityOfServiceAlarm processingErrorAlarm equipmentAlarm
    environmentalAlarm integrityViolation operationalViolation physicalViolation
    securityServiceOrMechanismViolation timeDomainViolation
    """
)
CAUSES = words_in(
    """
    other adapterError applicationSubsystemFailure bandwidthReduced callEstablishmentError
    communicationsProtocolError communicationsSubsystemFailure
    configurationOrCustomizationError congestion corruptData cpuCyclesLimitExceeded
    dataSetOrModemError degradedSignal dteDceInterfaceError enclosureDoorOpen
    equipmentMalfunction excessiveVibration fileError fireDetected flood framingError
    heatingVentCoolingSystemProblem humidityUnacceptable inputOutputDeviceError
    inputDeviceError lanError leakDetected localNodeTransmissionError lossOfFrame
    lossOfSignal materialSupplyExhausted multiplexerProblem outOfMemory ouputDeviceError
    performanceDegraded powerProblem pressureUnacceptable processorProblem pumpFailure
    queueSizeExceeded receiveFailure receiverFailure remoteNodeTransmissionError
    resourceAtOrNearingCapacity responseTimeExecessive retransmissionRateExcessive
    softwareError softwareProgramAbnormallyTerminated softwareProgramError
    storageCapacityProblem temperatureUnacceptable thresholdCrossed timingProblem
    toxicLeakDetected transmitFailure transmitterFailure underlyingResourceUnavailable
    versionMismatch authenticationFailure breachOfConfidentiality cableTamper
    delayedInformation denialOfService duplicateInformation informationMissing
    informationModificationDetected informationOutOfSequence intrusionDetection keyExpired
    nonRepudiationFailure outOfHoursActivity outOfService proceduralError
    unauthorizedAccessAttempt unexpectedInformation
    """
)


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.CRITICAL, 129),
        (Severity.MAJOR, 130),
        (Severity.MINOR, 131),
        (Severity.WARNING, 132),
        (Severity.INDETERMINATE, 133),
    ],
)
def test_a_severity_has_the_number_of_rfc_5674(severity: Severity, expected: int) -> None:
    assert priority_of("local0", severity, cleared=False) == expected


def test_a_clear_is_a_notice_however_bad_the_alarm_was() -> None:
    assert {priority_of("local0", severity, cleared=True) for severity in Severity} == {133}


def test_the_facilities_are_numbered_from_kern_to_local7() -> None:
    assert priority_of("kern", Severity.CRITICAL, cleared=False) == 1
    assert priority_of("authpriv", Severity.CRITICAL, cleared=False) == 81
    assert priority_of("local7", Severity.INDETERMINATE, cleared=False) == 189


def test_all_that_the_catalogues_know_has_a_mnemonic() -> None:
    entries = [*CATALOGUE.values(), *OWN.values()]
    assert {mnemonic_of(entry.event_type) for entry in entries} <= EVENT_TYPES
    assert {mnemonic_of(entry.probable_cause) for entry in entries} <= CAUSES


def test_the_one_cause_that_iana_spells_otherwise_is_spelt_so() -> None:
    assert mnemonic_of("floodDetected") == "flood"
    assert mnemonic_of("lossOfSignal") == "lossOfSignal"


@pytest.mark.parametrize("word", [None, "", "no mnemonic", 'x"] [', "Ünfall", "a\n", "a" * 99])
def test_what_has_no_mnemonic_is_other(word: str | None) -> None:
    assert mnemonic_of(word) == "other"


@pytest.mark.parametrize(
    ("severity", "previous", "kind", "expected"),
    [
        (Severity.MAJOR, None, "raised", None),
        (Severity.CRITICAL, Severity.MAJOR, "changed", "moreSevere"),
        (Severity.MINOR, Severity.MAJOR, "changed", "lessSevere"),
        (Severity.MINOR, None, "changed", "noChange"),
        (Severity.MINOR, Severity.MINOR, "changed", "noChange"),
        (Severity.MINOR, None, "cleared", "lessSevere"),
    ],
)
def test_the_trend_is_x733s(
    severity: Severity, previous: Severity | None, kind: str, expected: str | None
) -> None:
    assert trend_of(severity, previous, kind=kind) == expected
