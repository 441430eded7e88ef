"""The API: its operations bound to routes, each request read and each answer written by models."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web

from alarmbridge.web.access import Guard, Role
from alarmbridge.web.operations import JSON, Asked, Group, Operation, Reply
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.questions import read_body, read_query

_NO_STORE = {"Cache-Control": "no-store"}


class Api:
    """Answers all operations of some groups."""

    def __init__(self, groups: Sequence[Group], *, guard: Guard) -> None:
        self._groups = tuple(groups)
        self._guard = guard

    def routes(self) -> list[web.RouteDef]:
        """List what this answers; what can be asked by GET can be by HEAD."""
        return [
            web.route(operation.method, operation.path, self._bind(operation))
            for group in self._groups
            for operation in group.operations()
        ]

    def _bind(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return _write(operation, await operation.handler(await self._read(operation, request)))

        return handle

    async def _read(self, operation: Operation, request: web.Request) -> Asked[Any, Any]:
        person = self._guard.require(request)
        if operation.admin and person.role is not Role.ADMIN:
            raise RequestRefused(
                HTTPStatus.FORBIDDEN, f"The token {person.name} is no admin's; this takes one."
            )
        query = read_query(request, operation.query)
        body = await read_body(request, operation.body) if operation.body else None
        return Asked(request=request, person=person, query=query, body=body)


def _write(operation: Operation, value: object) -> web.StreamResponse:
    if isinstance(value, web.StreamResponse):
        return value
    reply = value if isinstance(value, Reply) else Reply(value)
    headers = {**_NO_STORE, **reply.headers}
    if operation.answer is None:
        return web.Response(status=operation.status, headers=headers)
    return web.Response(
        body=operation.adapter.dump_json(reply.value),
        status=operation.status,
        headers=headers,
        content_type=JSON,
    )
