"""What the model shows and what it says is true agree, and both are as the guide has them."""

import json
import time
from random import Random
from typing import Any

import pytest

from alarmbridge.simulator.bodies import Identity
from alarmbridge.simulator.habits import Habits, altered, draw_habits
from alarmbridge.simulator.model import LAST_CHANGE, Mediant, endpoint_of
from alarmbridge.simulator.repertoire import KINDS

ACTIVE, HISTORY, STATUS = "/api/v1/alarms/active", "/api/v1/alarms/history", "/api/v1/status"
MARCH_2010 = 1267484400.0
JANUARY_2010 = 1263749355.0
JUNE_2016 = 1465488000.0

GUIDE_PAGE = b"""{
  "alarms": [
    {
      "id": "1",
      "description": "Trunk is down",
      "url": "/api/v1/alarms/active/1"
    },
    {
      "id": "2",
      "description": "Device will explode in 15 min",
      "url": "/api/v1/alarms/active/2"
    }
  ],
  "cursor": {
    "after": "2",
    "before": "-1"
  }
}"""

GUIDE_SECOND_PAGE = b"""{
  "alarms": [
    {
      "id": "3",
      "description": "Intrusion detected",
      "url": "/api/v1/alarms/active/3"
    }
  ],
  "cursor": {
    "after": "-1",
    "before": "3"
  }
}"""

GUIDE_ALARM = b"""{
  "id": "1",
  "description": "Trunk is down",
  "severity": "Major",
  "source": "Board#1",
  "date": "2010-03-01T23:00:00.000Z",
  "url": "/api/v1/alarms/active/1"
}"""

GUIDE_STATUS = b"""{
  "localTimeStamp": "2010-01-17T17:29:15.000Z",
  "ipAddress": "10.4.219.229",
  "subnetMask": "255.255.0.0",
  "defaultGateway": "10.4.0.1",
  "productType": "Mediant SW",
  "versionID": "7.20A.200.014",
  "protocolType": "SIP",
  "operationalState": "UNLOCKED",
  "highAvailability": "Not Operational",
  "serialNumber": "101780235059663",
  "macAddress": "fa163e6e7e1d",
  "systemUpTime": 161446
}"""


def guide_device() -> Mediant:
    device = Mediant("guide", habits=Habits(page_cap=2))
    for text in ("Trunk is down", "Device will explode in 15 min", "Intrusion detected"):
        device.raise_alarm(MARCH_2010, severity="Major", source="Board#1", description=text)
    return device


def get(device: Mediant, path: str, now: float = JUNE_2016, **query: str) -> dict[str, Any]:
    """Ask and decode an answer that has a body."""
    answered: dict[str, Any] = json.loads(device.answer(path, query, now).body)
    return answered


def test_the_guides_pages_are_reproduced_to_the_byte() -> None:
    device = guide_device()
    assert device.answer(ACTIVE, {}, 0).body == GUIDE_PAGE
    assert device.answer(ACTIVE, {"after": "2"}, 0).body == GUIDE_SECOND_PAGE
    assert device.answer(ACTIVE, {"after": "3"}, 0).status == 204


def test_the_history_has_the_guides_urls_and_its_own() -> None:
    device = guide_device()
    assert device.answer(HISTORY, {}, 0).body == GUIDE_PAGE
    assert get(device, f"{HISTORY}/1")["url"] == "/api/v1/alarms/history/1"


def test_the_guides_alarm_is_reproduced_to_the_byte() -> None:
    assert guide_device().answer(f"{ACTIVE}/1", {}, 0).body == GUIDE_ALARM


def test_the_guides_status_is_reproduced_to_the_byte() -> None:
    device = Mediant("guide", now=JANUARY_2010 - 161446)
    assert device.answer(STATUS, {}, JANUARY_2010).body == GUIDE_STATUS


