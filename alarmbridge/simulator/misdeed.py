"""Misdeeds: what a device does to a connection when no plain answer can show its fault."""

import asyncio
import zlib
from collections.abc import Iterator

from aiohttp import web

from alarmbridge.simulator.bodies import Answer
from alarmbridge.simulator.device import Reply
from alarmbridge.simulator.faults import Bomb, CutOff, Drip, Drop, Huge, Silence, Slow

_BLOCK = 1024 * 1024
_JSON = "application/json"
_HEAD, _TAIL = b'{"alarms": [{"id": "1", "description": "', b'", "url": ""}], "cursor": {}}'


async def misbehave(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Carry a fault out on a request's connection; returns when it is over.

    It ends with the connection, because the farm cancels what nobody waits for any more.
    """
    match reply.fault:
        case Silence():
            await asyncio.Event().wait()
        case Drop():
            _abort(request)
        case Slow(seconds=seconds):
            await asyncio.sleep(seconds)
        case Drip(every=every):
            return await _drip(request, reply.answer, every)
        case CutOff(share=share):
            return await _cut_off(request, reply.answer, share)
        case Huge(size=size):
            return await _stream(request, size)
        case Bomb(size=size):
            return await _explode(request, size)
    return plain(reply.answer)


def plain(answer: Answer) -> web.Response:
    """Put an answer into aiohttp's words."""
    return web.Response(status=answer.status or 500, headers=answer.headers, body=answer.body)


def _abort(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _begin(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    return response


async def _drip(request: web.BaseRequest, answer: Answer, every: float) -> web.StreamResponse:
    response = await _begin(request, answer)
    for index in range(len(answer.body)):
        await response.write(answer.body[index : index + 1])
        await asyncio.sleep(every)
    return response


async def _cut_off(request: web.BaseRequest, answer: Answer, share: float) -> web.StreamResponse:
    response = await _begin(request, answer)
    await response.write(answer.body[: int(len(answer.body) * share)])
    # abort() would throw away what the socket has not sent yet; close() sends it first.
    if request.transport is not None:
        request.transport.close()
    return response


async def _stream(request: web.BaseRequest, size: int | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _JSON})
    await response.prepare(request)
    for block in _endless() if size is None else _long(size):
        await response.write(block)
    return response


def _endless() -> Iterator[bytes]:
    yield _HEAD
    while True:
        yield b"x" * _BLOCK


def _long(size: int) -> Iterator[bytes]:
    filling = max(0, size - len(_HEAD) - len(_TAIL))
    yield _HEAD
    for _ in range(filling // _BLOCK):
        yield b"x" * _BLOCK
    yield b"x" * (filling % _BLOCK) + _TAIL


async def _explode(request: web.BaseRequest, size: int) -> web.StreamResponse:
    headers = {"Content-Type": _JSON, "Content-Encoding": "gzip"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    gzip = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    for block in _long(size):
        await response.write(gzip.compress(block))
        # Otherwise packing 400 MiB would hold up every other device of the farm.
        await asyncio.sleep(0)
    await response.write(gzip.flush())
    return response
