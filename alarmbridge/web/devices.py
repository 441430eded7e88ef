"""`/api/v1/devices`: which there are, and how well each can be seen."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from alarmbridge.core.payload import format_instant
from alarmbridge.store.archive import Archive
from alarmbridge.store.blind_spells import BlindSpell, list_spells
from alarmbridge.store.device_states import DeviceState, fetch_state, list_states
from alarmbridge.store.page import Page as StoredPage
from alarmbridge.store.transaction import Transaction
from alarmbridge.web.listed import device_state_as_json
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Paged, Tags, Texts, by_key
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import Question, is_storable
from alarmbridge.web.shapes import DeviceShape, DeviceStory, Page

_NO_DEVICE = "There is no such device."


async def find_device(tx: Transaction, name: str) -> DeviceState:
    """Load a device by a name of which nothing is known; raises RequestRefused without one."""
    device = await fetch_state(tx, name) if is_storable(name) else None
    if device is None:
        raise RequestRefused(HTTPStatus.NOT_FOUND, _NO_DEVICE)
    return device


class DeviceListQuery(Paged):
    """Asks for a page of devices."""

    name: Annotated[Texts, Field(description="Of this name.")] = ()
    tag: Annotated[
        Tags, Field(description="With this tag, `site:ams`; of several keys each must fit.")
    ] = ()

    async def load(self, tx: Transaction) -> StoredPage[DeviceState]:
        """Load it; raises BadCursor."""
        return await list_states(
            tx, names=self.name, tags=by_key(self.tag), limit=self.limit, after=self.after
        )


class Devices:
    """The archive's devices."""

    topic = "devices"

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/devices",
                handler=self._list,
                name="list_devices",
                summary="List devices",
                about="By name, also those that are configured no longer.",
                query=DeviceListQuery,
                answer=Page[DeviceShape],
            ),
            Operation(
                path=f"{API}/devices/{{name}}",
                handler=self._show,
                name="show_device",
                summary="Show a device with its blind spells",
                parts={"name": "The device's name in the configuration."},
                answer=DeviceStory,
                problems={HTTPStatus.NOT_FOUND: _NO_DEVICE},
            ),
        ]

    async def _list(self, asked: Asked[DeviceListQuery, None]) -> object:
        async with self._archive.read() as tx:
            page = await asked.query.load(tx)
        return {"items": [device_state_as_json(one) for one in page.items], "next": page.next}

    async def _show(self, asked: Asked[Question, None]) -> object:
        name = asked.part("name")
        async with self._archive.read() as tx:
            device = await find_device(tx, name)
            spells = await list_spells(tx, device=name)
        return {
            **device_state_as_json(device),
            "active_by_severity": {word.value: number for word, number in device.active.items()},
            "blind_spells": {"items": [_as_json(one) for one in spells.items], "next": spells.next},
        }


def _as_json(spell: BlindSpell) -> dict[str, object]:
    return {
        "kind": spell.kind.value,
        "since": format_instant(spell.since),
        "until": format_instant(spell.until),
        "reason": spell.reason,
    }
