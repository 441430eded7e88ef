"""A whole program in this process: it follows, tells, says how it is, and stops."""

import asyncio
import gc
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from app_parts import Receiver, fetch, free_port, running, settings_for, until
from pydantic import SecretStr
from sqlalchemy import text

from alarmbridge.app import Program, prepare_schema, run, spare_the_collector
from alarmbridge.core.errors import AlarmbridgeError, StoreError
from alarmbridge.settings.addresses import Listen
from alarmbridge.settings.models import (
    ApiSettings,
    DatabaseSettings,
    Settings,
    TokenSettings,
)
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import Silence
from alarmbridge.store.archive import Archive


async def test_a_raise_and_its_clear_reach_the_webhook(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        model = farm.devices["sim-1"].model
        number = model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        model.clear(farm.clock(), number)
        await until(lambda: receiver.told("cleared"))
    (raised,), (cleared,) = receiver.told("raised"), receiver.told("cleared")
    assert raised["alarm"]["id"] == cleared["alarm"]["id"]
    assert raised["device"]["name"] == "sim-1"
    assert raised["device"]["tags"] == {"site": "ams"}


async def test_a_sink_is_told_only_what_it_wants(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    wanted = {"min_severity": "major", "devices": "sim-2", "tags": {"site": "a*"}}
    async with running(settings_for(database, farm, receiver, **wanted)):
        for device in farm.devices.values():
            device.model.raise_alarm(farm.clock(), n=1, severity="Minor")
            device.model.raise_alarm(farm.clock(), n=2, severity="Major")
        await until(lambda: receiver.told("raised"))
        await until(lambda: all(one.counters.requests["history"] for one in farm.devices.values()))
    told = [(one["device"]["name"], one["alarm"]["severity"]) for one in receiver.told("raised")]
    assert told == [("sim-2", "major")]


async def test_the_wish_to_stop_ends_it_within_seconds(
    database: Path, farm: Farm, receiver: Receiver, stack: AsyncExitStack
) -> None:
    program = await Program.assemble(settings_for(database, farm, receiver), stack)
    task = asyncio.create_task(program.run())
    await until(lambda: all(device.counters.total for device in farm.devices.values()))
    program.stop.wish()
    await asyncio.wait_for(task, 4)


@pytest.mark.parametrize("error", [StoreError("the disk is full"), ZeroDivisionError("oh")])
async def test_a_lane_that_cannot_finish_leaves_no_other_unfinished(
    database: Path,
    farm: Farm,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    settings = settings_for(database, farm, receiver)
    (hook,) = settings.sinks
    other = hook.model_copy(update={"name": "other"})
    async with running(settings.model_copy(update={"sinks": (hook, other)})) as program:
        await until(lambda: farm.devices["sim-1"].counters.total)
        first, second = program._engine.lanes
        closed: list[str] = []
        finish_first, finish_second = first.finish, second.finish

        async def fail(within: float) -> None:
            await finish_first(within)
            raise error

        async def close(within: float) -> None:
            await asyncio.sleep(0.01)
            await finish_second(within)
            closed.append(second.name)

        first.finish, second.finish = fail, close  # type: ignore[method-assign]
    assert closed == ["sink other"]
    assert [record.name for record in caplog.records] == ["alarmbridge.runtime.life"]
    assert caplog.messages[0].startswith("sink hook: ")


async def test_a_device_that_keeps_silent_cannot_hold_up_the_end(
    database: Path, farm: Farm, receiver: Receiver, stack: AsyncExitStack
) -> None:
    farm.devices["sim-1"].faults.add(Silence())
    program = await Program.assemble(settings_for(database, farm, receiver), stack)
    task = asyncio.create_task(program.run())
    await until(lambda: farm.devices["sim-1"].counters.total)
    # It has not made a single step, and is missed all the same when it is overdue.
    assert {"sim-1", "sim-2", "sink hook", "self-report"} <= set(program._life.pulse._due)
    program.stop.wish()
    await asyncio.wait_for(task, 9)


async def test_run_ends_well_at_sigterm_and_lets_go_of_the_database(
    tmp_path: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "new.db", farm, receiver)
    for _ in range(2):
        before = farm.devices["sim-1"].counters.total
        task = asyncio.create_task(run(settings))
        await until(lambda before=before: farm.devices["sim-1"].counters.total > before)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 5)


def test_what_stays_until_the_end_is_not_looked_through_for_garbage() -> None:
    before = gc.get_threshold()
    # Another program in this process may have done the same before.
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    try:
        spare_the_collector()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() > (700, 10, 10)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


async def test_a_second_daemon_on_the_same_file_is_refused(
    tmp_path: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "new.db", farm, receiver)
    task = asyncio.create_task(run(settings))
    await until(lambda: farm.devices["sim-1"].counters.total)
    second = settings.model_copy(
        update={"api": ApiSettings(listen=Listen("127.0.0.1", free_port()))}
    )
    with pytest.raises(StoreError, match=r"Another alarmbridge \(process \d+\) works on this"):
        await run(second)
    assert not task.done()
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_a_port_in_use_is_refused_before_any_device_is_asked(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    taken = settings.api.listen
    server = await asyncio.start_server(lambda _, writer: writer.close(), taken.host, taken.port)
    async with server:
        with pytest.raises(AlarmbridgeError, match=f"api.listen: {taken} cannot be used: .*in use"):
            await run(settings)
    assert farm.devices["sim-1"].counters.total == 0
    task = asyncio.create_task(run(settings))
    await until(lambda: farm.devices["sim-1"].counters.total)
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_it_is_ready_once_its_loops_have_begun(
    database: Path, farm: Farm, receiver: Receiver, stack: AsyncExitStack
) -> None:
    settings = settings_for(database, farm, receiver)
    program = await Program.assemble(settings, stack)
    assert await fetch(settings, "/readyz") == (503, "the loops have not begun yet\n")
    task = asyncio.create_task(program.run())
    await until(lambda: farm.devices["sim-1"].counters.total)
    assert await fetch(settings, "/readyz") == (200, "ready\n")
    assert await fetch(settings, "/healthz") == (200, "alive\n")
    program.stop.wish()
    await task


async def test_a_loop_that_moves_no_longer_is_named_as_unready(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings) as program:
        await until(lambda: farm.devices["sim-1"].counters.total)
        program._life.pulse.beat("sink lost", -1000.0)
        assert await fetch(settings, "/readyz") == (503, "loop sink lost has stopped\n")


async def test_a_schema_changed_meanwhile_is_unready(
    database: Path, farm: Farm, receiver: Receiver, archive: Archive
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        await until(lambda: farm.devices["sim-1"].counters.total)
        async with archive.begin() as tx:
            await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        status, words = await fetch(settings, "/readyz")
    assert (status, "schema was changed" in words) == (503, True)


async def test_metrics_count_the_devices_by_how_they_are(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    farm.devices["sim-2"].login.change_password("another")
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        await until(lambda: receiver.told("raised"))
        _, metrics = await fetch(settings, "/metrics")
    assert 'alarmbridge_devices{health="well"} 1.0' in metrics
    assert 'alarmbridge_devices{health="deviceLoginFailed"} 1.0' in metrics
    assert 'alarmbridge_events_total{kind="raised"} 1.0' in metrics


async def test_with_tokens_the_metrics_are_for_those_who_have_one(
    database: Path, farm: Farm, receiver: Receiver, stack: AsyncExitStack
) -> None:
    settings = settings_for(database, farm, receiver)
    token = TokenSettings(name="noc", role="viewer", token=SecretStr("canary"))
    api = settings.api.model_copy(update={"tokens": (token,)})
    settings = settings.model_copy(update={"api": api})
    await Program.assemble(settings, stack)
    for given, expected in (("", 401), ("Bearer wrong", 401), ("Bearer canary", 200)):
        status, _ = await fetch(settings, "/metrics", Authorization=given)
        assert status == expected
    assert (await fetch(settings, "/healthz"))[0] == 200


async def test_the_schema_is_upgraded_only_where_that_is_allowed(tmp_path: Path) -> None:
    url = SecretStr(f"sqlite:///{tmp_path}/new.db")
    careful = Settings(database=DatabaseSettings(url=url, upgrade_at_start=False))
    with pytest.raises(StoreError, match="has no schema yet; run `alarmbridge db upgrade`"):
        await prepare_schema(careful)
    await prepare_schema(Settings(database=DatabaseSettings(url=url)))
    await prepare_schema(careful)
