"""Asks: the REST API of one device, typed and async (guide chapters 2, 3, 4, 8 and 9).

Promises: whatever a device sends, what comes out is a value of `core` or a DeviceError that names
the device as configured, without a secret in it. What was not proven is not claimed: a list that
was torn, a table that moved while it was read, a 404 that is not the device's own, all say so in
their types. Bounded in time, bytes, pages and requests at once; nothing is asked while refused
credentials await `allow_login`.

Refuses: to send anything but GET, to follow a redirect or a `url` that a device sends, to guess a
password twice, to retry (aiohttp alone repeats a GET once, on a connection that died in the
pool), to sleep, to log, to decide what an alarm's coming and going means.

On failure: one error, and nothing of the read is believed; the next sync starts from the top.

Where to start: `survey` is one sync and the way in. It reads through `client` (what can be
asked), `paging` (tables) and `details` (one alarm each). Below them `parse` is pure, `transport`
is the port, and `http` with `tls`, `body` and `failures` is the one place that knows aiohttp.

Decision: one aiohttp session serves all devices, and bodies are decompressed here, not by it.
Because a session per device costs more memory than everything else about a device, and only an
inflater that stops at a bound survives a gzip bomb. Consequence: settings that differ per device
(credentials, trust, time limit) go with each request, and no cookie or header is shared.
asyncio's TLS buffers are made small for the whole process (`tls.shrink_tls_buffers`).
"""
