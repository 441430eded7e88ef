"""Which unit of an HA pair an alarm is of."""

import re

_REDUNDANT = re.compile(r"\s*redundant#[0-9]+(?:/|\s*$)", re.IGNORECASE)


def is_of_redundant(source: str | None) -> bool:
    """Whether a source names the redundant unit: `Redundant#1/Board#1/EthernetLink#0`."""
    return source is not None and _REDUNDANT.match(source) is not None
