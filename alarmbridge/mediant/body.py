"""The body of an answer, within bounds."""

import zlib

import aiohttp
from aiohttp import hdrs

from alarmbridge.core.errors import BadAnswer

MAX_BODY = 4 * 1024 * 1024
"""Bytes, as they come and decompressed (docs/design.md, "Bounds")."""

MAX_FILE = 32 * 1024 * 1024
"""Bytes of an answer that is a file, where it is read whole."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


async def read_body(
    response: aiohttp.ClientResponse, *, device: str, bound: int = MAX_BODY
) -> bytes:
    """Read a body to its end, and decompress it if the device did not heed `identity`.

    Raises BadAnswer for one beyond the bound, leaving the rest unread: the caller must then close
    the response.
    """
    stream = response.content
    body = await stream.readany()
    if not stream.at_eof():
        parts = [body]
        size = len(body)
        while part := await stream.readany():
            parts.append(part)
            size += len(part)
            if size > bound:
                raise _oversize(device, bound)
        body = b"".join(parts)
    encoding = response.headers.get(hdrs.CONTENT_ENCODING)
    return body if encoding is None else _decoded(body, encoding.strip().lower(), device, bound)


def _decoded(body: bytes, encoding: str, device: str, bound: int) -> bytes:
    if encoding in {"", "identity"} or not body:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BadAnswer(f"{device} sent a body in an encoding that was not asked for")
    # Not aiohttp's decompression: only a bound on the output keeps a bomb from going off.
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = inflater.decompress(body, bound + 1)
    except zlib.error as error:
        raise BadAnswer(f"{device} sent a body whose compression is broken") from error
    if len(plain) > bound:
        raise _oversize(device, bound)
    if not inflater.eof or inflater.unused_data:
        raise BadAnswer(f"{device} sent a body whose compression is broken")
    return plain


def _oversize(device: str, bound: int) -> BadAnswer:
    return BadAnswer(f"{device} sent more than {bound // 1024 // 1024} MiB in one answer")
