"""`sinks`: trying one, and telling one again what stands."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from alarmbridge.cli.options import AsJson, ConfigFile, login_name, opened, settings_of, wait_for
from alarmbridge.cli.output import show_json, show_table
from alarmbridge.core.errors import ConfigError
from alarmbridge.core.resync import Resync, plan_resync
from alarmbridge.settings.models import Settings
from alarmbridge.sinks.base import SinkConfig
from alarmbridge.sinks.registry import make_sink
from alarmbridge.store.operator_actions import SINK_RESYNC, note
from alarmbridge.store.resync import list_accounts, save_resync
from alarmbridge.translation import subscription_of
from alarmbridge.trial import try_sink

app = typer.Typer(
    help="The destinations: try one, tell one again what stands.", no_args_is_help=True
)

SinkName = Annotated[str, typer.Argument(metavar="NAME", help="A sink of the configuration.")]


@app.command("test")
def try_one(name: SinkName, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Raise a marked alarm at a sink and clear it again, and show what the far end answers.

    By the real way of a delivery, but for the sink's filters and rules; nothing is kept of it.
    """
    sink = _find(settings_of(config), name)

    async def work() -> bool:
        well = True
        async for tried in try_sink(sink):
            well = well and tried.accepted
            if as_json:
                show_json({"event": tried.kind, "accepted": tried.accepted, "answer": tried.words})
            else:
                print(f"{tried.kind}: {'accepted' if tried.accepted else 'failed'}: {tried.words}")
        return well

    if not asyncio.run(work()):
        raise typer.Exit(1)


@app.command("resync")
def resync(
    name: SinkName,
    config: ConfigFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell a sink again what stands, and close what is open there and stands no longer.

    For a far end that was set up anew or has lost its state. A running daemon sends it within a
    second or two.
    """
    sink = _find(settings_of(config), name)
    subscription = subscription_of(sink, make_sink(sink))

    async def work() -> tuple[Resync, ...]:
        async with opened(config) as archive:
            if dry_run:
                async with archive.read() as tx:
                    return plan_resync(await list_accounts(tx, name), subscription)
            async with archive.begin() as tx:
                planned = plan_resync(await list_accounts(tx, name), subscription)
                now = datetime.now(UTC)
                await save_resync(tx, planned, subscription, now=now)
                if planned:
                    await note(tx, SINK_RESYNC, who=login_name(), now=now, target=name)
                return planned

    planned = wait_for(work())
    if as_json:
        for one in planned:
            show_json(_as_json(one))
        return
    show_table(
        ("STEP", "DEVICE", "SEVERITY", "SOURCE", "DESCRIPTION", "WHY"),
        [
            (
                one.step.value,
                one.account.alarm.device or "alarmbridge",
                one.account.alarm.severity.value,
                one.account.alarm.source,
                one.account.alarm.description,
                one.reason,
            )
            for one in planned
        ],
        empty="There is nothing to tell.",
    )
    if planned and not dry_run:
        print(f"Deliveries owed: {len(planned)}.")


def _find(settings: Settings, name: str) -> SinkConfig:
    found = next((sink for sink in settings.sinks if sink.name == name), None)
    if found is None:
        known = ", ".join(sink.name for sink in settings.sinks) or "none"
        raise ConfigError([f"there is no sink {name!r}; there are: {known}"])
    return found


def _as_json(one: Resync) -> dict[str, object]:
    alarm = one.account.alarm
    return {
        "step": one.step.value,
        "alarm_id": alarm.id,
        "device": alarm.device or None,
        "severity": alarm.severity.value,
        "description": alarm.description,
        "reason": one.reason,
    }
