"""`/api/v1/alarms`: lists of alarms, one with its story, and what operators do about it."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.core.silence import LONGEST_COMMENT
from alarmbridge.core.texts import one_line
from alarmbridge.store.archive import Archive
from alarmbridge.web.alarm_questions import AlarmListQuery
from alarmbridge.web.alarm_story import NO_ALARM, act_on, find_alarm, tell_story
from alarmbridge.web.operations import API, Asked, Handler, Operation
from alarmbridge.web.questions import Body, Question
from alarmbridge.web.shapes import AlarmStory, ListedAlarm, Page

_ONE = f"{API}/alarms/{{id}}"
_PARTS = {"id": "The alarm's id, as lists, events and sinks say it."}
_SUMMARIES = {
    OperatorAction.ACK: "Acknowledge an alarm",
    OperatorAction.UNACK: "Take back that an alarm was acknowledged or closed",
    OperatorAction.COMMENT: "Comment on an alarm",
    OperatorAction.CLOSE: "Close an alarm",
}
_ABOUT = (
    "Answers the alarm as it is then. Where it was so already nothing is changed or noted, and the "
    "answer is the same: it can be asked again without harm. Who did it is the token's name. "
    "Whether the alarm is cleared is another matter, and stays as it is (RFC 8632): what is closed "
    "and still active stays to be seen."
)


def _check_words(text: str) -> str:
    if not re.search(r"\S", text):
        raise ValueError("must have words in it")
    return text


_LENGTH = Field(max_length=LONGEST_COMMENT, description="Kept as one line.")
Comment = Annotated[str, _LENGTH, AfterValidator(one_line)]
Words = Annotated[
    str,
    _LENGTH,
    Field(min_length=1, json_schema_extra={"pattern": r"\S"}),
    AfterValidator(_check_words),
    AfterValidator(one_line),
]


class Remarked(Body):
    """What an operator has to say of what he does."""

    optional: ClassVar[bool] = True

    comment: Comment = ""


class Commented(Body):
    """What an operator has to say."""

    comment: Words


class Alarms:
    """The archive's alarms. now: the clock."""

    topic = "alarms"

    def __init__(self, *, archive: Archive, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._now = now

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/alarms",
                handler=self._list,
                name="list_alarms",
                summary="List alarms",
                about="Those first that the bridge saw last.",
                query=AlarmListQuery,
                answer=Page[ListedAlarm],
            ),
            Operation(
                path=_ONE,
                handler=self._show,
                name="show_alarm",
                summary="Show an alarm with its events, deliveries and operator actions",
                parts=_PARTS,
                answer=AlarmStory,
                problems={HTTPStatus.NOT_FOUND: NO_ALARM},
            ),
            *(self._acting(action) for action in OperatorAction),
        ]

    def _acting(self, action: OperatorAction) -> Operation:
        return Operation(
            method="POST",
            path=f"{_ONE}/{action.value}",
            handler=self._handle(action),
            name=f"{action.value}_alarm",
            summary=_SUMMARIES[action],
            about=_ABOUT,
            parts=_PARTS,
            body=Commented if action is OperatorAction.COMMENT else Remarked,
            answer=ListedAlarm,
            problems={HTTPStatus.NOT_FOUND: NO_ALARM},
        )

    async def _list(self, asked: Asked[AlarmListQuery, None]) -> object:
        async with self._archive.read() as tx:
            page = await asked.query.load(tx)
        return {"items": [listed_alarm_as_json(one) for one in page.items], "next": page.next}

    async def _show(self, asked: Asked[Question, None]) -> object:
        async with self._archive.read() as tx:
            return await tell_story(tx, await find_alarm(tx, asked.part()))

    def _handle(self, action: OperatorAction) -> Handler:
        async def handle(asked: Asked[Question, Remarked | Commented]) -> object:
            alarm = await act_on(
                self._archive,
                asked.part(),
                action,
                who=asked.person.name,
                now=self._now(),
                comment=asked.body.comment,
            )
            return listed_alarm_as_json(alarm)

        return handle
