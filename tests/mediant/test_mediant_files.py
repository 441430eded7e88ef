"""Files of a device: only what is one comes through, and only as it came."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediant_fakes import FakeTransport, answer

from alarmbridge.core.errors import BadAnswer, Forbidden
from alarmbridge.mediant.files import (
    BEGINNING,
    Check,
    check_ini,
    check_pem,
    check_script,
    download_file,
    read_file,
)
from alarmbridge.mediant.transport import Answer, Progress

PATH = "/api/v1/files/ini"
INI = b";** Ini File **\r\n\r\n[SYSTEM Params]\r\n\r\nSyslogServerIP = 10.0.0.1\r\n"
PEM = b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"


class Giving(FakeTransport):
    """Gives a file in pieces, if its answer is 200."""

    def __init__(self, pieces: list[bytes], head: Answer) -> None:
        super().__init__(lambda _path, _query: head)
        self._pieces = pieces

    async def download(
        self, path: str, write: Callable[[bytes], object], *, progress: Progress | None = None
    ) -> Answer:
        got = await self.get(path)
        for piece in self._pieces if got.status == 200 else ():
            write(piece)
            if progress:
                progress(len(piece))
        return got


async def fetch(
    pieces: list[bytes], check: Check, head: Answer | None = None
) -> tuple[list[bytes], int]:
    got: list[bytes] = []
    line = Giving(pieces, head or answer(200))
    size = await download_file(line, PATH, got.append, device="sbc-1", check=check)  # type: ignore[arg-type] # all of it that is used
    return got, size


NONE = [
    (check_ini, b"", "it is empty"),
    (check_ini, b"\r\n", "it is empty"),
    (check_ini, b"<html>Log in", "it is a web page instead of a file"),
    (check_ini, b'{"description": "Done"}', "it is no INI file"),
    (check_ini, b"hello", "it is no INI file"),
    (check_ini, b"hello\n" * BEGINNING + INI, "it is no INI file"),
    (check_script, b"", "it is empty"),
    (check_script, b"\n <!DOCTYPE html>", "it is a web page instead of a file"),
    (check_pem, b"", "it is empty"),
    (check_pem, b"hello", "it is no PEM"),
    (check_pem, PEM[:40], "it is no PEM"),
]


@pytest.mark.parametrize(("check", "body", "words"), NONE)
async def test_what_is_no_such_file_is_refused_and_nothing_of_it_written(
    check: Check, body: bytes, words: str
) -> None:
    said = f"^sbc-1: answer to {PATH} not understood: {words}$"
    got: list[bytes] = []
    line = Giving([body], answer(200))
    with pytest.raises(BadAnswer, match=said):
        await download_file(line, PATH, got.append, device="sbc-1", check=check)  # type: ignore[arg-type] # all of it that is used
    assert got == []
    with pytest.raises(BadAnswer, match=said):
        read_file(answer(200, body), device="sbc-1", path=PATH, check=check)


@pytest.mark.parametrize(
    ("check", "body"),
    [
        (check_ini, INI),
        (check_ini, b"\xef\xbb\xbf" + INI),
        (check_ini, INI + b"X = " + b"x" * BEGINNING),
        (check_ini, b"X = " + b"x" * BEGINNING),
        (check_ini, INI * 10_000),
        (check_ini, b"\r\n;****\r\n;Board: Mediant SW\r\n...\r\n"),
        (check_script, b"<CLI script>"),
        (check_script, b"configure voip\n exit\n"),
        (check_pem, PEM),
        (check_pem, "# Müller's\n".encode() + PEM),
        (check_pem, PEM * 10_000),
    ],
)
async def test_a_file_comes_through_as_it_is(check: Check, body: bytes) -> None:
    got, size = await fetch([body], check)
    assert (b"".join(got), size) == (body, len(body))
    assert read_file(answer(200, body), device="sbc-1", path=PATH, check=check) == body


@given(st.lists(st.binary(max_size=5), max_size=5), st.integers(0, 3))
async def test_a_file_may_come_in_any_pieces(pieces: list[bytes], halves: int) -> None:
    whole = [INI, *[bytes(BEGINNING // 2)] * halves, *pieces]
    got, size = await fetch(whole, check_script)
    assert (b"".join(got), size) == (b"".join(whole), sum(map(len, whole)))
    assert len(got) <= 1 + len(pieces) + halves


async def test_a_refusal_is_none_of_the_file() -> None:
    with pytest.raises(Forbidden, match="HTTP 403"):
        await fetch([INI], check_ini, answer(403))
    with pytest.raises(BadAnswer, match="web page instead of a file"):
        await fetch([INI], check_ini, answer(200, kind="text/html; charset=utf-8"))
