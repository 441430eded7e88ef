"""Traps about SS7: links, sets of them, and what they lead to."""

from alarmbridge.core.traps.entry import MAJOR, CatalogueEntry, trap

_LINK = "Look at the trunk or IP association that carries the link, and at the far end."
_ROUTE = "Look at the links and link sets that lead there, and at the far end."


def _ss7(number: int, name: str, *, meaning: str, check: str) -> CatalogueEntry:
    return trap(
        number,
        name,
        MAJOR,
        event_type="communicationsAlarm",
        cause="other",
        clears=True,
        meaning=meaning,
        check=check,
    )


ENTRIES: tuple[CatalogueEntry, ...] = (
    _ss7(
        19,
        "acSS7LinkStateChangeAlarm",
        meaning="An SS7 link is not in service.",
        check=_LINK,
    ),
    _ss7(
        20,
        "acSS7LinkInhibitStateChangeAlarm",
        meaning="An SS7 link is inhibited, here or at the far end: it carries no traffic.",
        check="Find out who inhibited it, and uninhibit it when the maintenance is over.",
    ),
    _ss7(
        21,
        "acSS7LinkBlockStateChangeAlarm",
        meaning="An SS7 link is blocked, here or at the far end.",
        check=_LINK,
    ),
    _ss7(
        22,
        "acSS7LinkCongestionStateChangeAlarm",
        meaning="An SS7 link is congested, here or at the far end: messages wait or are dropped.",
        check="Look at the load on the link and whether other links of its set are down.",
    ),
    _ss7(
        23,
        "acSS7LinkSetStateChangeAlarm",
        meaning="An SS7 link set is not in service.",
        check=_ROUTE,
    ),
    _ss7(
        24,
        "acSS7RouteSetStateChangeAlarm",
        meaning="An SS7 route set is not in service, so its destination cannot be reached.",
        check=_ROUTE,
    ),
    _ss7(
        25,
        "acSS7SNSetStateChangeAlarm",
        meaning="An SS7 node of the device is not in service.",
        check=_ROUTE,
    ),
    trap(
        26,
        "acSS7RedundancyAlarm",
        clears=True,
        meaning="SS7 redundancy is degraded: one of the parts that stand in for each other is "
        "not in service.",
        check="Look at both nodes and what connects them.",
    ),
    trap(
        73,
        "acSS7AliasPcStateChangeAlarm",
        clears=True,
        meaning="An SS7 alias point code is not in service.",
        check=_ROUTE,
    ),
    trap(
        74,
        "acSS7UalGroupStateChangeAlarm",
        clears=True,
        meaning="The application server process of an SS7 user adaptation group is not active.",
        check="Look at the SIGTRAN association and at the media gateway controller.",
    ),
)
