"""Intake: reads the body of a request off the wire, in flat memory whatever its length."""

from hashlib import sha256

from aiohttp import BodyPartReader, MultipartReader, web

from alarmbridge.simulator.request import HEAD, JSON_LIMIT, Sent

_BLOCK = 256 * 1024


async def take_in(request: web.BaseRequest) -> Sent | None:
    """Read a request's body; None if it has none. What is wrong with it is its `flaw`."""
    if not request.can_read_body:
        return None
    if request.content_type != "multipart/form-data":
        return await _take_plain(request)
    try:
        return await _take_form(await request.multipart())
    except (ValueError, AssertionError):  # aiohttp asserts what a header should have said
        return _flawed(request.content_type, "Invalid multipart/form-data")


async def _take_plain(request: web.BaseRequest) -> Sent:
    taken = bytearray()
    async for block in request.content.iter_chunked(_BLOCK):
        taken += block
        if len(taken) > JSON_LIMIT:
            return _flawed(request.content_type, "Request is too large")
    return Sent(content_type=request.content_type, json=bytes(taken))


async def _take_form(parts: MultipartReader) -> Sent:
    file: Sent | None = None
    fields: dict[str, str] = {}
    while (part := await parts.next()) is not None:
        if not isinstance(part, BodyPartReader):
            return _flawed("multipart/form-data", "Invalid multipart/form-data")
        if part.name == "file":
            file = await _take_file(part)
        else:
            held = await _take_file(part)
            if held.size > JSON_LIMIT:
                return _flawed("multipart/form-data", "Request is too large")
            fields[part.name or ""] = held.head.decode(errors="replace")
    if file is None:
        return _flawed("multipart/form-data", "File is missing")
    return Sent(
        content_type="multipart/form-data",
        filename=file.filename,
        size=file.size,
        sha256=file.sha256,
        head=file.head,
        fields=fields,
    )


async def _take_file(part: BodyPartReader) -> Sent:
    digest, head, size = sha256(), bytearray(), 0
    while block := await part.read_chunk(_BLOCK):
        digest.update(block)
        size += len(block)
        head += block[: HEAD - len(head)]
    return Sent(
        content_type="multipart/form-data",
        filename=part.filename or "",
        size=size,
        sha256=digest.hexdigest(),
        head=bytes(head),
    )


def _flawed(content_type: str, flaw: str) -> Sent:
    return Sent(content_type=content_type, flaw=flaw)
