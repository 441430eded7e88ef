"""An alarm's story: what happened, who was told and what they answered, what operators did."""

import json

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.payload import listed_alarm_as_json
from alarmbridge.store.deliveries import list_deliveries
from alarmbridge.store.events import list_events
from alarmbridge.store.operator_actions import list_actions
from alarmbridge.store.remarks import remarks_on
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.listed import action_as_json, remarked_as_json


async def tell_story(tx: Transaction, alarm: Alarm) -> dict[str, object]:
    """Give an alarm the shape AlarmStory."""
    events = await list_events(tx, alarm=alarm.id)
    deliveries = await list_deliveries(tx, alarm=alarm.id)
    remarks = await remarks_on(tx, alarm.id)
    actions = await list_actions(tx, alarm=alarm.id)
    told = [remarked_as_json(one, remarks) for one in deliveries.items]
    done = [action_as_json(one) for one in actions.items]
    return {
        **listed_alarm_as_json(alarm),
        "events": {"items": [json.loads(one.body) for one in events.items], "next": events.next},
        "deliveries": {"items": told, "next": deliveries.next},
        "actions": {"items": done, "next": actions.next},
    }