def test_the_guides_last_change_is_reproduced_to_the_byte() -> None:
    device = Mediant("guide")
    device.raise_alarm(JUNE_2016 + 0.9)
    assert device.answer(LAST_CHANGE, {}, 0).body == (
        b'{\n  "lastChange": "2016-06-09 19:00:00+03:00"\n}'
    )


def test_the_folders_are_valid_json() -> None:
    device = Mediant("d1")
    assert get(device, "/api")["versions"][0]["url"] == "/api/v1"
    assert [item["id"] for item in get(device, "/api/v1")["items"]][1] == "alarms"
    assert [item["id"] for item in get(device, "/api/v1/alarms")["alarms"]] == ["active", "history"]


def test_what_is_not_there_is_a_404() -> None:
    device = guide_device()
    for path in ("/", "/api/v2", f"{ACTIVE}/4", f"{ACTIVE}/01", f"{ACTIVE}/x", f"{HISTORY}/1/2"):
        assert device.answer(path, {}, 0).status == 404, path


def test_an_endpoint_is_named_with_and_without_a_slash() -> None:
    assert endpoint_of(f"{ACTIVE}/") == "active"
    assert endpoint_of(f"{ACTIVE}/7") == "active/id"
    assert endpoint_of(LAST_CHANGE) == "lastChange"
    assert endpoint_of("/api/v1/files/") == "files"
    assert endpoint_of("/api/v1/elsewhere") == "unknown"


def test_before_the_first_change_there_is_no_last_change() -> None:
    assert Mediant("d1").answer(LAST_CHANGE, {}, 0).status == 404


def test_two_changes_in_one_second_carry_the_same_last_change() -> None:
    device = Mediant("d1")
    device.raise_alarm(100.1)
    first = device.answer(LAST_CHANGE, {}, 100.2)
    device.raise_alarm(100.9)
    assert device.answer(LAST_CHANGE, {}, 100.95) == first
    device.raise_alarm(101.0)
    assert device.answer(LAST_CHANGE, {}, 101.0) != first


def test_the_oid_comes_only_when_asked_for() -> None:
    device = Mediant("d1")
    device.raise_alarm(0, "acBoardEthernetLinkAlarm")
    assert "oid" not in get(device, f"{ACTIVE}/1")
    assert get(device, f"{ACTIVE}/1", oid="1")["oid"] == "1.3.6.1.4.1.5003.9.10.1.21.2.0.10"


def test_a_clear_leaves_the_active_table_and_adds_a_row_to_the_history() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(10, "acBoardEthernetLinkAlarm", n=2)
    device.clear(20, alarm)
    assert device.answer(ACTIVE, {}, 21).status == 204
    assert get(device, f"{HISTORY}/2") == {
        "id": "2",
        "description": "Ethernet link alarm. LAN port number 2 link is up.",
        "severity": "Cleared",
        "source": "Board#1/EthernetLink#2",
        "date": "1970-01-01T00:00:20.000Z",
        "url": "/api/v1/alarms/history/2",
    }


def test_without_clear_rows_the_history_shows_raises_only() -> None:
    device = Mediant("d1", habits=Habits(clear_rows=False))
    device.clear(2, device.raise_alarm(1))
    assert device.history_count == 1
    assert device.truth[-1].history_id is None


def test_shared_history_ids_agree_with_those_of_the_active_table() -> None:
    device = Mediant("d1", habits=Habits(history_ids="shared", sparse_ids=True), seed=4)
    device.clear(2, device.raise_alarm(1))
    device.raise_alarm(3)
    raised, cleared, again = device.truth
    assert raised.history_id == raised.device_alarm_id
    assert again.history_id == again.device_alarm_id
    assert int(raised.history_id or 0) < int(cleared.history_id or 0) < int(again.history_id or 0)


def test_the_truth_tells_every_transition_in_order() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(1.5)
    device.change(2.5, alarm)
    device.clear(3.5, alarm)
    told = [(entry.number, entry.kind, entry.at, entry.alarm) for entry in device.truth]
    assert told == [(0, "raised", 1.5, 1), (1, "changed", 2.5, 1), (2, "cleared", 3.5, 1)]
    assert device.standing == {}


