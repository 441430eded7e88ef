"""What is listed, as JSON: the shapes that API and command share."""

from collections.abc import Iterable

from alarmbridge.core.payload import format_instant
from alarmbridge.store.deliveries import ListedDelivery
from alarmbridge.store.device_states import DeviceState
from alarmbridge.store.operator_actions import ActionTaken
from alarmbridge.store.remarks import Remark


def device_state_as_json(device: DeviceState) -> dict[str, object]:
    """Give a device the shape DeviceShape."""
    record = device.record
    return {
        "name": record.name,
        "url": record.url,
        "tags": dict(record.tags),
        "product": record.product,
        "version": record.version,
        "serial_number": record.serial_number,
        "high_availability": record.high_availability,
        "state": device.word,
        "active_alarms": sum(device.active.values()),
        "first_seen_at": format_instant(record.first_seen_at),
        "read_at": format_instant(record.read_at),
        "removed_at": format_instant(record.removed_at),
        "blind": device.blind.value if device.blind is not None else None,
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
