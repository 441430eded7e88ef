"""Branches: the next places of a list, asked for each device and severity alone.

No planner does that for an IN by itself: it would read all that fits, and sort it. Written as one
statement for each branch it would take longer to put into words than to answer. So the devices and
severities go in as JSON, and the database asks for each pair of them: PostgreSQL by LATERAL, SQLite
by a JSON array for each branch, which is made of the index alone.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, column, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias

from alarmbridge.store.column_types import Instant

DEVICE: ColumnElement[int] = literal_column("CAST(device.value AS BIGINT)")
SEVERITY: ColumnElement[str] = literal_column("severity.value", Text)
"""The pair that a branch is of, for its conditions."""


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