def test_each_transition_has_a_token_of_its_own() -> None:
    device = Mediant("d3", tokens=True)
    alarm = device.raise_alarm(1, description="Trunk is down")
    device.change(2, alarm, description="Trunk is still down")
    device.clear(3, alarm, description="Trunk is up")
    assert [entry.description for entry in device.truth] == [
        "Trunk is down [d3-e0-0]",
        "Trunk is still down [d3-e0-1]",
        "Trunk is up [d3-e0-2]",
    ]


def test_a_change_in_place_shows_in_the_active_table_and_not_in_the_history() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(1, "acCertificateExpiryAlarm", n=0, m=11)
    device.change(2, alarm, severity="Major")
    device.change(3, alarm)
    row = get(device, f"{ACTIVE}/1")
    assert (row["severity"], row["description"][-6:]) == ("Major", "7 days")
    assert row["date"].startswith("1970-01-01T00:00:01")
    assert get(device, f"{HISTORY}/1")["severity"] == "Minor"


def test_a_change_in_place_may_leave_last_change_as_it_was() -> None:
    device = Mediant("d1", habits=Habits(changes_move_last_change=False))
    alarm = device.raise_alarm(1)
    before = device.answer(LAST_CHANGE, {}, 5)
    device.change(5, alarm)
    assert device.answer(LAST_CHANGE, {}, 6) == before


def test_an_escalation_is_a_clear_and_a_raise_of_the_same_thing() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(1, "acIDSPolicyAlarm")
    number = device.escalate(5, alarm, "Major")
    _, cleared, raised = device.truth
    assert (cleared.kind, cleared.severity, cleared.reason) == ("cleared", "Minor", "escalation")
    assert (raised.kind, raised.severity, raised.follows) == ("raised", "Major", alarm)
    assert (raised.oid, raised.source, raised.at) == (cleared.oid, cleared.source, cleared.at)
    assert list(device.standing) == [number]


def test_a_reboot_forgets_and_starts_over() -> None:
    device = Mediant("d1", now=0)
    device.raise_alarm(10)
    assert device.reboot(100) == {}
    assert device.answer(LAST_CHANGE, {}, 101).status == 404
    assert device.answer(HISTORY, {}, 101).status == 204
    assert get(device, STATUS, 101.0)["systemUpTime"] == 1
    device.raise_alarm(102)
    assert (device.truth[-1].device_alarm_id, device.truth[-1].epoch) == ("1", 1)


def test_the_truth_has_a_clear_for_what_a_reboot_took() -> None:
    device = Mediant("d1")
    device.raise_alarm(10)
    device.reboot(100)
    cleared = device.truth[-1]
    assert (cleared.kind, cleared.reason, cleared.history_id) == ("cleared", "restart", None)
    assert (cleared.epoch, cleared.description) == (0, "")


def test_alarms_kept_over_a_reboot_have_the_same_ids_and_new_dates() -> None:
    device = Mediant("d1")
    first, second = device.raise_alarm(10), device.raise_alarm(11)
    kept = device.reboot(100, keep=[second])
    assert kept == {second: 3}
    assert not device.stands(first)
    assert get(device, f"{ACTIVE}/2")["date"] == "1970-01-01T00:01:40.000Z"
    assert device.answer(LAST_CHANGE, {}, 101).status == 404
    assert (device.truth[-1].follows, device.truth[-1].reason) == (second, "restart")
    device.raise_alarm(102)
    assert device.truth[-1].device_alarm_id == "3"


def test_a_switch_over_shows_another_serial_number_and_the_same_alarms() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(10)
    before = device.answer(f"{ACTIVE}/1", {}, 10)
    device.change_serial(100, uptime=7)
    shown = get(device, STATUS, 100.0)
    assert (shown["serialNumber"], shown["systemUpTime"]) == ("101780235059663-R", 7)
    assert device.answer(f"{ACTIVE}/1", {}, 101) == before
    assert device.stands(alarm)
    device.change_serial(200)
    assert device.identity.serial_number == "101780235059663"


