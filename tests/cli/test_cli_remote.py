"""The commands that list, against a running daemon: what they are told, and what they refuse."""

import json
import ssl
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cli_cases import HOSTILE, Result, Run, alarm_of, do, free_port, save
from cli_daemon import TOKEN, served
from sinks.authority import Authority

from alarmbridge.store.alarm_lists import SEEN
from alarmbridge.web.outside import Front


@pytest.fixture
def url(database: Path) -> Iterator[str]:
    """The URL of a daemon over the full archive."""
    with served(database, free_port()) as url:
        yield url


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file with its viewer's token."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.mark.parametrize(
    "asked",
    [
        ("alarms",),
        ("alarms", "--json"),
        ("alarms", "--state", "active", "--min-severity", "major"),
        ("alarms", "--severity", "minor", "--severity", "major", "--limit", "1"),
        ("alarms", "--device", "sbc-1", "--device", "sbc-2", "--source", "Board#1", "--json"),
        ("alarms", "--tag", "site:ams", "--name", "acTrunk"),
        ("alarms", "--origin", "bridge", "--json"),
        ("alarms", "--raised-before", "2026-11-23T21:04:07Z", "--json"),
        ("alarms", "--text", "trunk dow*", "--json"),
        ("alarms", "--limit", "1", "--all"),
        ("alarms", "--limit", "2", "--after", SEEN.write("2026-11-23T21:04:08+00:00~sbc-2/3")),
        ("events", "--limit", "2"),
        ("events", "--device", "sbc-1", "--type", "alarm.cleared", "--json"),
        ("events", "--alarm", "sbc-1/2"),
        ("events", "--device", "sbc-1", "--device", "sbc-2", "--limit", "2", "--all"),
        ("devices",),
        ("devices", "--json"),
        ("devices", "--name", "sbc-2"),
        ("deliveries", "list"),
        ("deliveries", "list", "--state", "dead", "--sink", "second", "--json"),
        ("deliveries", "list", "--state", "dead", "--state", "pending", "--sink", "second"),
    ],
    ids=" ".join,
)
def test_a_daemon_answers_as_the_file_does(
    run: Run, url: str, token: Path, asked: tuple[str, ...]
) -> None:
    of_file = run(*asked)
    assert of_file.status == 0
    assert of_file.out
    assert run(*asked, "--url", url, "--token-file", str(token)) == of_file


def test_an_answer_of_many_pieces_is_taken_whole(
    run: Run, database: Path, url: str, token: Path, tmp_path: Path
) -> None:
    long = [alarm_of(number, description="trunk " * 10_000) for number in range(10, 14)]
    for alarm in long:
        do(database, partial(save, alarm=alarm))
    door = ("--url", url, "--token-file", str(token))
    for asked in (("alarms", "--json"), ("events", "--json", "--limit", "100")):
        of_file = run(*asked)
        assert len(of_file.out) > 200_000
        assert run(*asked, *door) == of_file
    made = tmp_path / "made.ndjson"
    assert run("alarms", "--export", str(made), *door).status == 0
    assert made.stat().st_size > 200_000


def test_url_and_token_may_come_from_the_environment(
    config: Path, run: Run, url: str, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_file = run("alarms")
    config.unlink()
    monkeypatch.setenv("ALARMBRIDGE_URL", f"{url}/")
    monkeypatch.setenv("ALARMBRIDGE_TOKEN_FILE", str(token))
    assert run("alarms") == of_file
    monkeypatch.delenv("ALARMBRIDGE_TOKEN_FILE")
    monkeypatch.setenv("ALARMBRIDGE_TOKEN", TOKEN)
    assert run("alarms") == of_file


def test_a_named_configuration_goes_before_the_environment(
    config: Path, run: Run, monkeypatch: pytest.MonkeyPatch, database: Path
) -> None:
    assert database.exists()
    monkeypatch.setenv("ALARMBRIDGE_URL", "http://127.0.0.1:9")
    assert run("alarms", "--config", str(config)).status == 0
    assert run("alarms").status == 1


def test_a_daemon_below_a_prefix_is_reached(database: Path, run: Run, token: Path) -> None:
    with served(database, free_port(), front=Front(prefix="/alarms")) as url:
        result = run("devices", "--url", f"{url}/alarms", "--token-file", str(token))
    assert (result.status, len(result.rows)) == (0, 3)


def test_hostile_text_of_a_daemon_is_shown_and_never_obeyed(
    database: Path, run: Run, url: str, token: Path
) -> None:
    do(database, lambda archive: save(archive, alarm_of(9, description=HOSTILE)))
    (row,) = run("alarms", "--limit", "1", "--url", url, "--token-file", str(token)).rows
    assert r"down\r\nforged line \x1b[31mred\x1b[0m [red]markup[/red] \u202eback\x07" in row


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--token-file", "missing"], 2, "--token-file: missing cannot be read"),
        ([], 1, "wants a token; name its file by --token-file"),
        (["--config", "alarmbridge.yaml"], 2, "--config and --url: give one of them"),
        (["--ca-file", "missing"], 2, "--ca-file: missing cannot be used"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    run: Run, url: str, arguments: list[str], status: int, words: str
) -> None:
    result = run("alarms", "--url", url, *arguments)
    assert (result.status, result.out) == (status, "")
    assert words in result.err


def test_a_wrong_token_is_not_told_to_anybody(run: Run, url: str, token: Path) -> None:
    token.write_text("canary-wrong")
    result = run("alarms", "--url", url, "--token-file", str(token))
    assert (result.status, result.out) == (1, "")
    assert "does not know this token" in result.err
    assert "canary" not in result.err


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://host", "such as https://"),
        ("127.0.0.1:8480", "such as https://"),
        ("http://", "such as https://"),
        ("http://user:secret@host", "must not have a secret in it"),
        ("http://host/?token=x", "such as https://"),
    ],
)
def test_what_is_no_url_of_a_daemon_is_a_mistake(run: Run, url: str, words: str) -> None:
    result = run("alarms", "--url", url)
    assert result.status == 2
    assert words in result.err


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["alarms", "--raised-after", "yesterday"], "--raised-after: "),
        (["alarms", "--tag", "site"], "--tag: must be a key and a value, as site:ams"),
        (["events", "--type", "raised"], "--type: "),
        (["alarms", "--every", "1ms"], "--every: must be from 100ms to 1d"),
        (["alarms", "--every", "often"], "--every: "),
        (["alarms", "--token-file", "x"], "--token-file and --ca-file go with --url"),
        (["alarms", "--force"], "--force goes with --export"),
        (["alarms", "--watch", "--all"], "--watch and --all: give one of them"),
        (["alarms", "--watch"], "--watch: this is no terminal"),
    ],
)
@pytest.mark.usefixtures("database")
def test_a_mistake_is_named_by_its_option(run: Run, asked: list[str], words: str) -> None:
    result = run(*asked)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(words)


