"""What every page of ours needs to be made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alarmbridge.store.archive import Archive
from alarmbridge.web.access import Guard
from alarmbridge.web.pages.renderer import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a page finds what it shows. now: the clock. wake: called when something may go.

    web_pages: the devices whose own pages are opened from here.
    """

    archive: Archive
    guard: Guard
    renderer: Renderer
    now: Callable[[], datetime]
    wake: Callable[[], None]
    web_pages: frozenset[str] = frozenset()
