"""`simulate`: it prints a configuration that works, until Ctrl-C."""

import base64
import json
import signal
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from cli_cases import Run, free_port, wait_until

from alarmbridge.settings.loading import load_settings


def fetch(url: str, login: str = "") -> Any:
    token = base64.b64encode(login.encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {token}"})  # noqa: S310 - of this test's own
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
            return json.load(answer)
    except URLError:
        return None


def interrupt_when(holds: Callable[[], object]) -> threading.Thread:
    """Press Ctrl-C as soon as a condition holds, or when its time is up."""

    def work() -> None:
        try:
            wait_until(holds)
        finally:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize(("script", "expected"), [("quiet", 0), ("lively", 1), ("storm", 6)])
def test_it_plays_until_ctrl_c_what_its_configuration_says(
    run: Run, tmp_path: Path, script: str, expected: int
) -> None:
    control, seen = free_port(), list[Any]()

    def is_playing() -> bool:
        shown = fetch(f"http://127.0.0.1:{control}/control/devices")
        if shown is None or sum(one["active"] for one in shown["devices"]) < expected:
            return False
        login = "me:it's: {a secret"
        seen.extend(fetch(f"{one['url']}/api/v1/status", login) for one in shown["devices"])
        return True

    thread = interrupt_when(is_playing)
    login = ("--username", "me", "--password", "it's: {a secret")
    ports = ("--port", "0", "--control-port", str(control), "--script", script)
    result = run("simulate", "--devices", "2", "--alarms", "6", *ports, *login)
    thread.join()
    assert (result.status, result.err) == (0, "")
    assert result.out.endswith("\n# ended\n")
    assert f"# control surface: http://127.0.0.1:{control}/control/devices" in result.out
    written = tmp_path / "simulated.yaml"
    written.write_text(result.out)
    devices = load_settings(written, environ={}).devices
    assert [device.name for device in devices] == ["sim-1", "sim-2"]
    assert {device.password.get_secret_value() for device in devices} == {"it's: {a secret"}
    assert all(answer is not None for answer in seen)
    assert len(seen) == 2


def test_each_device_may_have_habits_and_an_address_of_its_own(run: Run) -> None:
    control, port = free_port(), free_port()
    thread = interrupt_when(lambda: fetch(f"http://127.0.0.1:{control}/control/devices"))
    ports = ("--port", str(port), "--control-port", str(control))
    result = run("simulate", "--habits", "drawn", "--addressing", "addresses", *ports)
    thread.join()
    assert result.status == 0
    assert f'{{name: sim-3, url: "http://127.1.0.3:{port}"}}' in result.out


def test_a_port_in_use_is_refused(run: Run) -> None:
    control = free_port()
    ports = ("--port", str(control), "--control-port", str(control))
    result = run("simulate", "--devices", "1", *ports)
    assert (result.status, "--control-port" in result.err) == (1, True)
    assert result.err.startswith("alarmbridge: simulate cannot listen: ")
