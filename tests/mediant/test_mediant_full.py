"""The line that changes a device, against real sockets. Each device is bad in one way."""

import asyncio
import hashlib
import ssl
import traceback
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest
from mediant_material import upload_of, zeros
from mediant_wire import (
    STATUS,
    Handler,
    Heard,
    RawDevice,
    Reader,
    Writer,
    full_line_to,
    reply,
    reset_hard,
    says,
    serving,
    take,
)

from alarmbridge.core.errors import (
    AlarmbridgeError,
    BadAnswer,
    ConfigError,
    Conflict,
    DeviceError,
    Forbidden,
    LoginFailed,
    Refused,
    Unreachable,
)
from alarmbridge.mediant import http_full
from alarmbridge.mediant.http_full import FullHttpTransport
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.resources import AuthToken, License
from alarmbridge.mediant.tls import Trust
from alarmbridge.mediant.transport import Upload

MIB = 1024 * 1024
INI = "/api/v1/files/ini"
SOFTWARE = "/api/v1/files/software"
RESET = "/api/v1/actions/reset"
LICENSE = "/api/v1/license"
BUSY = b'{"description": "Device is currently performing HA synchronization"}'
Ask = Callable[[FullHttpTransport], Awaitable[object]]

CHANGES: dict[str, Ask] = {
    "post": lambda line: line.post(RESET, {"saveConfiguration": True}),
    "post nothing": lambda line: line.post("/api/v1/actions/saveConfiguration"),
    "put": lambda line: line.put(LICENSE, {"key": "x"}),
    "upload": lambda line: line.upload(INI, upload_of(b"ini")),
    "upload of much": lambda line: line.upload(SOFTWARE, zeros(20 * MIB)),
}
changes = pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))


@pytest.fixture
def line(device: RawDevice, network: HttpNetwork) -> FullHttpTransport:
    return full_line_to(device, network)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_full, "_PATIENCE", 0.2)


def at_once(raw: bytes, *, read_on: bool, close: bool = True) -> Handler:
    """Answer before the body is there."""

    async def handle(heard: Heard, reader: Reader, writer: Writer) -> None:
        writer.write(raw)
        await writer.drain()
        if read_on:
            await take(heard, reader, keep=False)
        if close:
            writer.close()

    return handle


async def hang(_heard: Heard, _reader: Reader, _writer: Writer) -> None:
    await asyncio.Event().wait()


async def take_and_hang(heard: Heard, reader: Reader, writer: Writer) -> None:
    await take(heard, reader, keep=False)
    await hang(heard, reader, writer)


async def break_off(_heard: Heard, _reader: Reader, writer: Writer) -> None:
    reset_hard(writer)


async def take_and_close(heard: Heard, reader: Reader, writer: Writer) -> None:
    await take(heard, reader, keep=False)
    writer.close()


# Credentials and rights.


