"""An alarm's story: what happened, who was told and what they answered, what operators did."""

import json
from datetime import datetime
from http import HTTPStatus

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.operator import OperatorAction
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.store.alarms import fetch_alarm
from alarmbridge.store.archive import Archive
from alarmbridge.store.deliveries import list_deliveries
from alarmbridge.store.events import list_events
from alarmbridge.store.operator_actions import act, list_actions
from alarmbridge.store.remarks import remarks_on
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.listed import action_as_json, remarked_as_json
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import is_storable

NO_ALARM = "There is no such alarm."


async def find_alarm(tx: Transaction, alarm_id: str) -> Alarm:
    """Load an alarm by an id of which nothing is known; raises RequestRefused without one."""
    alarm = await fetch_alarm(tx, alarm_id) if is_storable(alarm_id) else None
    if alarm is None:
        raise RequestRefused(HTTPStatus.NOT_FOUND, NO_ALARM)
    return alarm


async def act_on(
    archive: Archive,
    alarm_id: str,
    action: OperatorAction,
    *,
    who: str,
    now: datetime,
    comment: str,
) -> Alarm:
    """Do what an operator does about an alarm, and give it as it is then; raises RequestRefused."""
    async with archive.begin(urgent=True) as tx:
        if is_storable(alarm_id):
            await act(tx, alarm_id, action, who=who, now=now, comment=comment)
        return await find_alarm(tx, alarm_id)


async def tell_story(tx: Transaction, alarm: Alarm) -> dict[str, object]:
    """Give an alarm the shape AlarmStory."""
    events = await list_events(tx, alarms=(alarm.id,))
    deliveries = await list_deliveries(tx, alarms=(alarm.id,))
    remarks = await remarks_on(tx, alarm.id)
    actions = await list_actions(tx, alarms=(alarm.id,))
    told = [remarked_as_json(one, remarks) for one in deliveries.items]
    done = [action_as_json(one) for one in actions.items]
    return {
        **listed_alarm_as_json(alarm),
        "events": {"items": [json.loads(one.body) for one in events.items], "next": events.next},
        "deliveries": {"items": told, "next": deliveries.next},
        "actions": {"items": done, "next": actions.next},
    }
