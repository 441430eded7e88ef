"""The parts of a scenario: the installed command as a process, and how it is configured."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from acceptance_oracle import differences
from acceptance_ports import free_port
from acceptance_receiver import SECRET, Receiver

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.farm import Farm

COMMAND = str(Path(sys.executable).with_name("alarmbridge"))
PASSWORD = "canary-password-of-the-devices"


async def until(holds: Callable[[], object], *, within: float = 30.0) -> None:
    """Wait for a condition; it has a deadline, and says so when that has passed."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def agreed(farm: Farm, receiver: Receiver, *, within: float = 30.0) -> None:
    """Wait until nothing of what was told differs from what is true, and show what does."""
    with suppress(AssertionError):
        await until(lambda: not differences(farm, receiver), within=within)
    found = differences(farm, receiver)
    assert not found, "\n".join(found)


def farm_of(count: int, **traits: Any) -> Farm:
    """Make a farm whose texts the oracle can read, on ports that stay free in an outage."""
    return Farm(count, tokens=True, password=PASSWORD, port=free_port(count), **traits)


async def looks_at(device: Device, count: int) -> None:
    """Wait until the bridge has looked at a device that often; a sync asks for lastChange twice."""
    before = device.counters.requests["lastChange"]
    await until(lambda: device.counters.requests["lastChange"] >= before + 2 * count)


async def settled(farm: Farm) -> None:
    """Wait until every device was read to a settled end: its next looks ask for lastChange only."""
    tables = ("active", "history")
    async with asyncio.timeout(30):
        for device in farm.devices.values():
            requests, read = device.counters.requests, None
            while read != (read := [requests[table] for table in tables]):
                await looks_at(device, 2)


class Bridge:
    """`alarmbridge run` as a process, killed, stopped and started at will."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any]) -> None:
        self.file = folder / "alarmbridge.yaml"
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(configuration)

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Write its configuration, for the next start."""
        self.file.write_text(json.dumps(configuration), encoding="utf-8")

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "run", "--config", str(self.file)], stderr=log, cwd=self.file.parent
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def stop(self) -> int:
        """Ask it to stop, as systemd does; return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, 10)

    def end(self) -> None:
        if self.running:
            self.kill()


@contextmanager
def ended(bridge: Bridge) -> Iterator[Bridge]:
    """End a bridge whatever becomes of the test, and hold its log against it.

    A traceback in there is a bug, and a secret is a worse one, in any scenario.
    """
    try:
        yield bridge
    finally:
        bridge.end()
    log = bridge.log.read_text(encoding="utf-8")
    secrets = (PASSWORD, SECRET.removeprefix("whsec_"), "canary-token")
    assert [secret for secret in secrets if secret in log] == []
    assert "Traceback" not in log


def sink(receiver: Receiver, name: str = "hook") -> dict[str, Any]:
    return {"name": name, "type": "webhook", "url": receiver.url, "secret": SECRET}


def configure(folder: Path, farm: Farm, *receivers: Receiver, **changes: Any) -> dict[str, Any]:
    """Write a configuration for a farm; changes are laid over its defaults.

    The first receiver is the sink `hook`; those after it are `hook-2`, `hook-3`, …
    """
    names = ["hook", *(f"hook-{n}" for n in range(2, len(receivers) + 1))]
    return {
        "database": {"url": f"sqlite:///{folder}/alarmbridge.db"},
        "api": {"listen": f"127.0.0.1:{free_port()}"},
        "defaults": {
            "interval": "300ms",
            "full_sync": "5s",
            "username": "monitor",
            "password": PASSWORD,
            **changes,
        },
        "devices": [{"name": name, "url": farm.url(name)} for name in farm.devices],
        "sinks": [sink(one, name) for one, name in zip(receivers, names, strict=False)],
    }


async def ask(bridge: Bridge, *words: str) -> str:
    """Run a command beside the daemon, and return all that it printed."""
    asking = await asyncio.create_subprocess_exec(
        COMMAND,
        *words,
        "--config",
        str(bridge.file),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await asking.communicate()
    assert asking.returncode == 0, printed.decode()
    return printed.decode()