def test_a_stepped_clock_dates_what_comes_after() -> None:
    device = Mediant("d1")
    device.clock_step(-3600)
    device.raise_alarm(7200)
    assert get(device, f"{ACTIVE}/1")["date"] == "1970-01-01T01:00:00.000Z"
    assert (device.truth[0].at, device.truth[0].device_at) == (7200, 3600)


def test_another_zone_spells_the_same_last_change_otherwise() -> None:
    device = Mediant("d1")
    device.raise_alarm(JUNE_2016)
    device.change_zone(120)
    assert get(device, LAST_CHANGE) == {"lastChange": "2016-06-09 18:00:00+02:00"}


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("utc", "2016-06-09T16:00:00.000Z"),
        ("local_z", "2016-06-09T19:00:00.000Z"),
        ("offset", "2016-06-09T19:00:00+03:00"),
        ("offset_space", "2016-06-09 19:00:00+03:00"),
        ("bare", "2016-06-09T19:00:00"),
    ],
)
def test_every_style_of_time_names_the_moment_in_its_way(style: str, text: str) -> None:
    device = Mediant("d1", habits=altered(Habits(), {"date_time": style, "status_time": style}))
    device.raise_alarm(JUNE_2016)
    assert get(device, f"{ACTIVE}/1")["date"] == text
    assert get(device, STATUS)["localTimeStamp"] == text


def test_uptime_counts_seconds_or_hundredths() -> None:
    device = Mediant("d1", now=0, habits=Habits(uptime_unit="hundredths"))
    assert get(device, STATUS, 12.5)["systemUpTime"] == 1250


def test_a_full_ring_overwrites_its_oldest_row_and_the_truth_knows_when() -> None:
    device = Mediant("d1", habits=Habits(history_cap=2))
    for second in (1, 2, 3):
        device.raise_alarm(second)
    assert device.answer(f"{HISTORY}/1", {}, 4).status == 404
    evicted = device.chronicle.evictions
    assert {n: (gone.at, gone.reason) for n, gone in evicted.items()} == {0: (3, "ring")}


def test_a_reboot_evicts_what_the_history_held() -> None:
    device = Mediant("d1")
    device.raise_alarm(1)
    device.reboot(9)
    assert device.chronicle.evictions[0].reason == "restart"


def test_a_full_active_table_drops_newcomers_that_the_history_still_shows() -> None:
    device = Mediant("d1", habits=Habits(active_cap=1))
    device.raise_alarm(1)
    hidden = device.raise_alarm(2)
    assert device.active_count == 1
    assert device.truth[-1].device_alarm_id is None
    device.clear(3, hidden)
    assert device.history_count == 3


def test_a_full_active_table_may_let_newcomers_wait() -> None:
    device = Mediant("d1", habits=Habits(active_cap=1, overflow="wait"))
    first, waiting = device.raise_alarm(1), device.raise_alarm(2)
    device.change(3, waiting, description="waits")
    device.clear(4, first)
    assert [row["description"] for row in get(device, ACTIVE)["alarms"]] == ["waits"]


def test_details_may_be_missing() -> None:
    device = Mediant("d1", habits=Habits(without_oid=1, without_source=1, without_date=1))
    device.raise_alarm(1)
    assert set(get(device, f"{ACTIVE}/1", oid="1")) == {"id", "description", "severity", "url"}
    raised = device.truth[0]
    assert (raised.oid, raised.source, raised.dated) == (None, None, False)


def test_severities_urls_and_extra_fields_follow_habits() -> None:
    habits = Habits(severity_case="upper", url_prefix="http://evil.example", extra_fields=True)
    device = Mediant("d1", habits=habits)
    device.raise_alarm(1, severity="Major")
    row = get(device, f"{ACTIVE}/1")
    assert (row["severity"], row["additionalInfo1"]) == ("MAJOR", "")
    assert get(device, ACTIVE)["alarms"][0]["url"] == "http://evil.example/api/v1/alarms/active/1"
    assert get(device, STATUS)["osType"] == "Linux"


