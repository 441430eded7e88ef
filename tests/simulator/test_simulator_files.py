"""Files: INI and CLI script, software loads and additional files (guide 6)."""

import json

import pytest
from simulator_box import NOW, device, get, post, put, read, send, told

from alarmbridge.simulator.configuration import Configuration
from alarmbridge.simulator.device import Device
from alarmbridge.simulator.faults import Drop, Rubbish
from alarmbridge.simulator.files import Upload
from alarmbridge.simulator.ini import IniFlawed, parse_ini, write_ini
from alarmbridge.simulator.request import Sent, sent_file, sent_json
from alarmbridge.simulator.resources import ADDITIONAL
from alarmbridge.simulator.rubbish import RUBBISH

INI, PARTIAL = "/files/ini", "/files/ini/incremental"
SCRIPT, COMMANDS = "/files/cliScript", "/files/cliScript/incremental"
RESETTING = (200, "Device will reset now to activate new configuration")


def ini_of(asked: Device, *, at: float = 0.0) -> str:
    return get(asked, INI, at=at).body.decode()


def configuration_of(asked: Device) -> Configuration:
    return asked.model.box.configuration


def test_the_files_are_listed_as_in_the_guide() -> None:
    answer = get(device(), "/files")
    ids = [each["id"] for each in read(answer)["files"]]
    assert ids[:3] == ["ini", "software", "cliScript"]
    assert set(ADDITIONAL) < set(ids)
    assert answer.headers["Content-Type"] == "application/json"
    misprinted = get(device(misprints=True), "/files").headers
    assert misprinted["Content-Type"] == "application/octet-stream"


def test_an_ini_file_has_the_guides_head_and_the_devices_form() -> None:
    asked = device()
    answer = get(asked, INI)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    text = answer.body.decode()
    assert f";Serial Number: {asked.model.identity.serial_number}\n" in text
    assert ";Software Version: 7.20A.200.014\n" in text
    assert "\n[ ProxyIp ]\n\nFORMAT Index = ProxySetId, ProxyIpIndex, IpAddress" in text
    assert '\nProxyIp 0 = 0, 0, "10.4.1.10:5060", 0;\n' in text
    assert "\n[ \\ProxyIp ]\n" in text
    for table in ("WebUsers", "SIPInterface", "ProxySet", "IPGroup", "TLSContexts"):
        assert f"\n[ {table} ]\n" in text
    assert "\nAdminPassword = '$1$" in text
    assert "\nSNMPReadOnlyCommunityString_0 = public-" in text


def test_an_ini_file_is_read_back_as_it_was_written() -> None:
    asked = device()
    running = configuration_of(asked).running
    assert parse_ini(ini_of(asked)) == running
    assert write_ini(parse_ini(write_ini(running, ())), ()) == write_ini(running, ())


def test_secrets_differ_by_device_and_are_the_same_for_a_seed() -> None:
    assert ini_of(device()) == ini_of(device())
    other = device()
    other.model.name = "d2"
    assert ini_of(device()) != ini_of(other)


def test_a_whole_ini_file_replaces_the_configuration_by_a_reset() -> None:
    asked = device()
    put(asked, PARTIAL, "SyslogServerIP = 10.9.9.9\n")
    uploaded = "Hostname = 'new name'\n[ ProxySet ]\nFORMAT ProxySet_Index = ProxySet_ProxyName;\n"
    uploaded += 'ProxySet 0 = "Only";\n[ \\ProxySet ]\n'
    assert told(put(asked, INI, uploaded)) == RESETTING
    assert send(asked, "/status", at=1).fault == Drop()
    running = parse_ini(ini_of(asked, at=9))
    assert (running.get("Hostname"), running.get("SyslogServerIP")) == ("new name", "10.4.0.7")
    assert running.tables["ProxySet"].rows == {0: ("Only",)}


def test_an_uploaded_file_comes_back_transformed() -> None:
    asked = device()
    put(asked, INI, "; mine\nAdminPassword = 'open sesame'\n")
    text = ini_of(asked, at=9)
    assert "mine" not in text
    assert "open sesame" not in text
    assert "AdminPassword = '$1$" in text


