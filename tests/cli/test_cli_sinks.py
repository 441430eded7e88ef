"""`sinks`: trying one against a real far end, and telling one again what stands."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cli_cases import Run, do, settle

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions


class _Server(http.server.ThreadingHTTPServer):
    heard: list[dict[str, object]]
    status: int


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def far_end() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.heard, server.status = [], 202
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def configuration(tmp_path: Path, far_end: _Server) -> Path:
    file = tmp_path / "sinks.yaml"
    sink = {
        "name": "hook",
        "type": "webhook",
        "url": f"http://127.0.0.1:{far_end.server_port}/",
        "match": {"min_severity": "critical"},
        "delay": "1h",
    }
    file.write_text(yaml.safe_dump({"database": {"url": "sqlite:///none.db"}, "sinks": [sink]}))
    return file


def test_a_test_raises_and_clears_a_marked_alarm_whatever_the_rules(
    run: Run, configuration: Path, far_end: _Server
) -> None:
    result = run("sinks", "test", "hook", "--config", str(configuration))
    assert (result.status, result.out) == (
        0,
        "raised: accepted: HTTP 202\ncleared: accepted: HTTP 202\n",
    )
    told = [(one["type"], one["data"]["alarm"]) for one in far_end.heard]  # type: ignore[index] - JSON
    assert [kind for kind, _ in told] == ["alarm.raised", "alarm.cleared"]
    assert {alarm["name"] for _, alarm in told} == {"sinkTest"}
    assert len({alarm["id"] for _, alarm in told}) == 1
    assert not (configuration.parent / "none.db").exists()


def test_a_test_that_fails_says_why_and_ends_with_1(
    run: Run, configuration: Path, far_end: _Server
) -> None:
    far_end.status = 503
    result = run("sinks", "test", "hook", "--config", str(configuration), "--json")
    assert result.status == 1
    said = json.loads(result.out)
    assert (said["event"], said["accepted"]) == ("raised", False)
    assert "503" in said["answer"]


def test_a_sink_that_is_not_configured_is_a_mistake(run: Run, configuration: Path) -> None:
    result = run("sinks", "test", "other", "--config", str(configuration))
    assert (result.status, result.err) == (2, "there is no sink 'other'; there are: hook\n")


def test_a_resync_shows_what_it_would_do_and_does_it(run: Run, database: Path) -> None:
    do(database, lambda archive: settle(archive, "journal", DeliveryState.DELIVERED, "told"))
    asked = ("deliveries", "list", "--sink", "journal", "--state", "pending", "--json")
    before = run(*asked).out.splitlines()
    dry = run("sinks", "resync", "journal", "--dry-run")
    assert dry.status == 0
    assert "restate" in dry.out
    said = run("sinks", "resync", "journal", "--dry-run", "--json").out.splitlines()
    assert {json.loads(line)["step"] for line in said} <= {"restate", "open", "close"}
    again = run("sinks", "resync", "journal")
    assert f"Deliveries owed: {len(dry.rows)}." in again.out
    assert len(run(*asked).out.splitlines()) == len(before) + len(dry.rows)
    assert run("sinks", "resync", "journal").out == "There is nothing to tell.\n"
    noted = []

    async def look(archive: Archive) -> None:
        async with archive.read() as tx:
            noted.extend((await list_actions(tx)).items)

    do(database, look)
    assert [(one.action, one.target) for one in noted] == [("sink.resync", "journal")]
