"""Each race is told in the first comment of its test."""

from collections.abc import Mapping
from functools import partial

import pytest
from mediant_fakes import (
    ACTIVE,
    HISTORY,
    LAST_CHANGE,
    STATUS,
    FakeMediant,
    FakeTransport,
    answer,
    device_of,
    page,
)

from alarmbridge.core.errors import BadAnswer, LoginFailed
from alarmbridge.core.reading import Known, Row, Settled, Unsettled
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.survey import Opening, Surveyed, survey
from alarmbridge.mediant.transport import NO_QUERY, Answer

NOTHING = Known({}, {})


def history_of(*ids: str) -> list[tuple[str, str, str]]:
    return [(one, f"alarm {one}", f"2026-01-01T00:00:{n:02}Z") for n, one in enumerate(ids)]


def marks(*ids: str) -> dict[str, str]:
    return {one: f"alarm {one}" for one in ids}


async def survey_of(
    device: AlarmsClient, known: Known, *, second_over: bool = True, **bounds: int
) -> Surveyed:
    last_change = await device.fetch_last_change()
    status = await device.fetch_status()
    opening = Opening(last_change=last_change, status=status, second_over=second_over)
    return await survey(device, known, opening, **bounds)


async def sync(
    mediant: FakeMediant, known: Known = NOTHING, *, max_details: int = 200, active_cap: int = 120
) -> Surveyed:
    return await survey_of(
        device_of(FakeTransport(mediant.reply)),
        known,
        max_details=max_details,
        active_cap=active_cap,
    )


def settled(seen: Surveyed) -> Settled:
    assert isinstance(seen.snapshot, Settled), seen.snapshot
    return seen.snapshot


def unsettled(seen: Surveyed) -> Unsettled:
    assert isinstance(seen.snapshot, Unsettled), seen.snapshot
    return seen.snapshot


async def test_a_quiet_device_is_settled_and_complete() -> None:
    mediant = FakeMediant(active=marks("1", "2"), history=history_of("1", "2"))
    seen = settled(await sync(mediant))
    assert seen.complete
    assert seen.active == (Row("1", "alarm 1"), Row("2", "alarm 2"))
    assert set(seen.details) == set(seen.history_details) == {"1", "2"}
    assert [row.id for row in seen.history] == ["1", "2"]


async def test_only_news_is_read_whole() -> None:
    mediant = FakeMediant(active=marks("1", "2", "3"), history=history_of("1", "2"))
    transport = FakeTransport(mediant.reply)
    known = Known({"1": "alarm 1", "2": "another text"}, {"1": "alarm 1", "2": "another text"})
    seen = await survey_of(device_of(transport), known)
    assert set(settled(seen).details) == {"2", "3"}
    assert set(settled(seen).history_details) == {"2"}
    assert transport.count(f"{ACTIVE}/1") == transport.count(f"{HISTORY}/1") == 0


async def test_a_sync_that_verifies_reads_every_active_alarm() -> None:
    mediant = FakeMediant(active=marks("1", "2"))
    seen = await sync(mediant, Known(marks("1", "2"), {}, verify=True))
    assert set(settled(seen).details) == {"1", "2"}


async def test_verifying_takes_only_what_the_news_leave() -> None:
    mediant = FakeMediant(active=marks("1", "2", "3"))
    seen = await sync(mediant, Known(marks("1", "2"), {}, verify=True), max_details=2)
    assert set(settled(seen).details) == {"3", "1"}


async def test_empty_tables_without_a_last_change_are_settled() -> None:
    assert settled(await sync(FakeMediant(last_change=None)))


async def test_alarms_without_a_last_change_are_unsettled() -> None:
    # Firmware without lastChange answers 404 before and after a change alike.
    seen = await sync(FakeMediant(active=marks("1"), last_change=None))
    assert "no lastChange" in unsettled(seen).reason