def test_a_partial_ini_file_changes_parameters_and_rows_without_a_reset() -> None:
    asked = device()
    partial = "SyslogServerIP = 10.9.9.9\nNewParameter = 7\n[ ProxySet ]\n"
    partial += 'FORMAT Index = ProxyName;\nProxySet 1 = "ITSP 2";\nProxySet 5 = "New";\n'
    partial += "[ \\ProxySet ]\n"
    answer = put(asked, PARTIAL, partial)
    assert (answer.status, answer.body) == (200, b"")
    running = parse_ini(ini_of(asked))
    assert (running.get("SyslogServerIP"), running.get("NewParameter")) == ("10.9.9.9", "7")
    proxies = running.tables["ProxySet"]
    assert [proxies.cell(n, "ProxyName") for n in (0, 1, 5)] == ["PBX", "ITSP 2", "New"]
    assert proxies.cell(1, "ProxyKeepAliveTime") == "60"
    assert asked.model.chronicle.epoch == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "; nothing\n",
        "rubbish\n",
        "[ A ]\nA 0 = 1;\n",
        "[ A ]\nFORMAT Index = X, Y;\nA 0 = 1;\n",
        "[ A ]\nFORMAT Index = X;\nB 0 = 1;\n",
        "[ A ]\n[ \\B ]\n",
        "FORMAT Index = X;\n",
        b"\xff\xfe",
    ],
)
def test_what_is_no_ini_file_is_refused_and_changes_nothing(wrong: str | bytes) -> None:
    asked = device()
    before = ini_of(asked)
    for path in (INI, PARTIAL):
        assert told(put(asked, path, wrong))[0] == 400
    assert ini_of(asked, at=9) == before


def test_a_flaw_is_named_with_its_line() -> None:
    with pytest.raises(IniFlawed, match="line 2"):
        parse_ini("A = 1\nrubbish\n")


def test_cells_may_hold_commas_and_be_empty() -> None:
    found = parse_ini('[ A ]\nFORMAT Index = X, Y, Z;\nA 0 = "a, b", , "";\n[ \\A ]\n')
    assert found.tables["A"].rows == {0: ("a, b", "", "")}


@pytest.mark.parametrize("body", [None, sent_json({}), Sent(content_type="x", flaw="File is odd")])
def test_an_upload_without_a_file_is_refused(body: Sent | None) -> None:
    for path in (INI, SCRIPT, "/files/software", "/files/cpt", "/files/tls/0/certificate"):
        assert told(send(device(), path, body, method="PUT").answer)[0] == 400


def test_a_show_command_gives_its_output() -> None:
    asked = device()
    answer = read(put(asked, COMMANDS, "show system version\nshow system uptime\n"))
    assert answer["description"] == "Incremental CLI Script file was loaded."
    assert f";Serial Number: {asked.model.identity.serial_number}\n" in answer["output"]
    assert "Uptime: 1 days, 0 hours" in answer["output"]
    misprinted = read(put(device(misprints=True), COMMANDS, "show system version"))["output"]
    assert ". Version info:. " in misprinted


def test_a_script_changes_the_configuration_too() -> None:
    asked = device()
    script = "configure system\n hostname sbc-7\n ntp\n  primary-server 10.1.1.1\n  exit\nexit\n"
    script += "configure voip\n proxy-set 0\n  proxy-name 'New PBX'\n  activate\n exit\nexit\n"
    script += "configure network\n tls 4\n  name extra\n activate\nexit\n"
    assert read(put(asked, COMMANDS, script))["output"] == ""
    running = parse_ini(ini_of(asked))
    assert (running.get("Hostname"), running.get("NTPServerIP")) == ("sbc-7", "10.1.1.1")
    assert running.tables["ProxySet"].cell(0, "ProxyName") == "New PBX"
    assert [each["id"] for each in read(get(asked, "/files/tls"))["tls"]] == ["0", "1", "4"]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "explode",
        "show nothing",
        "hostname outside",
        "copy firmware from http://x",
        "configure system\ncolour red",
        "configure system\nhostname 'open",
        "configure elsewhere",
        "configure voip\nproxy-set 0\ncolour red",
        "configure voip\nproxy-set 0\nproxy-name 'a \"b\"'",
    ],
)
def test_an_unknown_command_is_refused_and_nothing_is_done(wrong: str) -> None:
    asked = device()
    before = ini_of(asked)
    script = f"configure system\nhostname other\nexit\n{wrong}" if wrong else ""
    assert told(put(asked, COMMANDS, script))[0] == 400
    assert told(put(asked, SCRIPT, script))[0] == 400
    assert ini_of(asked, at=9) == before


