"""Branches: the next places of a list, asked for each of several values alone.

No planner does that for an IN by itself: it would read all that fits, and sort it. Written as one
statement for each branch it would take longer to put into words than to answer. So the values go in
as JSON, and the database asks for each of them: PostgreSQL by LATERAL, SQLite by a JSON array for
each branch, which is made of the index alone. Alarms are asked for by pairs of a device and a
severity, events and deliveries by one value: a device, an alarm, a sink.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SelectBase,
    Text,
    column,
    literal,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias

from alarmbridge.store.column_types import Instant

DEVICE: ColumnElement[int] = literal_column("CAST(device.value AS BIGINT)")
SEVERITY: ColumnElement[str] = literal_column("severity.value", Text)
"""The pair that a branch of alarms is of, for its conditions."""

_WANTED: ColumnElement[str] = literal_column("wanted.value", Text)


class _Branches(FunctionElement[Any]):
    """Give the rows (at, id) of a branch for each of some devices and severities."""

    inherit_cache = True
    name = "branches"


def branches_of(
    devices: ColumnElement[str], severities: ColumnElement[str], branch: Select[Any]
) -> TableValuedAlias:
    """Make a table of the columns `at` and `id` from what each branch gives.

    devices, severities: JSON arrays as text. branch: selects `at` and `id`, in order, not too many.
    """
    made = _Branches(devices, severities, branch.scalar_subquery())
    return made.table_valued(column("at", Instant), column("id", Text), name="branches")


class _Numbers(FunctionElement[Any]):
    """Give the rows (id) of a branch for each of some values."""

    inherit_cache = True
    name = "numbers"


def one_of(values: Collection[str]) -> ColumnElement[str]:
    """Give the only value that is asked for; of several, the one that a branch is of."""
    only, *more = set(values)
    return _WANTED if more else literal(only, Text)


def newest_of(values: Collection[str], branch: SelectBase, *, limit: int) -> Select[Any]:
    """Select the largest numbers of what all branches give.

    values: each has a branch, once. branch: selects `id`, the first so many of `one_of` them.
    """
    array = literal(json.dumps(sorted(set(values))), Text)
    made = _Numbers(array, branch.scalar_subquery())
    table = made.table_valued(column("id", BigInteger), name="numbers")
    return select(table.c.id).order_by(table.c.id.desc()).limit(limit)


@compiles(_Branches, "postgresql")
def _lateral(element: _Branches, compiler: SQLCompiler, **kw: Any) -> str:
    devices, severities, branch = (compiler.process(one, **kw) for one in element.clauses)
    return (
        "(SELECT branch.at, branch.id"  # noqa: S608 - made of compiled SQL alone
        f" FROM json_array_elements_text(CAST(CAST({devices} AS TEXT) AS JSON)) AS device(value)"
        " CROSS JOIN"
        f" json_array_elements_text(CAST(CAST({severities} AS TEXT) AS JSON)) AS severity(value)"
        f" CROSS JOIN LATERAL {branch} AS branch)"
    )


@compiles(_Branches, "sqlite")
def _arrays(element: _Branches, compiler: SQLCompiler, **kw: Any) -> str:
    devices, severities, branch = (compiler.process(one, **kw) for one in element.clauses)
    # A moment is 27 characters, see `Instant`.
    return (
        "(SELECT substr(place.value, 1, 27) AS at, substr(place.value, 28) AS id"  # noqa: S608 - see above
        f" FROM json_each({devices}) AS device CROSS JOIN json_each({severities}) AS severity"
        " CROSS JOIN json_each((SELECT json_group_array(branch.at || branch.id)"
        f" FROM {branch} AS branch)) AS place)"
    )


@compiles(_Numbers, "postgresql")
def _lateral_numbers(element: _Numbers, compiler: SQLCompiler, **kw: Any) -> str:
    values, branch = (compiler.process(one, **kw) for one in element.clauses)
    return (
        "(SELECT branch.id"  # noqa: S608 - made of compiled SQL alone
        f" FROM json_array_elements_text(CAST(CAST({values} AS TEXT) AS JSON)) AS wanted(value)"
        f" CROSS JOIN LATERAL {branch} AS branch)"
    )


@compiles(_Numbers, "sqlite")
def _arrays_of_numbers(element: _Numbers, compiler: SQLCompiler, **kw: Any) -> str:
    values, branch = (compiler.process(one, **kw) for one in element.clauses)
    return (
        "(SELECT place.value AS id"  # noqa: S608 - made of compiled SQL alone
        f" FROM json_each({values}) AS wanted CROSS JOIN json_each((SELECT"
        f" json_group_array(branch.id) FROM {branch} AS branch)) AS place)"
    )
