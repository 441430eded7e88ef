"""Asks: the whole REST API of a device, typed and async (guide chapters 2 to 12).

Promises: whatever a device sends, what comes out is a value or a DeviceError that names the device
as configured, without a secret in it. What was not proven is not claimed: a list that was torn, a
table that moved while it was read, a 404 that is not the device's own, all say so in their types.
Bounded in time, bytes, pages and requests at once; nothing is asked while refused credentials
await `allow_login`. Files of any size go and come in flat memory. What changes a device is sent
once: where nobody knows whether it was done, the error says so (`perhaps_done`).

Refuses: to follow a redirect or a `url` that a device sends, to guess a password twice, to retry a
change (aiohttp alone repeats a GET once, on a connection that died in the pool), to sleep, to log,
to decide what an alarm's coming and going means. Whoever watches is given a line that knows GET
alone: `transport` has three ports, to watch, to look into and to work on a device. The daemon is
given the third for one request, the POST that makes a token for the device's own web pages, and
only where `watch.web_pages` is on.

On failure: one error, and nothing of the read is believed; the next sync starts from the top. A
device that says no is quoted (Refused, and Conflict for "not now").

Where to start: `survey` is one sync and the daemon's way in. It reads through `client` (alarms and
status), `paging` (tables) and `details` (one alarm each). `inspector` has all else that can be
read, `files` takes a file and none that is none, `maintenance` is what changes a device; `mediant`
opens all of it, for programs of others. Below them stands what is pure: `paths` says where
everything is, `answers`, `parse`, `status`, `measurements` and `resources` read what comes,
`orders` has what can be told. `transport` has the ports. `access`, `network`, `http`, `http_full`
with `form`, `tls`, `body` and `failures` are the one place that knows aiohttp.

Decision: one aiohttp session serves all devices, and bodies are decompressed here, not by it.
Because a session per device costs more memory than everything else about a device, and only an
inflater that stops at a bound survives a gzip bomb. Consequence: settings that differ per device
(credentials, trust, time limit) go with each request, and no cookie or header is shared.
asyncio's TLS buffers are made small for the whole process (`tls.shrink_tls_buffers`).

Decision: JSON is read as RFC 8259 has it, and where that fails as the guide prints it: `True`, a
comma before a bracket, a comment. Because a device may write as its guide does, and an emulator
surely will. Consequence: a valid document is never read in the second way.
"""