@pytest.mark.parametrize("moment", [STATUS, ACTIVE, HISTORY, f"{ACTIVE}/1"])
async def test_a_table_that_moves_meanwhile_is_unsettled(moment: str) -> None:
    # Right after any of these was answered, alarm 2 comes up.
    mediant = FakeMediant(active=marks("1"))

    def raise_another() -> None:
        mediant.active["2"] = "alarm 2"
        mediant.last_change = "2026-01-01T00:00:01Z"

    mediant.after[moment] = raise_another
    assert "lastChange went from" in unsettled(await sync(mediant)).reason


async def test_a_second_that_is_not_over_is_unsettled() -> None:
    device = device_of(FakeTransport(FakeMediant(active=marks("1")).reply))
    seen = await survey_of(device, NOTHING, second_over=False)
    assert "second" in unsettled(seen).reason
    assert set(unsettled(seen).details) == {"1"}


async def test_a_list_at_the_cap_is_settled_but_not_complete() -> None:
    mediant = FakeMediant(active=marks("1", "2"))
    seen = settled(await sync(mediant, Known(marks("7"), {}), active_cap=2))
    assert not seen.complete
    assert seen.gone == {"7"}


async def test_a_held_alarm_that_the_list_lacks_is_asked_for_however_settled_the_list() -> None:
    mediant = FakeMediant(active=marks("1"))
    transport = FakeTransport(mediant.reply)
    seen = settled(await survey_of(device_of(transport), Known(marks("1", "7"), {})))
    assert (seen.complete, seen.gone) == (True, {"7"})
    assert (transport.count(f"{ACTIVE}/7"), transport.count(f"{ACTIVE}/1")) == (1, 0)


async def test_a_list_that_lacks_what_its_own_url_shows_is_unsettled() -> None:
    # The list skips alarm 7 though it stands, and lastChange never moves.
    mediant = FakeMediant(active=marks("1", "7"))

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return page(["1"]) if path == ACTIVE else mediant.reply(path, query)

    seen = unsettled(await survey_of(device_of(FakeTransport(reply)), Known(marks("1", "7"), {})))
    assert "active list left out 7" in seen.reason
    assert (seen.active, seen.gone) == ((Row("1", "alarm 1"), Row("7", "alarm 7")), frozenset())
    assert set(seen.details) == {"7"}


async def test_of_very_many_held_alarms_that_the_list_lacks_only_so_many_are_asked_for() -> None:
    transport = FakeTransport(FakeMediant().reply)
    seen = await survey_of(device_of(transport), Known(marks("7", "8", "9"), {}), max_details=2)
    assert settled(seen).gone == {"7", "8"}
    assert transport.count(f"{ACTIVE}/9") == 0


async def test_a_held_alarm_that_an_unsettled_list_lacks_proves_itself() -> None:
    # Alarm 7 clears for good. Alarm 8 is left out of the list by a torn read but stands, which
    # its own URL tells; a third change in the meantime keeps the read from settling.
    mediant = FakeMediant(active=marks("1"))

    def change_again() -> None:
        mediant.active["8"] = "alarm 8"
        mediant.last_change = "2026-01-01T00:00:01Z"

    mediant.after[ACTIVE] = change_again
    seen = unsettled(await sync(mediant, Known(marks("1", "7", "8"), {})))
    assert seen.gone == {"7"}
    assert seen.active == (Row("1", "alarm 1"), Row("8", "alarm 8"))
    assert set(seen.details) == {"8"}


async def test_a_new_alarm_that_goes_before_it_is_read_is_left_out() -> None:
    # Alarm 2 is listed, clears, and its detail is 404, all within one second of lastChange.
    mediant = FakeMediant(active=marks("1", "2"))
    mediant.after[ACTIVE] = partial(mediant.active.pop, "2")
    seen = unsettled(await sync(mediant))
    assert seen.active == (Row("1", "alarm 1"),)
    assert seen.gone == frozenset()


async def test_a_held_alarm_that_goes_before_it_is_read_is_gone_when_the_list_agrees() -> None:
    # Alarm 2 is listed with a new text, clears, and its own URL says so: the next read shows it.
    mediant = FakeMediant(active=marks("1", "2"))
    known = Known({"2": "an older text"}, {})
    mediant.after[ACTIVE] = partial(mediant.active.pop, "2")
    seen = unsettled(await sync(mediant, known))
    assert "went away while it was read" in seen.reason
    assert seen.active == (Row("1", "alarm 1"), Row("2", "alarm 2"))
    assert (set(seen.details), seen.gone) == ({"1"}, frozenset())
    assert settled(await sync(mediant, known)).gone == {"2"}


