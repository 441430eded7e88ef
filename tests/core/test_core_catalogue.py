"""The catalogue: whatever a device writes where an OID belongs, it is found or it is not."""

import re

import pytest
from core_cases import alarm
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.catalogue import CATALOGUE, CatalogueEntry, look_up, named
from alarmbridge.core.severity import parse_severity
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
from alarmbridge.simulator.repertoire import KINDS, Kind

TRAPS = "1.3.6.1.4.1.5003.9.10.1.21.2.0"
LINK = f"{TRAPS}.10"
MODULES = (
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
ENTRIES = [entry for module in MODULES for entry in module.ENTRIES]
# X.733's and X.736's words, as the AcBoard MIB and the vendor's guides spell them.
EVENT_TYPES = {
    "other",
    "communicationsAlarm",
    "qualityOfServiceAlarm",
    "processingErrorAlarm",
    "equipmentAlarm",
    "environmentalAlarm",
    "operationalViolation",
    "physicalViolation",
    "securityServiceOrMechanismViolation",
}
CAUSES = {
    "other",
    "communicationsProtocolError",
    "communicationsSubsystemFailure",
    "configurationOrCustomizationError",
    "degradedSignal",
    "equipmentMalfunction",
    "heatingVentCoolingSystemProblem",
    "inputDeviceError",
    "keyExpired",
    "lossOfFrame",
    "lossOfSignal",
    "outOfService",
    "powerProblem",
    "receiveFailure",
    "resourceAtOrNearingCapacity",
    "softwareError",
    "softwareProgramError",
    "temperatureUnacceptable",
    "thresholdCrossed",
    "transmitFailure",
    "underlyingResourceUnavailable",
}


def test_no_oid_and_no_name_stands_twice() -> None:
    assert len({entry.oid for entry in ENTRIES}) == len(ENTRIES) == len(CATALOGUE)
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_says_what_it_knows_in_the_standards_words(entry: CatalogueEntry) -> None:
    assert look_up(entry.oid) is entry
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)+", entry.oid)
    assert entry.event_type in EVENT_TYPES | {None}
    assert entry.probable_cause in CAUSES | {None}
    worst_first = sorted(entry.severities, key=lambda severity: -severity.rank)
    assert list(entry.severities) == worst_first
    for words in (entry.meaning, entry.check):
        assert words is None or re.fullmatch(r"\S.*\.", words)
    assert entry.meaning


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        (LINK, "acBoardEthernetLinkAlarm"),
        (f".{LINK}", "acBoardEthernetLinkAlarm"),
        (f" \t.{LINK}\n", "acBoardEthernetLinkAlarm"),
        ("1.3.6.1.4.1.5003.9.10.1.21.2.0.128", "acCertificateExpiryAlarm"),
        ("1.3.6.1.6.3.1.1.5.1", "coldStart"),
        ("1.3.6.1.4.1.5003.9.20.3.2.0.42", "AlarmSuppressionAlarm"),
    ],
)
def test_an_oid_is_found_as_devices_write_it(oid: str, name: str) -> None:
    entry = look_up(oid)
    assert entry is not None
    assert entry.name == name


@pytest.mark.parametrize("enterprise", ["1.3.6.1.4.1.8072", ".1.3.6.1.4.1.32473.1.2.21"])
def test_a_renamed_enterprise_is_known_by_the_last_arcs(enterprise: str) -> None:
    assert look_up(f"{enterprise}.2.0.10") is CATALOGUE[LINK]


@pytest.mark.parametrize(
    "oid",
    [
        None,
        "",
        ".",
        "..",
        "acBoardEthernetLinkAlarm",
        f"..{LINK}",
        f"{LINK}.0",
        f"{TRAPS}.010",
        f"{TRAPS}.0",
        f"{TRAPS}.9999",
        f"{TRAPS}.-10",
        f"{TRAPS}.1\u0660",
        f"{LINK}\x00",
        "2.0.10",
        "1.3.6.1.4.1.2.0.10",
        "1.3.6.1.4.1.8072.2.0.9999",
        "1.3.6.1.4.1.8072.2.1.10",
        "1.3.6.1.2.1.14.16.2.0.10",
        "1.3.6.1.4.1." + "1." * 100_000 + "2.0.10",
    ],
)
def test_what_is_no_oid_or_an_unknown_one_is_not_found(oid: str | None) -> None:
    assert look_up(oid) is None


@pytest.mark.parametrize("arcs", ["9.20.3.2.0.10", "9.10.1.22.2.0.10", "8.1.2.0.10", "2.0.10"])
def test_another_branch_of_the_vendor_is_no_renamed_enterprise(arcs: str) -> None:
    # The vendor's manager has its alarms at 5003.9.20.3.2.0.N, and its 10 is not the device's.
    assert look_up(f"1.3.6.1.4.1.5003.{arcs}") is None


@given(st.text() | st.from_regex(r"[. 0-9]*2\.0\.[0-9]+"))
def test_any_text_is_survived(text: str) -> None:
    entry = look_up(text)
    assert entry is None or entry.oid.rpartition(".")[2] == text.strip().rpartition(".")[2]


def test_an_alarm_is_told_all_that_its_oid_says_and_no_more() -> None:
    told = named(alarm("1", oid=LINK))
    assert (told.name, told.event_type) == ("acBoardEthernetLinkAlarm", "equipmentAlarm")
    assert told.probable_cause == "underlyingResourceUnavailable"
    for unknown in (alarm("1", oid=None), alarm("1", oid="1.10")):
        assert named(unknown) is unknown


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_the_simulator_plays_is_known_by_the_same_name(kind: Kind) -> None:
    entry = look_up(kind.oid)
    if kind.oid is None:
        assert entry is None
        return
    assert entry is not None
    assert entry.name == kind.name
    assert {parse_severity(one) for one in (kind.severity, *kind.ladder)} <= {*entry.severities}
