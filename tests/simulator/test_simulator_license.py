"""License (guide 11)."""

import json

import pytest
from simulator_box import NOW, device, get, put, read, send, told

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.faults import Drop
from alarmbridge.simulator.request import sent_json

LICENSE = "/license"
SERIAL, KEY = "101780235059663", "jCx6r5tovCIKaBBbhPtT53Yj"
RESETTING = (200, "Device will reset now to activate new license")


def load(asked: Device, **attributes: object) -> tuple[int, str]:
    return told(send(asked, LICENSE, sent_json(attributes), method="PUT").answer)


def key_of(asked: Device, *, at: float = 0.0) -> object:
    return read(get(asked, LICENSE, at=at))["key"]


def test_a_license_is_shown_and_the_same_for_a_seed() -> None:
    shown = read(get(device(), LICENSE))
    assert (shown["licenseVersion"], shown["serialNumber"]) == (1, SERIAL)
    assert shown["keyDescription"].startswith("Key features: Board Type: Mediant SW ")
    assert read(get(device(), LICENSE)) == shown


def test_a_key_holds_after_the_reset() -> None:
    asked = device()
    before = read(get(asked, LICENSE))["keyDescription"]
    assert load(asked, licenseVersion=1, serialNumber=SERIAL, key=KEY) == RESETTING
    assert send(asked, LICENSE, at=1).fault == Drop()
    shown = read(get(asked, LICENSE, at=9))
    assert (shown["key"], shown["keyDescription"] != before) == (KEY, True)
    asked.model.reboot(NOW + 10)
    assert key_of(asked, at=10) == KEY


@pytest.mark.parametrize(
    "wrong",
    [
        {"serialNumber": "277522263687112"},
        {"key": ""},
        {"key": 7},
        {"key": "not a key!"},
        {"licenseVersion": 2},
        {"colour": "red"},
    ],
)
def test_a_wrong_license_is_refused(wrong: dict[str, object]) -> None:
    asked = device()
    good: dict[str, object] = {"serialNumber": SERIAL, "key": KEY}
    assert load(asked, **(good | wrong))[0] == 400
    assert key_of(asked, at=9) != KEY


def test_a_pair_takes_files_only() -> None:
    assert load(device(pair=True), key=KEY) == (
        409,
        "License key can't be applied to device in HA configuration. Use license file instead.",
    )


@pytest.mark.parametrize(
    "file",
    [
        f"; keys\n1234 aaaaaaaa\n{SERIAL} {KEY}\n",
        f"{SERIAL},{KEY}",
        f"{SERIAL} = {KEY} # mine",
        json.dumps(
            [{"serialNumber": "1", "key": "aaaaaaaa"}, {"serialNumber": SERIAL, "key": KEY}]
        ),
        json.dumps({"serialNumber": SERIAL, "key": KEY}),
    ],
)
def test_a_file_gives_each_device_its_key(file: str) -> None:
    asked = device()
    assert told(put(asked, LICENSE, file)) == RESETTING
    assert key_of(asked, at=9) == KEY


def test_a_file_may_have_the_redundant_units_key_too() -> None:
    asked = device(pair=True)
    put(asked, LICENSE, f"{SERIAL} {KEY}\n{SERIAL}-R RRRRRRRR\n")
    assert key_of(asked, at=9) == KEY
    asked.model.switch_over(NOW + 10)
    assert key_of(asked, at=10) == "RRRRRRRR"


@pytest.mark.parametrize(
    "wrong",
    ["", "1234 aaaaaaaa\n", "rubbish", f"{SERIAL} short", "{", "[7]", '{"key": "aaaaaaaa"}'],
)
def test_a_file_without_a_key_for_this_device_is_refused(wrong: str) -> None:
    assert told(put(device(), LICENSE, wrong))[0] == 400


def test_the_guides_words_for_a_file_are_those_of_a_software_load() -> None:
    answer = put(device(misprints=True), LICENSE, f"{SERIAL} {KEY}")
    assert told(answer) == (200, "Device will reset now to activate new software load")


def test_key_and_words_can_be_changed() -> None:
    asked = device()
    asked.model.box.license.change(key="aaaaaaaa", description="Key features: none")
    shown = read(get(asked, LICENSE))
    assert (shown["key"], shown["keyDescription"]) == ("aaaaaaaa", "Key features: none")
