"""Questions about alarms: the filters of lists and exports (README.md, "The API")."""

from typing import Annotated

from pydantic import Field

from alarmbridge.core.alarm import Alarm, Origin, State
from alarmbridge.core.severity import Severity
from alarmbridge.store.alarm_filter import AlarmFilter
from alarmbridge.store.alarm_lists import list_alarms
from alarmbridge.store.page import Page
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.parameters import Paged, Tags, Texts, Time, Words, by_key
from alarmbridge.web.questions import Question


class AlarmQuestion(Question):
    """Which alarms are asked for: those that fit all that is given, and any value of each."""

    state: Annotated[tuple[State, ...], Field(description="Whether they stand.")] = ()
    severity: Annotated[tuple[Severity, ...], Field(description="Of one of these.")] = ()
    min_severity: Annotated[Severity | None, Field(description="Of this or a worse one.")] = None
    device: Annotated[Texts, Field(description="Of a device of this name.")] = ()
    tag: Annotated[
        Tags,
        Field(description="Of a device with this tag, `site:ams`; of several keys each must fit."),
    ] = ()
    source: Annotated[Texts, Field(description="From exactly this source.")] = ()
    name: Annotated[Texts, Field(description="Of this name in the catalogue.")] = ()
    origin: Annotated[
        tuple[Origin, ...], Field(description="Raised by a device, or by the bridge itself.")
    ] = ()
    q: Annotated[
        Words | None,
        Field(description="With all these words in its texts; `trunk*` is any that begins so."),
    ] = None
    raised_after: Annotated[
        Time | None, Field(description="Raised later than this, by the device's clock.")
    ] = None
    raised_before: Annotated[
        Time | None, Field(description="Raised earlier than this, by the device's clock.")
    ] = None

    def as_filter(self) -> AlarmFilter:
        """Say it as the store is asked."""
        return AlarmFilter(
            states=self.state,
            severities=self.severity,
            min_severity=self.min_severity,
            devices=self.device,
            tags=by_key(self.tag),
            sources=self.source,
            names=self.name,
            origins=self.origin,
            raised_after=self.raised_after,
            raised_before=self.raised_before,
            text=self.q,
        )


class AlarmListQuery(AlarmQuestion, Paged):
    """Asks for a page of alarms."""

    async def load(self, tx: Transaction) -> Page[Alarm]:
        """Load it; raises BadCursor."""
        return await list_alarms(tx, self.as_filter(), limit=self.limit, after=self.after)