async def test_a_wrong_password_costs_one_request_and_not_a_byte_of_the_file(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.proof = reply(status="401 Unauthorized")
    asked: list[int] = []
    upload = Upload("a.ini", 3, lambda size: asked.append(size) or b"")  # type: ignore[func-returns-value] # a lambda's way
    for _ in range(2):
        with pytest.raises(LoginFailed, match=r"sbc-1 refused the user name or password"):
            await line.upload(INI, upload)
        with pytest.raises(LoginFailed):
            await line.download(INI, asked.append)
    assert [one.target for one in device.heard] == [STATUS]
    assert asked == []


async def test_credentials_are_proven_once_for_all_transfers(
    device: RawDevice, line: FullHttpTransport
) -> None:
    for _ in range(2):
        await line.upload(INI, upload_of(b"x"))
        await line.download(INI, bytes)
    assert [one.method for one in device.heard] == ["GET", "PUT", "GET", "PUT", "GET"]


@changes
async def test_a_password_that_is_refused_later_ends_the_line(
    device: RawDevice, line: FullHttpTransport, change: Ask
) -> None:
    await line.get(STATUS)
    device.handle = says(reply(status="401 Unauthorized"))
    with pytest.raises(LoginFailed) as refused:
        await change(line)
    with pytest.raises(LoginFailed) as again:
        await line.get(STATUS)
    assert (refused.value.asked, again.value.asked) == (True, False)
    assert len(device.heard) == 2


async def test_a_forbidden_resource_is_refused_and_the_line_goes_on(
    device: RawDevice, line: FullHttpTransport
) -> None:
    words = b'{"description": "Not for you"}'
    device.handle = says(reply(words, status="403 Forbidden"))
    inspector, maintenance = Inspector("sbc-1", line), Maintenance("sbc-1", line)
    asks = [
        inspector.fetch_license,
        inspector.fetch_ini,
        maintenance.reset,
        lambda: maintenance.put_license_key("x"),
        lambda: maintenance.put_ini(upload_of(b"x")),
    ]
    for ask in asks:
        with pytest.raises(Forbidden, match=r"sbc-1 answered .* with HTTP 403: Not for you") as no:
            await ask()
        assert (no.value.status, no.value.said) == (403, "Not for you")
        assert (await line.get(STATUS)).status == 200
    assert (await line.download(INI, bytes)).status == 403


async def test_a_forbidden_status_is_a_refused_login_still(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.proof = reply(status="403 Forbidden")
    with pytest.raises(LoginFailed, match="Security Administrator"):
        await line.get(STATUS)
    with pytest.raises(LoginFailed):
        await line.upload(INI, upload_of(b"x"))
    assert len(device.heard) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [("400 Bad Request", Refused), ("409 Conflict", Conflict), ("500 Oops", Refused)],
)
async def test_a_refusal_carries_status_and_words(
    device: RawDevice, line: FullHttpTransport, status: str, kind: type[Refused]
) -> None:
    device.handle = says(reply(BUSY, status=status))
    with pytest.raises(kind) as caught:
        await Maintenance("sbc-1", line).reset()
    assert type(caught.value) is kind
    assert caught.value.status == int(status[:3])
    assert caught.value.said == "Device is currently performing HA synchronization"
    assert caught.value.said in str(caught.value)


# What changes a device is sent once.


@changes
@pytest.mark.parametrize("end", [break_off, take_and_close], ids=["broken off", "closed"])
@pytest.mark.parametrize("fresh", [True, False])
async def test_a_change_whose_connection_dies_is_sent_once(
    device: RawDevice, line: FullHttpTransport, change: Ask, end: Handler, fresh: bool
) -> None:
    if fresh:
        device.proof = reply(b"{}", more="Connection: close\r\n")
    await line.get(STATUS)
    device.handle = end
    with pytest.raises(Unreachable, match="sbc-1"):
        await change(line)
    assert device.count("PUT") + device.count("POST") == 1
    assert device.connections == (2 if fresh else 1)


async def test_only_a_look_is_repeated_by_aiohttp(
    device: RawDevice, line: FullHttpTransport
) -> None:
    await line.get(STATUS)
    device.handle = break_off
    with pytest.raises(Unreachable):
        await line.inspect(INI)
    assert device.count("GET") == 3


# Whether a change that failed may have been done.

PART = b'HTTP/1.1 %s\r\nContent-Length: 60\r\n\r\n{"descr'
WORKS: dict[str, Callable[[Maintenance], Awaitable[object]]] = {
    "reset": lambda to: to.reset(),
    "save": lambda to: to.save_configuration(),
    "key": lambda to: to.put_license_key("x"),
    "file": lambda to: to.put_ini(upload_of(b"ini"), incremental=True),
    "script": lambda to: to.run_cli_script(upload_of(b"show version")),
    "request": lambda to: to.request_certificate("0"),
}
works = pytest.mark.parametrize("work", WORKS.values(), ids=list(WORKS))
Work = Callable[[Maintenance], Awaitable[object]]


@works
@pytest.mark.parametrize(
    "end",
    [
        break_off,
        take_and_close,
        hang,
        take_and_hang,
        says(b"HTTP/9 what?\r\n\r\n", then_close=True),
        says(PART % b"200 OK", then_close=True),
        says(reply(b"<html>", kind="text/html")),
        says(reply(b'{"description')),
        says(reply(b"x", more="Content-Encoding: gzip\r\n")),
        says(reply(status="202 Accepted")),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_change_that_reached_the_device_may_have_been_done(
    device: RawDevice,
    network: HttpNetwork,
    monkeypatch: pytest.MonkeyPatch,
    end: Handler,
    work: Work,
) -> None:
    monkeypatch.setattr(http_full, "_WORK", 0.4)
    line = full_line_to(device, network, timeout=0.4)
    device.handle = end
    with pytest.raises(DeviceError, match=r"; it may have been done all the same$") as caught:
        await work(Maintenance("sbc-1", line))
    assert caught.value.perhaps_done


@works
@pytest.mark.parametrize("status", ["401 No", "403 No", "409 Conflict", "500 Oops", "302 Found"])
@pytest.mark.parametrize("whole", [True, False])
async def test_a_change_that_was_refused_has_not_been_done(
    device: RawDevice, line: FullHttpTransport, work: Work, status: str, whole: bool
) -> None:
    raw = reply(BUSY, status=status) if whole else PART % status.encode()
    device.handle = says(raw, then_close=True)
    with pytest.raises(DeviceError) as caught:
        await work(Maintenance("sbc-1", line))
    assert not caught.value.perhaps_done
    assert "done" not in str(caught.value)


@works
@pytest.mark.parametrize(
    "access",
    [
        {"url": "http://127.0.0.1:1"},
        {"url": "http://nowhere.invalid"},
        {"trust": Trust(fingerprint="00" * 32)},
        {"trust": Trust()},
    ],
    ids=["refused", "no name", "another certificate", "not trusted"],
)
async def test_a_change_without_a_connection_has_not_been_done(
    network: HttpNetwork, certificate: tuple[str, bytes], work: Work, access: dict[str, object]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[0])
    async with serving(context) as device:
        there = {"url": f"https://127.0.0.1:{device.port}"} | access
        with pytest.raises(Unreachable) as caught:
            await work(Maintenance("sbc-1", full_line_to(device, network, **there)))
    assert not caught.value.perhaps_done
    assert device.heard == []


async def test_a_file_of_which_part_had_gone_may_have_been_taken_and_one_not_begun_may_not(
    device: RawDevice, line: FullHttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_full, "_PATIENCE", 0.2)
    await line.get(STATUS)
    device.handle = hang
    # More than a device is asked at once: some have begun, and the others wait for their turn.
    first, *others = await asyncio.gather(
        *(line.upload(SOFTWARE, zeros(20 * MIB)) for _ in range(20)), return_exceptions=True
    )
    assert isinstance(first, Unreachable)
    assert first.perhaps_done
    assert {one.perhaps_done for one in others if isinstance(one, Unreachable)} == {True, False}


async def test_a_look_leaves_nothing_done(device: RawDevice, line: FullHttpTransport) -> None:
    for end in (break_off, says(PART % b"200 OK", then_close=True)):
        device.handle = end
        for look in (line.inspect(INI), line.download(INI, bytes)):
            with pytest.raises(Unreachable) as caught:
                await look
            assert not caught.value.perhaps_done


# Devices that answer before they have the file.


@pytest.mark.parametrize("size", [1000, 20 * MIB])
@pytest.mark.parametrize(
    ("status", "kind"), [("409 Conflict", Conflict), ("400 Bad Request", Refused)]
)
async def test_an_early_refusal_comes_out_where_the_device_reads_on(
    device: RawDevice, line: FullHttpTransport, status: str, kind: type[Refused], size: int
) -> None:
    device.handle = at_once(reply(BUSY, status=status), read_on=True)
    with pytest.raises(kind, match="HA synchronization"):
        await Maintenance("sbc-1", line).load_software(zeros(size))
    assert device.count("PUT") == 1


async def test_an_early_refusal_of_a_device_that_hangs_up_says_what_happened(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.handle = at_once(reply(BUSY, status="409 Conflict"), read_on=False)
    with pytest.raises((Conflict, Unreachable), match=r"HA synchronization|broke off after") as no:
        await Maintenance("sbc-1", line).load_software(zeros(20 * MIB))
    assert str(no.value).startswith("sbc-1 ")
    assert device.count("PUT") == 1


async def test_a_connection_with_half_a_file_on_it_is_not_used_again(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.handle = at_once(reply(BUSY, status="409 Conflict"), read_on=False, close=False)
    with pytest.raises(Conflict):
        await Maintenance("sbc-1", line).load_software(zeros(20 * MIB))
    assert (await line.get(STATUS)).status == 200
    assert device.connections == 2


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content"])
async def test_a_success_before_the_whole_file_was_taken_is_a_bad_answer(
    device: RawDevice, line: FullHttpTransport, status: str
) -> None:
    raw = f"HTTP/1.1 {status}\r\n\r\n".encode() if "204" in status else reply(status=status)
    device.handle = at_once(raw, read_on=False, close=False)
    with pytest.raises(BadAnswer, match=r"sbc-1 .* has not taken the whole file"):
        await Maintenance("sbc-1", line).load_software(zeros(20 * MIB))


# Devices that stop.


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("stop", [hang, take_and_hang], ids=["reading", "answering"])
async def test_a_device_that_stops_is_given_up(
    device: RawDevice, line: FullHttpTransport, stop: Handler
) -> None:
    device.handle = stop
    with pytest.raises(Unreachable, match=r"sbc-1 let nothing through for 0\.2 s"):
        await line.upload(SOFTWARE, zeros(20 * MIB))
    assert device.count("PUT") == 1
    assert (await line.get(STATUS)).status == 200


@pytest.mark.usefixtures("impatient")
async def test_a_download_that_stops_is_given_up(
    device: RawDevice, line: FullHttpTransport
) -> None:
    async def half(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await asyncio.Event().wait()

    device.handle = half
    got = bytearray()
    with pytest.raises(Unreachable, match="sbc-1 let nothing through"):
        await line.download(INI, got.extend)
    assert got == b"half"


@pytest.mark.usefixtures("impatient")
async def test_a_slow_device_that_goes_on_is_waited_for(
    device: RawDevice, line: FullHttpTransport
) -> None:
    async def drip(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for one in b"slowly":
            await asyncio.sleep(0.08)
            writer.write(bytes([one]))

    device.handle = drip
    got = bytearray()
    await line.download(INI, got.extend)
    assert got == b"slowly"


async def test_a_transfer_may_take_longer_than_a_request(
    device: RawDevice, network: HttpNetwork
) -> None:
    async def wait(heard: Heard, reader: Reader, writer: Writer) -> None:
        await take(heard, reader)
        await asyncio.sleep(0.4)
        writer.write(reply(b"{}"))

    device.handle = wait
    line = full_line_to(device, network, timeout=0.2)
    assert (await line.upload(INI, upload_of(b"x"))).status == 200
    with pytest.raises(Unreachable, match=r"did not answer within 0\.2 s"):
        await line.inspect(INI)


# Downloads.


async def test_chunks_are_a_file_too(device: RawDevice, line: FullHttpTransport) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    device.handle = says(head + b"3\r\nA =\r\n2\r\n 1\r\n0\r\n\r\n")
    got = bytearray()
    answer = await line.download(INI, got.extend)
    assert (answer.status, answer.body, got) == (200, b"", b"A = 1")
    assert await Inspector("sbc-1", line).fetch_ini() == b"A = 1"


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nhalf",
    ],
)
async def test_a_download_that_is_cut_off_is_no_download(
    device: RawDevice, line: FullHttpTransport, raw: bytes
) -> None:
    async def cut(heard: Heard, reader: Reader, writer: Writer) -> None:
        await says(raw)(heard, reader, writer)
        writer.close()

    device.handle = cut
    with pytest.raises(Unreachable, match="sbc-1 broke off its answer"):
        await line.download(INI, bytes)
    with pytest.raises(Unreachable, match="sbc-1 broke off its answer"):
        await Inspector("sbc-1", line).fetch_ini()


async def test_a_download_with_more_behind_it_is_garbled(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.handle = says(reply(b"file") + b"rubbish")
    with pytest.raises(BadAnswer, match="sbc-1 does not speak HTTP"):
        await line.download(INI, bytes)
    assert (await line.get(STATUS)).status == 200


async def test_a_refused_download_comes_with_the_devices_words_and_writes_nothing(
    device: RawDevice, line: FullHttpTransport
) -> None:
    device.handle = says(reply(BUSY, status="409 Conflict"))
    got = bytearray()
    answer = await line.download(INI, got.extend)
    assert (answer.status, answer.body, got) == (409, BUSY, b"")


async def test_a_packed_download_is_refused(device: RawDevice, line: FullHttpTransport) -> None:
    device.handle = says(reply(b"x", more="Content-Encoding: gzip\r\n"))
    with pytest.raises(BadAnswer, match=r"sbc-1 sent .* in an encoding"):
        await line.download(INI, bytes)


async def test_a_download_that_cannot_be_written_is_no_trouble_of_the_device(
    device: RawDevice, line: FullHttpTransport
) -> None:
    def write(_piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    device.handle = says(reply(b"file"))
    with pytest.raises(ConfigError, match=r"cannot be written: No space left on device"):
        await line.download(INI, write)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
@changes
async def test_a_redirect_is_never_followed(
    device: RawDevice, line: FullHttpTransport, change: Ask, status: str
) -> None:
    there = f"Location: http://127.0.0.1:{device.port}/elsewhere\r\n"
    device.handle = says(reply(status=status, more=there))
    with pytest.raises(BadAnswer, match="sbc-1 redirects /api/v1/"):
        await change(line)
    assert "/elsewhere" not in [one.target for one in device.heard]


async def test_a_web_page_is_no_file(device: RawDevice, line: FullHttpTransport) -> None:
    device.handle = says(reply(b"<html>Log in", kind="text/html; charset=utf-8"))
    inspector = Inspector("sbc-1", line)
    for ask in (inspector.fetch_ini, inspector.fetch_cli_script):
        with pytest.raises(BadAnswer, match="web page instead of a file"):
            await ask()
    for look in (inspector.fetch_license, lambda: inspector.fetch_certificate("0")):
        with pytest.raises(BadAnswer, match="not understood"):
            await look()
    with pytest.raises(BadAnswer, match="not understood: it is an HTML page"):
        await Maintenance("sbc-1", line).put_ini(upload_of(b"x"))


@pytest.mark.parametrize(("size", "fits"), [(32 * MIB, True), (33 * MIB, False)])
async def test_a_configuration_is_read_to_its_bound(
    device: RawDevice, line: FullHttpTransport, size: int, fits: bool
) -> None:
    body = b"A = 1\n" + bytes(size - 6)
    device.handle = says(reply(body, kind="application/octet-stream"))
    inspector = Inspector("sbc-1", line)
    if fits:
        assert len(await inspector.fetch_ini()) == size
        return
    with pytest.raises(BadAnswer, match="sbc-1 sent more than 32 MiB"):
        await inspector.fetch_ini()


# The file that is sent.


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ('a "b".ini', b'filename="a %22b%22.ini"'),
        ("a\r\nX-Evil: 1\r\n\r\n.ini", b'filename="a%0D%0AX-Evil: 1%0D%0A%0D%0A.ini"'),
        ("Müller.ini", 'filename="Müller.ini"'.encode()),
        ("a;b\\c.ini", b'filename="a;b\\c.ini"'),
        ("broken\udcff.ini", b'filename="broken?.ini"'),
        ("", b'filename=""'),
    ],
)
async def test_a_file_name_stays_within_its_quotes(
    device: RawDevice, line: FullHttpTransport, name: str, told: bytes
) -> None:
    await line.upload(INI, upload_of(b"content", name))
    heard = device.heard[-1]
    head, _, rest = bytes(heard.body).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[1] == b'Content-Disposition: form-data; name="file"; ' + told
    assert len(head.split(b"\r\n")) == 3
    assert rest.startswith(b"content\r\n--")
    assert heard.header("Content-Length") == str(len(heard.body))


async def test_an_empty_file_is_sent_as_one(device: RawDevice, line: FullHttpTransport) -> None:
    seen: list[int] = []
    answer = await line.upload(INI, upload_of(b"", "empty.ini"), progress=seen.append)
    assert answer.status == 200
    body = bytes(device.heard[-1].body)
    assert b"application/octet-stream\r\n\r\n\r\n------" in body
    assert seen == []


@pytest.mark.parametrize("size", [10, 20 * MIB])
async def test_a_file_that_becomes_shorter_meanwhile_is_said_to(
    device: RawDevice, line: FullHttpTransport, size: int
) -> None:
    whole = zeros(size // 2, "cut.ini")
    with pytest.raises(ConfigError, match=r"^cut\.ini became shorter while it was sent$"):
        async with asyncio.timeout(2):
            await line.upload(INI, Upload("cut.ini", size, whole.read))
    assert device.count("PUT") <= 1
    assert not any(one.whole for one in device.heard if one.method == "PUT")
    assert (await line.get(STATUS)).status == 200


async def test_a_file_that_cannot_be_read_is_no_trouble_of_the_device(
    line: FullHttpTransport,
) -> None:
    def read(_size: int) -> bytes:
        raise OSError(5, "Input/output error")

    with pytest.raises(ConfigError, match=r"^a\.ini cannot be read: Input/output error$"):
        async with asyncio.timeout(2):
            await line.upload(INI, Upload("a.ini", 10, read))


async def test_a_file_that_grows_meanwhile_is_sent_as_long_as_it_was(
    device: RawDevice, line: FullHttpTransport
) -> None:
    longer = upload_of(b"0123456789")
    await line.upload(INI, Upload("log.ini", 4, longer.read))
    assert b"\r\n\r\n0123\r\n--" in device.heard[-1].body


async def test_an_upload_that_is_called_off_leaves_nothing_running(
    device: RawDevice, line: FullHttpTransport
) -> None:
    begun = asyncio.Event()
    upload = line.upload(SOFTWARE, zeros(20 * MIB), progress=lambda _size: begun.set())
    device.handle = hang
    task = asyncio.create_task(upload)
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await line.get(STATUS)).status == 200


@pytest.mark.parametrize("end", ["whole", "refused early", "broken off"])
async def test_a_file_goes_by_tls_as_well(
    network: HttpNetwork, certificate: tuple[str, bytes], end: str
) -> None:
    file, der = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    async with serving(context) as device:
        url = f"https://127.0.0.1:{device.port}"
        trust = Trust(fingerprint=hashlib.sha256(der).hexdigest())
        maintenance = Maintenance("sbc-1", full_line_to(device, network, url=url, trust=trust))
        if end == "whole":
            await maintenance.load_software(zeros(5 * MIB))
            assert device.heard[-1].whole
        elif end == "refused early":
            device.handle = at_once(reply(BUSY, status="409 Conflict"), read_on=True)
            with pytest.raises(Conflict, match="HA synchronization"):
                await maintenance.load_software(zeros(5 * MIB))
        else:
            device.handle = break_off
            with pytest.raises(Unreachable, match=r"sbc-1 broke off after \d+ of 5242880 bytes"):
                await maintenance.load_software(zeros(5 * MIB))
        assert device.count("PUT") == 1


# Secrets.


async def test_the_password_of_a_key_is_in_the_query_and_nowhere_else(
    device: RawDevice, line: FullHttpTransport
) -> None:
    maintenance = Maintenance("sbc-1", line)
    key = upload_of(b"-----BEGIN X-----", "key.pem")
    await maintenance.put_private_key("2", key, password="p&ss w=rd+ü")
    heard = device.heard[-1]
    assert heard.target == "/api/v1/files/tls/2/privateKey?Password=p%26ss+w%3Drd%2B%C3%BC"
    assert "Password" not in heard.head.split("\r\n", 1)[1]
    assert b"p&ss" not in heard.body


async def not_http(heard: Heard, reader: Reader, writer: Writer) -> None:
    await take(heard, reader)
    writer.write(b"HTTP/9 what?\r\n\r\n")
    writer.close()


@pytest.mark.parametrize(
    "end",
    [
        break_off,
        take_and_close,
        hang,
        take_and_hang,
        not_http,
        says(reply(BUSY, status="409 Conflict")),
        says(reply(BUSY, status="301 Moved")),
        says(reply(BUSY, status="401 Unauthorized")),
        says(reply(b"<html>")),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_no_error_holds_the_password_of_a_key(
    device: RawDevice, line: FullHttpTransport, end: Handler
) -> None:
    device.handle = end
    with pytest.raises(AlarmbridgeError) as caught:
        await Maintenance("sbc-1", line).put_private_key(
            "2", zeros(20 * MIB), password="canary-key"
        )
    told = "".join(traceback.format_exception(caught.value))
    assert "canary" not in str(caught.value) + repr(caught.value) + told.replace(
        'password="canary-key"', ""
    )


async def test_a_file_that_fails_does_not_tell_the_password_either(
    line: FullHttpTransport,
) -> None:
    with pytest.raises(ConfigError) as caught:
        await Maintenance("sbc-1", line).put_private_key(
            "2", Upload("key.pem", 10, lambda _size: b""), password="canary-key"
        )
    told = "".join(traceback.format_exception(caught.value))
    assert "Password" not in told


def test_secrets_are_not_shown() -> None:
    shown = repr(AuthToken("canary", "made")) + repr(License(1, "2", "canary", "SBC=100"))
    assert "canary" not in shown
    assert "made" in shown
    assert "SBC=100" in shown


# A hundred megabytes.


async def test_a_large_file_is_sent_in_flat_memory_and_tells_how_far_it_is(
    device: RawDevice, line: FullHttpTransport
) -> None:
    async def count(heard: Heard, reader: Reader, writer: Writer) -> None:
        await take(heard, reader, keep=False)
        writer.write(reply(b"{}"))

    device.handle = count
    seen: list[int] = []
    size = 100_000_000
    await line.get(STATUS)
    tracemalloc.start()
    try:
        answer = await line.upload(SOFTWARE, zeros(size), progress=seen.append)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status == 200
    assert peak < 8 * MIB
    assert seen == sorted(set(seen))
    assert seen[-1] == size
    assert device.heard[-1].whole


async def test_a_large_file_is_fetched_in_flat_memory_and_tells_how_far_it_is(
    device: RawDevice, line: FullHttpTransport
) -> None:
    size, piece = 100_000_000, bytes(100_000)

    async def send(_heard: Heard, _reader: Reader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()

    device.handle = send
    got = 0
    seen: list[int] = []

    def write(part: bytes) -> None:
        nonlocal got
        got += len(part)

    await line.get(STATUS)
    tracemalloc.start()
    try:
        answer = await line.download(SOFTWARE, write, progress=seen.append)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status, got) == (200, size)
    assert peak < 8 * MIB
    assert seen == sorted(set(seen))
    assert seen[-1] == size
