"""An alarm's story: what happened, who was told and what they answered, what operators did."""

import json
from collections.abc import Iterable

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.payload import format_instant, listed_alarm_as_json
from alarmbridge.store.deliveries import ListedDelivery, list_deliveries
from alarmbridge.store.events import list_events
from alarmbridge.store.operator_actions import ActionTaken, list_actions
from alarmbridge.store.remarks import Remark, remarks_on
from alarmbridge.store.transaction import Transaction


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


def delivery_as_json(delivery: ListedDelivery) -> dict[str, object]:
    """Give a delivery the shape DeliveryShape."""
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "alarm_id": delivery.alarm_id,
        "device": delivery.device or None,
        "description": delivery.description,
        "sink": delivery.sink,
        "key": delivery.key,
        "kind": delivery.kind,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_at": format_instant(delivery.created_at),
        "next_at": format_instant(delivery.next_at),
        "settled_at": format_instant(delivery.settled_at),
        "reason": delivery.reason,
        "answer": delivery.answer,
        "note": delivery.note,
    }


def remarked_as_json(delivery: ListedDelivery, remarks: Iterable[Remark]) -> dict[str, object]:
    """Give a delivery the shape RemarkedDelivery; remarks: those on it among others."""
    said = [
        {"at": format_instant(remark.at), "words": remark.words}
        for remark in remarks
        if remark.delivery_id == delivery.id
    ]
    return {**delivery_as_json(delivery), "remarks": said}


def action_as_json(action: ActionTaken) -> dict[str, object]:
    """Give what somebody did the shape ActionShape."""
    return {
        "id": action.id,
        "at": format_instant(action.at),
        "who": action.who,
        "action": action.action,
        "alarm_id": action.alarm_id,
        "target": action.target,
        "comment": action.comment,
    }
