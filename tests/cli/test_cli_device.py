"""`device NAME …` against a simulated device."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from cli_cases import NOW, Result, Run, do, write_config

from alarmbridge.core.ini import mask_secrets, read_ini
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.simulator.device import Device
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import CutOff, Drop, Redirect, Rubbish
from alarmbridge.simulator.habits import Habits
from alarmbridge.store.archive import Archive
from alarmbridge.store.configurations import add_configuration

INI = frozenset({"ini"})
CHANGES = frozenset({"reset", "cliScript/incremental"})

On = Callable[..., Awaitable[Result]]


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    async with Farm(1, habits=Habits(boot_seconds=0.0)) as made:
        yield made


@pytest.fixture
def sbc(farm: Farm) -> Device:
    return farm.devices["sim-1"]


@pytest.fixture
def on(run: Run, config: Path, farm: Farm) -> On:
    """Run a `device` command in a thread, since it has a loop of its own."""
    devices = [{"name": "ams", "url": farm.url("sim-1"), "password": "alarmbridge"}]
    write_config(config, Path("unused"), devices=devices)

    async def ask(*arguments: str) -> Result:
        return await asyncio.to_thread(run, "device", "ams", *arguments)

    return ask


def listed(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def documents(result: Result) -> list[dict[str, Any]]:
    assert (result.status, result.err) == (0, "")
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.usefixtures("on")
async def test_a_device_that_is_not_configured_is_a_mistake(run: Run) -> None:
    result = await asyncio.to_thread(run, "device", "ber", "status")
    assert result.status == 2
    assert result.err == "'ber' is no device of the configuration; it has ams\n"


async def test_status_has_all_that_the_device_says(on: On, sbc: Device) -> None:
    (said,) = documents(await on("status", "--json"))
    identity = sbc.model.identity
    assert (said["serial_number"], said["product"]) == (identity.serial_number, identity.product)
    assert (said["ip_address"], said["mac_address"]) == (identity.address, identity.mac_address)
    assert identity.serial_number in (await on("status")).out


async def test_alarms_and_history_are_the_devices_own(on: On, sbc: Device, farm: Farm) -> None:
    number = sbc.model.raise_alarm(farm.clock(), source="Board#1", description="Fan\x1b[2J")
    (alarm,) = documents(await on("alarms", "--json"))
    assert (alarm["id"], alarm["source"]) == (str(number), "Board#1")
    shown = await on("alarms")
    assert "Fan\\x1b[2J" in shown.out
    sbc.model.clear(farm.clock(), number)
    assert documents(await on("alarms", "--json")) == []
    assert [one["cleared"] for one in documents(await on("history", "--json"))] == [False, True]


async def test_measurements_are_listed_and_measured(on: On, sbc: Device) -> None:
    sbc.model.box.measurements.fix("NetUtilPackets", 40_000, index=1)
    names = [one["name"] for one in documents(await on("pm", "--json"))]
    assert "NetUtilPackets" in names
    assert (await on("pm")).out.split() == names
    (one,) = documents(await on("pm", "NetUtilPackets", "--index", "1", "--json"))
    assert (one["value"], one["low_threshold"], one["high_threshold"]) == (40_000, 100, 30_000)
    assert "40000" in (await on("pm", "NetUtilPackets")).out
    none = await on("pm", "Nonsense")
    assert (none.status, "HTTP 404" in none.err) == (1, True)


async def test_the_license_is_shown_without_its_key(on: On, sbc: Device) -> None:
    sbc.model.box.license.change(key="canarycanarycanary", description="SBC=25")
    for arguments in (("license",), ("license", "--json")):
        result = await on(*arguments)
        assert (result.status, "SBC=25" in result.out) == (0, True)
        assert "canary" not in result.out + result.err


async def test_certificates_are_shown_with_their_end(on: On, sbc: Device, farm: Farm) -> None:
    sbc.model.box.certificates.expire(farm.clock(), 5, context=1)
    first, second = documents(await on("tls", "--json"))
    assert (first["id"], second["id"]) == ("0", "1")
    assert second["certificate"]["days_left"] in {4, 5}
    assert "2048 bits, valid" in (await on("tls")).out


async def test_what_changes_a_device_asks_first(on: On, sbc: Device, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("SyslogServerIP = 10.0.0.9\n", encoding="utf-8")
    for arguments in (
        ("save",),
        ("reset",),
        ("upgrade", str(file)),
        ("ini", "put", str(file)),
        ("ini", "put", "--incremental", str(file)),
        ("cli", "put", str(file)),
        ("cli", "run", str(file)),
        ("files", "put", "cpt", str(file)),
        ("license", "put", str(file)),
        ("license", "put", "--serial-number", "1", str(file)),
        ("tls", "put", "0", "certificate", str(file)),
        ("tls", "key", "0"),
        ("tls", "self-signed", "0"),
    ):
        result = await on(*arguments)
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith("ams: ")
        assert result.err.endswith("This needs --yes where nobody can be asked.\n")
    assert sbc.counters.not_get == 0


async def test_a_configuration_is_fetched_for_its_owner_alone(on: On, tmp_path: Path) -> None:
    file = tmp_path / "ams.ini"
    assert (await on("ini", "get", str(file))).status == 0
    assert file.read_text(encoding="utf-8").startswith(";****")
    assert S_IMODE(file.stat().st_mode) == 0o600
    again = await on("ini", "get", str(file))
    assert (again.status, "--force" in again.err) == (2, True)
    (said,) = documents(await on("ini", "get", str(file), "--force", "--json"))
    assert said == {"bytes": file.stat().st_size, "file": str(file)}
    (said,) = documents(await on("ini", "get", "--json"))
    assert said["text"] == file.read_text(encoding="utf-8")
    assert (await on("cli", "get")).out


@pytest.mark.parametrize(
    "fault", [CutOff(share=0.5, endpoints=INI), Redirect(to="http://127.0.0.1:1", endpoints=INI)]
)
async def test_half_a_configuration_is_none(
    on: On, sbc: Device, tmp_path: Path, fault: CutOff | Redirect
) -> None:
    sbc.faults.add(fault)
    result = await on("ini", "get", str(tmp_path / "ams.ini"))
    assert (result.status, result.out) == (1, "")
    assert [file.suffix for file in await asyncio.to_thread(listed, tmp_path)] == [".yaml"]
    assert result.err.startswith("alarmbridge: ams ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ini", "get"), "it is no INI file"),
        (("cli", "get"), "it is empty"),
        (("tls", "get", "0", "certificate"), "it is no PEM"),
    ],
)
@pytest.mark.parametrize("to", ["a file", "standard output", "a document"])
async def test_a_file_that_is_not_what_it_claims_leaves_nothing(
    on: On, sbc: Device, tmp_path: Path, arguments: tuple[str, ...], words: str, to: str
) -> None:
    sbc.faults.add(Rubbish(what="empty" if words == "it is empty" else "null"))
    target = {"a file": (str(tmp_path / "a"),), "a document": ("--json",)}.get(to, ())
    result = await on(*arguments, *target)
    assert (result.status, result.out) == (1, "")
    assert result.err.endswith(f" not understood: {words}\n")
    assert [file.suffix for file in await asyncio.to_thread(listed, tmp_path)] == [".yaml"]


async def test_what_a_device_has_now_is_read_as_what_was_kept_of_it(
    run: Run, config: Path, database: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"\xef\xbb\xbfSystemName = M\xfcnchen\0\r\nEnableSyslog = 1\r\n"
    devices = [{"name": "sbc-1", "url": farm.url("sim-1"), "password": "alarmbridge"}]
    write_config(config, database, devices=devices)

    async def fetch(_: Inspector) -> bytes:
        return raw

    async def keep(archive: Archive) -> None:
        async with archive.begin() as tx:
            text = mask_secrets(read_ini(raw))
            await add_configuration(tx, "sbc-1", text, reason="schedule", now=NOW, keep=2)

    monkeypatch.setattr(Inspector, "fetch_ini", fetch)
    await asyncio.to_thread(do, database, keep)
    result = await asyncio.to_thread(run, "device", "sbc-1", "ini", "diff", "--now")
    assert result == Result(0, "Nothing changed.\n", "")
    raw = raw.replace(b"M\xfcnchen", b"K\xf6ln")
    result = await asyncio.to_thread(run, "device", "sbc-1", "ini", "diff", "--now")
    assert result.out == "SystemName: München -> Köln\n"


async def test_a_part_of_a_configuration_is_changed(on: On, sbc: Device, tmp_path: Path) -> None:
    file = tmp_path / "part.ini"
    file.write_text("SyslogServerIP = 10.0.0.9\n", encoding="utf-8")
    result = await on("ini", "put", "--incremental", str(file), "--yes")
    assert (result.status, result.out, result.err) == (0, "Loaded.\n", "")
    assert sbc.model.box.configuration.running.get("SyslogServerIP") == "10.0.0.9"
    assert (await on("save", "--yes", "--json")).out == '{"description": ""}\n'
    assert not sbc.model.box.configuration.save_needed


@pytest.mark.parametrize(
    "fault", [Drop(endpoints=CHANGES), CutOff(endpoints=CHANGES), Rubbish(endpoints=CHANGES)]
)
async def test_a_change_of_which_nobody_knows_is_said_to_be_one(
    on: On, sbc: Device, tmp_path: Path, fault: Drop | CutOff | Rubbish
) -> None:
    file = tmp_path / "show.txt"
    file.write_text("show system version\n", encoding="utf-8")
    sbc.faults.add(fault)
    for arguments in (("reset", "--yes"), ("cli", "run", str(file))):
        result = await on(*arguments)
        assert (result.status, result.out) == (1, "")
        assert result.err.endswith("; it may have been done all the same\n")


async def test_scripts_that_only_show_things_ask_nobody(on: On, tmp_path: Path) -> None:
    file = tmp_path / "show.txt"
    file.write_text("# what is it?\nshow system version\n", encoding="utf-8")
    result = await on("cli", "run", str(file))
    assert (result.status, ";Software Version: 7.20A.200.014" in result.out) == (0, True)
    file.write_text("show nonsense\n", encoding="utf-8")
    refused = await on("cli", "run", str(file), "--json")
    assert (refused.status, refused.out) == (1, "")
    assert "HTTP 400: " in refused.err


async def test_software_is_loaded_and_refused(on: On, sbc: Device, tmp_path: Path) -> None:
    file = tmp_path / "sbc.cmp"
    file.write_bytes(b"no software")
    refused = await on("upgrade", str(file), "--yes")
    assert (refused.status, "HTTP 400" in refused.err) == (1, True)
    file.write_bytes(b"CMP 7.20A.204.115\n" + bytes(1_000_000))
    loaded = await on("upgrade", str(file), "--yes")
    assert (loaded.status, loaded.err) == (0, "")
    assert "reset now" in loaded.out
    assert "7.20A.204.115" in (await on("status")).out
    upload = sbc.model.box.files.uploads["software"]
    assert (upload.filename, upload.size) == ("sbc.cmp", file.stat().st_size)


async def test_a_device_in_no_state_for_it_says_so(on: On, sbc: Device, farm: Farm) -> None:
    sbc.model.pair()
    sbc.model.synchronise(farm.clock(), 60)
    for arguments in (("save",), ("reset",), ("tls", "key", "0")):
        result = await on(*arguments, "--yes")
        assert (result.status, result.out) == (1, "")
        assert "HTTP 409: Device is currently performing HA synchronization" in result.err


async def test_a_certificate_is_requested_made_and_replaced(on: On, tmp_path: Path) -> None:
    requested = await on("tls", "request", "0", "--subject", "sbc.example.com")
    assert requested.out.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert (await on("tls", "self-signed", "0", "--subject", "sbc.example", "--yes")).status == 0
    file = tmp_path / "a.pem"
    assert (await on("tls", "get", "0", "certificate", str(file))).status == 0
    assert "CN=sbc.example" in (await on("tls")).out
    assert (await on("tls", "put", "1", "trustedRoot", str(file), "--yes")).status == 0
    assert (await on("tls", "get", "1", "certificate", str(file), "--force")).status == 0
    added = await on("tls", "put", "1", "trustedRoot", str(file), "--add", "--yes")
    assert (added.status, "added" in added.out) == (0, True)
    assert [one["trusted_roots"] for one in documents(await on("tls", "--json"))] == [1, 2]
    assert (await on("tls", "get", "0", "privateKey")).status == 2
    assert (await on("tls", "put", "0", "certificate", str(file), "--add", "--yes")).status == 2


async def test_a_file_that_is_not_there_or_empty_is_a_mistake(on: On, tmp_path: Path) -> None:
    missing = await on("files", "put", "cpt", str(tmp_path / "none"), "--yes")
    assert (missing.status, "No such file" in missing.err) == (2, True)
    empty = tmp_path / "empty"
    empty.touch()
    assert (await on("files", "put", "cpt", str(empty), "--yes")).status == 2
    empty.write_bytes(b"tones")
    assert (await on("files", "put", "cpt", str(empty), "--yes")).status == 0
    assert {one["id"] for one in documents(await on("files", "--json"))} >= {"ini", "cpt"}


async def test_a_link_opens_the_devices_own_pages(on: On, farm: Farm) -> None:
    (said,) = documents(await on("web", "--json"))
    assert said["url"].startswith(f"{farm.url('sim-1')}/index.html?mode=web&authToken=")