async def test_a_verified_alarm_that_is_listed_but_404_by_its_own_url_is_not_gone() -> None:
    # The device lists alarm 2 and denies it, for as long as it is asked.
    mediant = FakeMediant(active=marks("1"))

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return page(["1", "2"]) if path == ACTIVE else mediant.reply(path, query)

    known = Known(marks("1", "2"), {}, verify=True)
    seen = unsettled(await survey_of(device_of(FakeTransport(reply)), known))
    assert [row.id for row in seen.active] == ["1", "2"]
    assert (set(seen.details), seen.gone) == ({"1"}, frozenset())


async def test_a_history_list_without_any_known_row_is_doubted_by_asking_the_latest() -> None:
    # The list came back empty, though row 10 is where it was.
    mediant = FakeMediant(history=history_of("9", "10"))

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return answer(204) if path == HISTORY else mediant.reply(path, query)

    transport = FakeTransport(reply)
    seen = unsettled(await survey_of(device_of(transport), Known({}, marks("10", "9"))))
    assert "history list left out 10" in seen.reason
    assert not seen.anchor_gone
    assert (transport.count(f"{HISTORY}/10"), transport.count(f"{HISTORY}/9")) == (1, 0)


@pytest.mark.parametrize("now", [history_of("3"), [*history_of("3"), ("2", "another", "")]])
async def test_a_history_whose_known_rows_were_overwritten_is_settled_and_says_so(
    now: list[tuple[str, str, str]],
) -> None:
    # Row 2 is there no longer, or its id names something else that the list does not show yet.
    mediant = FakeMediant(history=now)

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return page(["3"]) if path == HISTORY else mediant.reply(path, query)

    seen = settled(await survey_of(device_of(FakeTransport(reply)), Known({}, marks("1", "2"))))
    assert seen.anchor_gone
    assert [row.id for row in seen.history] == ["3"]


async def test_a_history_list_that_shows_one_known_row_is_not_doubted() -> None:
    transport = FakeTransport(FakeMediant(history=history_of("2", "3")).reply)
    seen = settled(await survey_of(device_of(transport), Known({}, marks("1", "2"))))
    assert not seen.anchor_gone
    assert transport.count(f"{HISTORY}/1") == transport.count(f"{HISTORY}/2") == 0


async def test_a_history_row_that_is_evicted_meanwhile_is_left_out() -> None:
    # The ring overwrites row 1 between the list and its detail.
    mediant = FakeMediant(history=history_of("1", "2", "3"))
    mediant.after[HISTORY] = partial(mediant.history.pop, 0)
    seen = settled(await sync(mediant))
    assert [row.id for row in seen.history] == ["2", "3"]
    assert set(seen.history_details) == {"2", "3"}


@pytest.mark.parametrize("change", [{"uptime": 3}, {"serial_number": "2"}])
async def test_a_read_across_a_restart_is_no_read(change: Mapping[str, object]) -> None:
    # The device restarts after the active list was read, so that its history is a new one.
    mediant = FakeMediant(active=marks("1"))

    def restart() -> None:
        mediant.last_change = None
        for name, value in change.items():
            setattr(mediant, name, value)

    mediant.after[ACTIVE] = restart
    with pytest.raises(BadAnswer, match="sbc-1 restarted"):
        await sync(mediant)


@pytest.mark.parametrize("table", [ACTIVE, HISTORY])
async def test_a_torn_table_is_unsettled_and_says_which(table: str) -> None:
    mediant = FakeMediant(active=marks("1"), history=history_of("1"))

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return page(["1", "1"]) if path == table else mediant.reply(path, query)

    device = device_of(FakeTransport(reply))
    seen = await survey_of(device, NOTHING)
    assert table.rsplit("/", 1)[1] in unsettled(seen).reason


