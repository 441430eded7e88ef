"""Answers that are written piece by piece, of any size: never all of one in memory."""

import logging
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

from aiohttp import web

from alarmbridge.core.errors import StoreError

_log = logging.getLogger(__name__)


async def answer_pieces(
    request: web.Request,
    pieces: AsyncIterator[str],
    media: str,
    *,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Answer with what comes; what goes wrong before the first piece is raised.

    After that the answer breaks off: the connection is cut, so that half of one does not look
    whole.
    """
    # The archive is asked first: what it refuses can still be told as a problem.
    first = await anext(pieces, "")
    response = web.StreamResponse(
        status=HTTPStatus.OK,
        headers={"Content-Type": f"{media}; charset=utf-8", **(headers or {})},
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    whole = False
    try:
        await response.write(first.encode())
        async for piece in pieces:
            await response.write(piece.encode())
        whole = True
    except StoreError as error:
        _log.warning("%s %s broke off: %s", request.method, request.path, error)
    finally:
        # Otherwise half a file would look like a whole one.
        if not whole and request.transport is not None:
            request.transport.abort()
    return response
