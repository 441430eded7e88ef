"""Bugs planted on purpose: each hands the daemon one part that is wrong, as a mistake might be.

A simulation that finds none of them proves nothing. `seeds` says within how many seeds at least
one has to notice.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import text

from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.delivery import Delivery
from alarmbridge.core.reading import DeviceStatus, Settled, Unsettled
from alarmbridge.core.restart import Restart
from alarmbridge.mediant.client import Device as Mediant
from alarmbridge.mediant.client import Refusal, Table
from alarmbridge.mediant.parse import NO_PAGE, Page
from alarmbridge.core.retry import after_acceptance
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.recorder import Recorder
from alarmbridge.store.inline import InlineArchive
from alarmbridge.store.sqlite import SqliteTransaction
from alarmbridge.store.transaction import QUICK

from .daemon import Parts


@dataclass(frozen=True, slots=True)
class Bug:
    """A planted bug. seeds: within how many it has to be noticed."""

    words: str
    parts: Parts
    seeds: int = 40


BUGS: dict[str, Bug] = {}
