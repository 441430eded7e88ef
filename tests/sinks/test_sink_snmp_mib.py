"""ALARMBRIDGE-MIB compiles, by net-snmp and by libsmi, and says what is sent."""

import ast
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import hostile_lives
from hypothesis import given, settings
from pyasn1.type.error import ValueConstraintError
from pysnmp.smi.builder import MibBuilder
from receivers import need_program
from sink_notices import make_alarm, raised
from snmptrapd import MIBS

from alarmbridge.core.alarm import ClearReason, Origin
from alarmbridge.core.delivery import Notice
from alarmbridge.core.severity import Severity
from alarmbridge.core.telling import read_telling
from alarmbridge.sinks import snmp_own
from alarmbridge.sinks.snmp_own import ROOT, build_notification
from alarmbridge.sinks.snmp_varbinds import TRAP_ADDRESS, Oid, Syntax, Varbind

NAME = "ALARMBRIDGE-MIB"
FILE = Path(str(files("alarmbridge") / "mibs" / f"{NAME}.txt"))
SMI = Path(__file__).parent / "standard_mibs" / "SNMPv2-SMI.txt"

Module = Mapping[str, Any]


def run(program: Path, *arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [program, *arguments],
        env={**os.environ, "SMIPATH": MIBS},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def test_net_snmp_reads_it_without_a_complaint() -> None:
    program = need_program("snmptranslate", "snmp")
    options = ("-Pw", "-Le", "-M", MIBS, "-m", NAME, "-IR", "-On")
    status, said, complaints = run(program, *options, "alarmbridgeAlarmCleared")
    assert (status, said) == (0, f".{dotted(ROOT)}.0.3\n")
    # Macros are built in; that the standard modules define them is no complaint.
    assert [line for line in complaints.splitlines() if " MACRO (lines " not in line] == []


def test_smilint_finds_nothing_but_arcs_without_a_name() -> None:
    program = need_program("smilint", "smitools")
    # The arcs are another project's, and named in its own module.
    options = ("-s", "-l", "6", "-i", "node-implicit", f"--preload={SMI}")
    status, _, complaints = run(program, *options, FILE)
    assert (status, [line for line in complaints.splitlines() if NAME in line]) == (0, [])


@pytest.fixture(scope="module")
def module() -> Module:
    """Our MIB as libsmi has understood it."""
    program = need_program("smidump", "smitools")
    status, said, _ = run(program, "-f", "python", f"--preload={SMI}", FILE)
    assert status == 0
    read = ast.literal_eval(said.partition("\nMIB = ")[2])
    assert isinstance(read, dict)
    return read


def words_of(module: Module, label: str) -> dict[str, int]:
    """Give the words that an object's textual convention has for its numbers."""
    convention = module["typedefs"][module["nodes"][label]["syntax"]["type"]["name"]]
    return {
        word: int(said["number"])
        for word, said in convention.items()
        if isinstance(said, dict) and said["nodetype"] == "namednumber"
    }


def allows(module: Module, label: str, bound: Varbind) -> bool:
    syntax = module["nodes"][label]["syntax"]["type"]
    match syntax.get("name"), bound.syntax, bound.value:
        case None, Syntax.OCTETS, bytes(value):
            return len(value) <= int(syntax["range"]["max"])
        case "DateAndTime", Syntax.OCTETS, bytes(value):
            return len(value) in {8, 11}
        case ("Unsigned32", Syntax.UNSIGNED, int()) | ("ObjectIdentifier", Syntax.OBJECT_ID, _):
            return True
        case "TruthValue", Syntax.INTEGER, value:
            return value in {1, 2}
        case _, Syntax.INTEGER, value:
            return value in words_of(module, label).values()
    return False


def assert_the_mib_allows(module: Module, notice: Notice) -> None:
    notification = build_notification(read_telling(notice.body))
    (told,) = (
        one for one in module["notifications"].values() if one["oid"] == dotted(notification.trap)
    )
    ours = [one for one in notification.varbinds if one.oid != TRAP_ADDRESS]
    assert notification.varbinds[: len(ours)] == tuple(ours)
    for label, bound in zip(told["objects"], ours, strict=True):
        assert f"{module['nodes'][label]['oid']}.0" == dotted(bound.oid)
        assert allows(module, label, bound), (label, bound)


def test_what_is_sent_is_what_the_mib_says(module: Module) -> None:
    everything = replace(
        make_alarm(),
        oid="1.3.6.1.4.1.5003.9.10.1.21.2.0.10",
        raised_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert_the_mib_allows(module, raised(everything))
    assert_the_mib_allows(module, raised(device=None))


@settings(deadline=None, max_examples=30)
@given(life=hostile_lives())
def test_no_text_breaks_the_mibs_limits(module: Module, life: list[Notice]) -> None:
    for notice in life:
        assert_the_mib_allows(module, notice)


def test_the_mib_has_a_word_for_each_number(module: Module) -> None:
    severities = words_of(module, "alarmbridgeSeverity")
    assert severities == words_of(module, "alarmbridgePreviousSeverity")
    told = {severity.value: number for severity, number in snmp_own._SEVERITIES.items()}
    assert severities == {"cleared": 1, **told}
    assert set(told) == {severity.value for severity in Severity}
    assert words_of(module, "alarmbridgeEventType") == {"other": 1, **snmp_own._EVENT_TYPES}
    reasons = words_of(module, "alarmbridgeClearReason")
    assert sorted(reasons.values()) == sorted(snmp_own._REASONS.values())
    assert set(snmp_own._REASONS) == {None, *ClearReason}
    origins = {origin.value: number for origin, number in snmp_own._ORIGINS.items()}
    assert words_of(module, "alarmbridgeOrigin") == origins
    assert set(origins) == {origin.value for origin in Origin}


def test_the_standard_modules_here_agree_with_the_real_ones() -> None:
    builder = MibBuilder()
    date, truth = builder.import_symbols("SNMPv2-TC", "DateAndTime", "TruthValue")
    (text,) = builder.import_symbols("SNMP-FRAMEWORK-MIB", "SnmpAdminString")
    assert (date.displayHint, text.displayHint) == ("2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "255t")
    assert dict(truth.namedValues) == {"true": 1, "false": 2}
    for kind, sizes in ((date, (8, 11)), (text, (0, 255))):
        assert [kind(bytes(size)).asOctets() for size in sizes] == [*map(bytes, sizes)]
    for kind, size in ((date, 9), (text, 256)):
        with pytest.raises(ValueConstraintError):
            kind(bytes(size))
    (enterprises,) = builder.import_symbols("SNMPv2-SMI", "enterprises")
    assert enterprises.getName() == ROOT[:6]