def test_an_empty_list_may_be_a_200_and_an_error_may_have_a_body() -> None:
    device = Mediant("d1", habits=Habits(empty_list="empty", error_body="json"))
    assert get(device, ACTIVE) == {"alarms": [], "cursor": {"after": "-1", "before": "-1"}}
    assert get(device, f"{ACTIVE}/1") == {"error": "404"}


def test_any_text_survives_as_json() -> None:
    device = Mediant("d1")
    text = 'quote " slash \\ umlaut ü NUL \x00 lone \ud800 line\n'
    device.raise_alarm(1, description=text)
    assert get(device, f"{ACTIVE}/1")["description"] == text


def test_a_trap_springs_right_after_the_nth_answer() -> None:
    device = Mediant("d1", habits=Habits(page_cap=1))
    alarm = device.raise_alarm(1)
    device.raise_alarm(1)
    device.trap("active", 2, lambda now: device.clear(now, alarm))
    assert get(device, ACTIVE)["alarms"][0]["id"] == "1"
    assert get(device, ACTIVE)["alarms"][0]["id"] == "1"
    assert get(device, ACTIVE)["alarms"][0]["id"] == "2"


def test_a_trap_is_set_for_an_endpoint_that_exists() -> None:
    with pytest.raises(ValueError, match="unknown endpoint"):
        Mediant("d1").trap("nowhere", 1, print)


def test_what_does_not_stand_cannot_be_cleared() -> None:
    device = Mediant("d1")
    alarm = device.raise_alarm(1)
    device.clear(2, alarm)
    with pytest.raises(ValueError, match="does not stand"):
        device.clear(3, alarm)


def test_a_kind_must_be_known_and_a_change_must_say_something() -> None:
    device = Mediant("d1")
    with pytest.raises(ValueError, match="unknown kind"):
        device.raise_alarm(1, "acNoSuchAlarm")
    with pytest.raises(ValueError, match="no second text"):
        device.change(2, device.raise_alarm(1, "acBoardCallResourcesAlarm"))


def test_habits_from_outside_are_checked() -> None:
    assert altered(Habits(), {"without_oid": 1}).without_oid == 1
    for wrong in ({"no_such": 1}, {"cursor": "tape"}, {"page_cap": "5"}, {"clear_rows": 1}):
        with pytest.raises(ValueError, match=r"habit|must be"):
            altered(Habits(), wrong)


def test_a_device_that_learns_other_ids_uses_none_twice() -> None:
    device = Mediant("d1")
    for second in range(5):
        device.clear(second, device.raise_alarm(second))
    for way in ("shared", "own"):
        device.habits = altered(device.habits, {"history_ids": way})
        device.clear(9, device.raise_alarm(9))
    ids = [entry.history_id for entry in device.truth]
    assert len(set(ids)) == len(ids)


def test_the_same_seed_gives_the_same_device() -> None:
    def life(seed: int) -> list[str]:
        device = Mediant("d1", seed=seed, habits=draw_habits(Random(seed)), tokens=True)
        for second, kind in enumerate(KINDS):
            alarm = device.raise_alarm(second, kind)
            if second % 3:
                device.clear(second, alarm)
        return [repr(entry) for entry in device.truth]

    assert life(3) == life(3)
    assert life(3) != life(4)


def test_the_default_identity_is_the_guides() -> None:
    assert Identity().address == "10.4.219.229"


def test_an_idle_answer_takes_less_than_ten_microseconds() -> None:
    device = Mediant("d1")
    device.raise_alarm(1)
    started = time.process_time()
    for _ in range(10_000):
        device.answer(LAST_CHANGE, {}, 2)
    each = (time.process_time() - started) / 10_000
    print(f"{each * 1e6:.2f} microseconds")
    assert each < 10e-6