def test_the_redundancy_is_shown_too() -> None:
    asked = device(pair=True)
    output = read(put(asked, COMMANDS, "configure system\ndo show high-availability status"))
    assert output["output"] == "HA state: Operational\n"


def test_a_whole_script_comes_back_and_may_not_show() -> None:
    asked = device()
    put(asked, COMMANDS, "configure system\nhostname 'odd name'\nexit")
    script = get(asked, SCRIPT).body.decode()
    assert "configure system\n hostname 'odd name'\n" in script
    other = device()
    assert told(put(other, SCRIPT, script)) == RESETTING
    assert get(other, SCRIPT, at=9).body.decode() == script
    assert told(put(other, SCRIPT, "show system version", at=9))[0] == 400


def test_a_software_load_runs_after_the_reset() -> None:
    asked = device()
    answer = put(asked, "/files/software", b"CMP 7.20A.204.115\n" + bytes(100))
    assert told(answer) == (200, "Device will reset now to activate new software load")
    assert send(asked, "/status", at=1).fault == Drop()
    assert read(get(asked, "/status", at=9))["versionID"] == "7.20A.204.115"
    put(asked, "/files/software", b"CMP" + bytes(100), at=10)
    assert read(get(asked, "/status", at=19))["versionID"] == "7.20A.204.116"


def test_what_is_no_software_load_is_refused() -> None:
    for path in ("/files/software", "/files/software/hitless"):
        assert told(put(device(pair=True), path, b"PK..")) == (400, "Invalid software load")
        assert told(put(device(pair=True), path, b"")) == (400, "File is empty")


def test_a_hitless_upgrade_switches_over_and_synchronises() -> None:
    asked = device(pair=True)
    number = asked.model.raise_alarm(NOW - 5)
    answer = put(asked, "/files/software/hitless", b"CMP 7.20A.204.115\n")
    assert told(answer) == (
        200,
        "Device will perform switchover to activate new software load",
    )
    status = read(get(asked, "/status", at=1))
    assert (status["versionID"], status["highAvailability"]) == ("7.20A.204.115", "Synchronizing")
    assert status["serialNumber"].endswith("-R")
    assert asked.model.stands(number)
    assert told(post(asked, "/actions/reset", at=1))[0] == 409
    assert post(asked, "/actions/reset", at=20).status == 200


def test_a_hitless_upgrade_needs_a_pair() -> None:
    answer = put(device(), "/files/software/hitless", b"CMP")
    assert told(answer) == (409, "Hitless software upgrade requires HA configuration")


@pytest.mark.parametrize("name", ADDITIONAL)
def test_an_additional_file_is_remembered(name: str) -> None:
    asked = device()
    answer = put(asked, f"/files/{name}", b"x" * 7)
    assert (answer.status, answer.body) == (200, b"")
    digest = sent_file(b"x" * 7).sha256
    assert asked.model.box.files.uploads[name] == Upload("file.txt", 7, digest, NOW)
    assert told(put(asked, f"/files/{name}", b""))[0] == 400


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_comes_instead_of_octets_too(what: str) -> None:
    asked = device()
    asked.faults.add(Rubbish(what=what, endpoints=frozenset({"ini"})))
    answer = get(asked, INI)
    assert (answer.status, answer.body != ini_of(device()).encode()) == (200, True)


def test_faults_hold_for_the_new_resources_by_name() -> None:
    asked = device()
    asked.faults.add(Drop(endpoints=frozenset({"ini/incremental"}), times=1))
    assert isinstance(send(asked, PARTIAL, sent_file("A = 1"), method="PUT").fault, Drop)
    assert "A = 1" not in ini_of(asked)
    assert json.loads(get(asked, "/actions").body)
    assert asked.counters.requests == {"ini/incremental": 1, "ini": 1, "actions": 1}