async def test_a_table_without_cursor_is_unsettled() -> None:
    mediant = FakeMediant()

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return page(["1"], None) if path == HISTORY else mediant.reply(path, query)

    device = device_of(FakeTransport(reply))
    seen = await survey_of(device, Known({}, marks("1")))
    assert "without a cursor" in unsettled(seen).reason


async def test_details_are_bounded_and_active_alarms_come_first() -> None:
    mediant = FakeMediant(active=marks("1", "2"), history=history_of("1", "2", "3", "4"))
    seen = await sync(mediant, Known({}, {}, newest_last=True), max_details=3)
    assert set(seen.snapshot.details) == {"1", "2"}
    assert set(seen.snapshot.history_details) == {"1"}
    assert unsettled(seen).reason == "more to read: 3 alarms"


@pytest.mark.parametrize("newest_last", [True, False])
async def test_a_long_history_is_read_from_its_oldest_row_whichever_way_it_runs(
    newest_last: bool,
) -> None:
    ids = [str(n) for n in range(10)]
    mediant = FakeMediant(history=history_of(*ids), newest_last=newest_last)
    told: list[str] = []
    learnt: bool | None = None
    for _ in range(20):
        seen = await sync(mediant, Known({}, marks(*told), newest_last=learnt), max_details=4)
        assert [row.id for row in seen.snapshot.history] == ids
        told += [row.id for row in seen.snapshot.history if row.id in seen.snapshot.history_details]
        learnt = seen.newest_last if seen.newest_last is not None else learnt
        if isinstance(seen.snapshot, Settled):
            break
    assert told == ids
    assert learnt is newest_last


async def test_the_direction_is_remembered_where_a_read_does_not_show_it() -> None:
    mediant = FakeMediant(history=history_of("1", "2"), newest_last=False)
    seen = await sync(mediant, Known({}, marks("1", "2"), newest_last=False))
    assert [row.id for row in seen.snapshot.history] == ["1", "2"]
    assert seen.newest_last is None


@pytest.mark.parametrize("newest_last", [True, False])
async def test_without_any_evidence_ids_are_taken_to_rise_but_nothing_is_learnt(
    newest_last: bool,
) -> None:
    history = [("1", "alarm 1", ""), ("2", "alarm 2", "")]
    seen = await sync(FakeMediant(history=history, newest_last=newest_last))
    assert [row.id for row in seen.snapshot.history] == ["1", "2"]
    assert seen.newest_last is None


@pytest.mark.parametrize("newest_last", [True, False])
async def test_the_dates_decide_where_place_and_memory_contradict(newest_last: bool) -> None:
    # Row "a" could not be told at the last sync and so counts as new, at the old end or the new.
    mediant = FakeMediant(history=history_of("a", "b", "c"), newest_last=newest_last)
    seen = await sync(mediant, Known({}, marks("b", "c"), newest_last=newest_last))
    assert [row.id for row in seen.snapshot.history] == ["a", "b", "c"]
    assert set(seen.snapshot.history_details) == {"a"}
    assert seen.newest_last is newest_last


async def test_one_failing_detail_fails_the_read_and_stops_the_others() -> None:
    mediant = FakeMediant(active=marks(*(str(n) for n in range(50))))

    class Refusing(FakeTransport):
        async def get(self, path: str, query: Mapping[str, str] = NO_QUERY) -> Answer:
            if path == f"{ACTIVE}/0":
                raise LoginFailed("sbc-1 refused")
            return await super().get(path, query)

    transport = Refusing(mediant.reply)
    with pytest.raises(LoginFailed):
        await survey_of(device_of(transport), NOTHING)
    assert transport.count(LAST_CHANGE) == 1


async def test_a_failed_read_is_never_half_a_snapshot() -> None:
    mediant = FakeMediant(active=marks("1"))

    def reply(path: str, query: Mapping[str, str]) -> Answer:
        return answer(503) if path == HISTORY else mediant.reply(path, query)

    with pytest.raises(BadAnswer, match="503"):
        await survey_of(device_of(FakeTransport(reply)), NOTHING)
