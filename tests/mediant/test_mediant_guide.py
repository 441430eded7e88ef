"""The client against the guide: each example is asked as printed, and answered as printed."""

import json
import re
from dataclasses import dataclass

import pytest
from guide_examples import AS_PRINTED, EXAMPLES, Client, Example, Said
from mediant_material import upload_of
from mediant_wire import (
    STATUS,
    Handler,
    Heard,
    RawDevice,
    Reader,
    Writer,
    full_line_to,
    reply,
    says,
)

from alarmbridge.mediant.form import Form
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.transport import Upload

PRINTED_BOUNDARY = "WebKitFormBoundary7MA4YWxkTrZu0gW"
FORM = re.compile(
    rf"-+{PRINTED_BOUNDARY}\n"
    r'(?P<part>Content-Disposition: form-data; name="file"; filename="(?P<name>[^"]+)"\n'
    r"Content-Type: application/octet-stream\n)\n"
    rf"(?P<file>.*)\n-+{PRINTED_BOUNDARY}--",
    re.DOTALL,
)
CASES = [
    pytest.param(one, which, id=f"{one.section}{' or' * which}")
    for one in EXAMPLES
    for which in range(len(one.outcomes))
]


@dataclass(frozen=True)
class Exchange:
    """An example taken apart. kind: of the request's body. form: its file, None without one."""

    method: str
    target: str
    kind: str
    body: str
    form: re.Match[str] | None
    answer_head: str
    answer: bytes

    @property
    def upload(self) -> Upload:
        if self.form is None:
            return upload_of(b"")
        return upload_of(self.form["file"].encode(), self.form["name"])


def take_apart(printed: str, which: int) -> Exchange:
    # The printer has broken what was too long for its line.
    mended = re.sub(r"(boundary=-+)\n", r"\1", printed).replace('name="file";\n', 'name="file"; ')
    mended = mended.replace("\nHTTP/1.1\n", " HTTP/1.1\n")
    request, *answers = re.split(r"^HTTP/1\.1 ", mended, flags=re.MULTILINE)
    line, _, rest = request.partition("\n")
    head, body = split_head(rest)
    status, _, answered = (answers or ["200 OK\n"])[which].partition("\n")
    answer_head, answer = split_head(answered)
    kind = re.search(r"Content-Type: ([^;\n]*)", head)
    method, target, _ = line.split(" ")
    return Exchange(
        method=method,
        target=target,
        kind=kind[1] if kind else "",
        body=body,
        form=FORM.fullmatch(body),
        answer_head="\r\n".join([f"HTTP/1.1 {status}", *answer_head.splitlines()]),
        answer=answer.removesuffix("or").strip().encode(),
    )


def split_head(text: str) -> tuple[str, str]:
    """Split it where the headers end: the guide mostly leaves the blank line out."""
    found = re.match(r"(?:[A-Z][A-Za-z-]+: .*\n?)*", text)
    end = found.end() if found else 0
    return text[:end], text[end:].strip()


def framed(exchange: Exchange, framing: str) -> bytes:
    head, body = exchange.answer_head, exchange.answer
    if " 204 " in head:
        return f"{head}\r\n\r\n".encode()
    if framing == "length":
        return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    if framing == "chunked":
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return f"{head}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunk + b"0\r\n\r\n"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body


def only_at(target: str, raw: bytes, *, close: bool) -> Handler:
    """Know this one path, with its query, and answer it so."""

    async def handle(heard: Heard, reader: Reader, writer: Writer) -> None:
        known = heard.target == target
        answer = raw if known else reply(b"{}", status="404 Not Found")
        await says(answer)(heard, reader, writer)
        if known and close:
            writer.close()

    return handle


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize(("example", "which"), CASES)
async def test_an_example_of_the_guide(
    example: Example, which: int, framing: str, device: RawDevice, network: HttpNetwork
) -> None:
    exchange = take_apart(example.printed, which)
    target = (example.path or exchange.target) + (f"?{example.query}" if example.query else "")
    line = full_line_to(device, network)
    await line.get(STATUS)
    device.heard.clear()
    device.proof = None
    device.handle = only_at(target, framed(exchange, framing), close=framing == "close")

    await assert_outcome(example, which, exchange, Client(line, exchange.upload))

    *before, heard = device.heard
    assert [one.target for one in before] == ([example.first] if example.first else [])
    assert heard.head.split("\r\n")[0] == f"{exchange.method} {target} HTTP/1.1"
    assert_headers(heard, exchange, device.port)
    assert_body(heard, exchange, example)


async def assert_outcome(example: Example, which: int, exchange: Exchange, client: Client) -> None:
    outcome = example.outcomes[which]
    if isinstance(outcome, Said):
        with pytest.raises(outcome.kind) as caught:
            await example.call(client)
        assert type(caught.value) is outcome.kind
        assert caught.value.said == outcome.words
        assert f" {caught.value.status} " in exchange.answer_head
        assert str(caught.value).startswith("sbc-1 answered /api/v1/")
        return
    found = await example.call(client)
    if outcome is AS_PRINTED:
        printed = exchange.answer
        assert found == (printed if isinstance(found, bytes) else printed.decode() + "\n")
    else:
        assert found == outcome


def assert_headers(heard: Heard, exchange: Exchange, port: int) -> None:
    kind = (heard.header("Content-Type") or "").partition(";")[0]
    length = heard.header("Content-Length")
    assert heard.header("Host") == f"127.0.0.1:{port}"
    # aiohttp names a kind where a POST has nothing at all.
    assert kind == exchange.kind or (kind == "application/octet-stream" and not heard.body)
    assert length == (None if exchange.method == "GET" else str(len(heard.body)))
    # No Expect, which the guide's curl takes pains to leave out, and no Transfer-Encoding.
    names = {"accept", "accept-encoding", "authorization", "host", "user-agent"}
    names |= {"content-type"} if kind else set()
    names |= {"content-length"} if length else set()
    assert sorted(heard.names) == sorted(names)


def assert_body(heard: Heard, exchange: Exchange, example: Example) -> None:
    if exchange.form is not None:
        boundary = (heard.header("Content-Type") or "").partition("boundary=")[2]
        edge = f"--{boundary}".encode()
        part = exchange.form["part"].replace("\n", "\r\n").encode()
        file = exchange.form["file"].encode()
        assert heard.body == edge + b"\r\n" + part + b"\r\n" + file + b"\r\n" + edge + b"--\r\n"
        assert 0 < len(boundary) <= 70
    elif exchange.body:
        pairs = [*json.loads(exchange.body).items(), *example.besides.items()]
        assert json.loads(heard.body, object_pairs_hook=list) == pairs
    else:
        assert heard.body == b""


def test_every_section_with_an_example_is_here() -> None:
    assert {one.section.partition(" ")[0] for one in EXAMPLES} == set(
        re.findall(
            r"[0-9.]+",
            "2 3 4 5 5.1 5.2 5.3 6 6.1.1 6.1.2 6.2.1 6.2.2 6.3.1 6.3.2 6.4 6.4.1 6.5 "
            "7 7.1 7.2 7.2.1 7.3 7.4 7.5 7.6 7.7 8 8.1 8.1.1 8.1.2 8.2 8.2.1 9 10 10.1 11",
        )
    )
    assert len(CASES) == len(EXAMPLES) + 6


def test_a_form_has_the_length_that_the_guide_prints_but_for_its_last_line_end() -> None:
    form = Form(upload_of(b"show system version"), f"----{PRINTED_BOUNDARY}")
    assert form.size == 210 + len("\r\n")
