"""`status`, `alarms`, `history`, `pm`: what a device says."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from alarmbridge.cli.device.door import ask
from alarmbridge.cli.options import AsJson, ConfigFile
from alarmbridge.cli.output import show_json, show_table, warn
from alarmbridge.core.reading import Reading
from alarmbridge.mediant.client import Table
from alarmbridge.mediant.details import read_each
from alarmbridge.mediant.measurements import Measured, Measurement
from alarmbridge.mediant.mediant import Mediant
from alarmbridge.mediant.paging import fetch_table

_INTERVALS = ("now", "the last 15 minutes", "the 15 minutes before")


def status(context: typer.Context, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show what the device says about itself."""
    report = ask(context, config, lambda mediant: mediant.inspector.fetch_status_report())
    said = asdict(report)
    others = said.pop("others")
    if as_json:
        show_json(said | {"others": others})
        return
    rows = [
        (name.replace("_", " "), None if value is None else str(value))
        for name, value in said.items()
    ]
    show_table(("WHAT", "TEXT"), rows + sorted(others.items()), empty="Nothing.")


def alarms(context: typer.Context, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show the alarms that are active on the device now, as it has them."""
    _show_table_of(context, config, Table.ACTIVE, as_json=as_json)


def history(context: typer.Context, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show the device's own history of alarms since it started, in its own order."""
    _show_table_of(context, config, Table.HISTORY, as_json=as_json)


def pm(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A measurement; else their names.")
    ] = None,
    index: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Of this index; repeatable; else all.")
    ] = None,
    interval: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=9, help="0 now, 1 the last quarter of an hour, 2 before it."
        ),
    ] = 0,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what the device measures, or the values of one measurement with its thresholds."""
    if name is None:
        names = ask(context, config, lambda mediant: mediant.inspector.list_measurements())
        for one in names:
            if as_json:
                show_json({"name": one})
            else:
                print(one)
        return
    measurement, found = ask(
        context, config, lambda mediant: _measure(mediant, name, index or (), interval)
    )
    if as_json:
        for value in found:
            show_json(
                asdict(value)
                | {
                    "low_threshold": measurement.low_threshold,
                    "high_threshold": measurement.high_threshold,
                }
            )
        return
    span = _INTERVALS[interval] if interval < len(_INTERVALS) else f"interval {interval}"
    low, high = map(_number, (measurement.low_threshold, measurement.high_threshold))
    print(f"{name}, {span}; thresholds: low {low or '-'}, high {high or '-'}")
    show_table(
        ("INDEX", "VALUE", "MIN", "MAX", "AVERAGE"),
        [
            (str(one.index), *map(_number, (one.value, one.minimum, one.maximum, one.average)))
            for one in found
        ],
        empty="It is kept for no index.",
    )


async def _measure(
    mediant: Mediant, name: str, indexes: Sequence[int], interval: int
) -> tuple[Measurement, list[Measured]]:
    measurement = await mediant.inspector.describe_measurement(name)
    return measurement, [
        await mediant.inspector.measure(name, one, interval)
        for one in indexes or measurement.indexes
    ]


def _show_table_of(
    context: typer.Context, config: ConfigFile, table: Table, *, as_json: bool
) -> None:
    async def read(mediant: Mediant) -> tuple[list[Reading], str | None]:
        listing = await fetch_table(mediant.alarms, table)
        fetch = {
            Table.ACTIVE: mediant.alarms.fetch_active,
            Table.HISTORY: mediant.alarms.fetch_history,
        }[table]
        details, _ = await read_each(fetch, [row.id for row in listing.rows])
        return [details[row.id] for row in listing.rows if row.id in details], listing.torn_reason

    readings, torn = ask(context, config, read)
    if torn is not None:
        warn(f"{context.obj}: the table moved while it was read, rows may be missing: {torn}")
    if as_json:
        for one in readings:
            show_json(asdict(one) | {"date": one.date and one.date.raw})
        return
    show_table(
        ("ID", "DATE", "SEVERITY", "SOURCE", "DESCRIPTION"),
        [
            (
                one.id,
                one.date.raw if one.date else None,
                "cleared" if one.cleared else one.severity,
                one.source,
                one.description,
            )
            for one in readings
        ],
        empty="No alarms.",
    )


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"