@pytest.mark.usefixtures("database")
def test_a_cursor_of_nobody_is_refused_by_both(run: Run, url: str, token: Path) -> None:
    for where in ([], ["--url", url, "--token-file", str(token)]):
        result = run("alarms", "--after", "elsewhere", *where)
        assert (result.status, result.out) == (1, "")
        assert "is no cursor of this list" in result.err


def serve_once(server: HTTPServer, run: Run, *asked: str) -> Result:
    """Run a command while a server answers."""
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        return run(*asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_who_vouches_for_a_daemon_can_be_named(tmp_path: Path, run: Run) -> None:
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("daemon", "127.0.0.1"))
    nothing = {"body": b'{"items": [], "next": null}'}

    def ask(*more: str) -> Result:
        server = HTTPServer(("127.0.0.1", 0), type("Liar", (_Liar,), nothing))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://127.0.0.1:{server.server_port}"
        return serve_once(server, run, "alarms", "--url", url, *more)

    assert ask("--ca-file", str(authority.ca_file)).out == "No such alarms.\n"
    refused = ask()
    assert (refused.status, refused.out) == (1, "")
    assert "certificate verify failed" in refused.err


def test_a_token_on_its_way_without_tls_is_warned_of(run: Run, token: Path) -> None:
    result = run("alarms", "--url", "http://alarms.invalid", "--token-file", str(token))
    assert result.status == 1
    assert "the token goes to http://alarms.invalid without TLS" in result.err
    assert TOKEN not in result.err


def test_a_daemon_that_is_not_there_is_named(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = run("alarms", "--url", url)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(f"alarmbridge: {url} cannot be asked: ")


class _Liar(BaseHTTPRequestHandler):
    """Answers whatever it was told to."""

    status, media, body, headers_too = 200, "application/json", b"{}", {}

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", self.media)
        self.send_header("Content-Length", str(len(self.body)))
        for name, value in self.headers_too.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


ITEM = {"items": [{"id": "1"}], "next": None}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": b"{}"}, "items: Field required"),
        ({"body": b'{"items": 7, "next": null}'}, "items: "),
        ({"body": json.dumps(ITEM).encode()}, "items.0."),
        ({"body": b"<html>", "media": "text/html"}, "it is text/html"),
        ({"body": b"no json"}, "Invalid JSON"),
        ({"status": 302, "headers_too": {"Location": "http://127.0.0.1:1/"}}, "answers 302"),
        ({"status": 500, "body": b'{"detail": "\\u001b[31mred"}'}, r"answers 500: \x1b[31mred"),
        ({"status": 503}, "cannot be asked: it answers 503"),
    ],
    ids=str,
)
def test_what_no_daemon_of_ours_says_is_not_believed(
    run: Run, answer: dict[str, object], words: str
) -> None:
    server = HTTPServer(("127.0.0.1", 0), type("Liar", (_Liar,), answer))
    url = f"http://127.0.0.1:{server.server_port}"
    result = serve_once(server, run, "alarms", "--url", url)
    assert (result.status, result.out) == (1, "")
    assert words in result.err
    assert all(char.isprintable() for char in result.err.rstrip("\n"))
