"""`/api/v1/actions`: who changed what."""

from typing import Annotated

from pydantic import Field

from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions
from alarmbridge.web.listed import action_as_json
from alarmbridge.web.operations import API, Asked, Operation
from alarmbridge.web.parameters import Paged, Texts
from alarmbridge.web.shapes import ActionShape, Page


class ActionListQuery(Paged):
    """Asks for a page of what people did."""

    alarm: Annotated[Texts, Field(description="About an alarm of this id.")] = ()


class Actions:
    """The archive's audit."""

    topic = "actions"

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def operations(self) -> list[Operation]:
        """List what can be asked."""
        return [
            Operation(
                path=f"{API}/actions",
                handler=self._list,
                name="list_actions",
                summary="List who changed what",
                about="By the API, the page or a command; for admins only.",
                query=ActionListQuery,
                answer=Page[ActionShape],
                admin=True,
            )
        ]

    async def _list(self, asked: Asked[ActionListQuery, None]) -> object:
        query = asked.query
        async with self._archive.read() as tx:
            page = await list_actions(tx, alarms=query.alarm, limit=query.limit, after=query.after)
        return {"items": [action_as_json(one) for one in page.items], "next": page.next}
