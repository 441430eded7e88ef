"""Answers of the API: JSON that nobody keeps a copy of."""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


def answer(
    document: object,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Build an answer."""
    return web.json_response(
        document, status=status, headers={"Cache-Control": "no-store", **(headers or {})}
    )
