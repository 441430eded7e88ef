"""Debian's amtool beside a daemon, below a path and with a token, as with an Alertmanager."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance_parts import Bridge, configure, farm_of, until
from acceptance_receiver import Receiver
from receivers import need_program

pytestmark = pytest.mark.acceptance

RunBridge = Callable[[Mapping[str, Any]], Bridge]
TOKEN = "canary-token-of-noc"
PREFIX = "/canary-prefix"
AN_AGE = {"from": "2020-01-01T00:00:00Z", "until": "2120-01-01T00:00:00Z"}


class Amtool:
    """The program, as somebody configures it who has a token."""

    def __init__(self, folder: Path, listen: str) -> None:
        self._program = need_program("amtool", "prometheus-alertmanager")
        self._client = folder / "client.json"
        self._client.write_text(
            json.dumps({"authorization": {"type": "Bearer", "credentials": TOKEN}})
        )
        self._url = f"http://{listen}{PREFIX}"

    async def ask(self, *words: str, status: int = 0) -> str:
        """Return what it printed, complaints among it."""
        asking = await asyncio.create_subprocess_exec(
            self._program,
            f"--alertmanager.url={self._url}",
            f"--http.config.file={self._client}",
            "--no-version-check",
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await asking.communicate()
        assert asking.returncode == status, printed.decode()
        return printed.decode()

    async def alerts(self, *words: str) -> set[str]:
        """Name the devices of the alerts that it finds."""
        found = json.loads(await self.ask("alert", "query", "-o", "json", *words))
        return {one["labels"]["device"] for one in found}

    async def silences(self) -> list[dict[str, Any]]:
        """List those that are in force, the configuration's first."""
        found: list[dict[str, Any]] = json.loads(await self.ask("silence", "query", "-o", "json"))
        return sorted(found, key=lambda one: one["startsAt"])

    async def silence(self, *words: str) -> str:
        """Add a silence; return its id."""
        said = ("-a", "ada", "-c", "upgrade", "-d", "1h")
        return (await self.ask("silence", "add", *said, *words)).strip()


async def test_amtool_silences_and_lets_speak_again(
    tmp_path: Path, receiver: Receiver, run_bridge: RunBridge
) -> None:
    async with farm_of(3) as farm:
        configuration = configure(tmp_path, farm, receiver)
        listen = configuration["api"]["listen"]
        configuration["silences"] = [{"match": {"devices": "other"}, **AN_AGE}]
        configuration["api"] |= {
            "prefix": PREFIX,
            "tokens": [{"name": "noc", "role": "operator", "token": TOKEN}],
        }
        bridge, amtool = run_bridge(configuration), Amtool(tmp_path, listen)
        await until(lambda: all(one.counters.total for one in farm.devices.values()))

        first = await amtool.silence("device=~sim-(1|2)", "device!=sim-2", "severity!=warning")
        for device in farm.devices.values():
            device.model.raise_alarm(farm.clock(), n=1)
        await until(lambda: len(receiver.events) == 2)
        assert {one.device for one in receiver.log} == {"sim-2", "sim-3"}
        async with asyncio.timeout(30):
            while await amtool.alerts("--silenced") != {"sim-1"}:
                pass
        assert await amtool.alerts() == {"sim-2", "sim-3"}
        assert await amtool.alerts("device=~sim-[12]") == {"sim-2"}
        assert "sim-2" in await amtool.ask("alert", "query", "-o", "extended", "device=sim-2")

        # What is edited or goes to and fro is silenced all the time.
        await amtool.ask("silence", "update", "-d", "2h", first)
        configured, shown = await amtool.silences()
        assert (shown["id"] != first, shown["createdBy"]) == (True, "ada (by noc)")
        exported = tmp_path / "silences.json"
        exported.write_text(json.dumps([shown]))
        third = (await amtool.ask("silence", "import", "--force", str(exported))).split()[-1]
        await amtool.ask("silence", "expire", shown["id"])
        assert await amtool.alerts("--silenced") == {"sim-1"}
        assert {one.device for one in receiver.log} == {"sim-2", "sim-3"}

        await amtool.ask("silence", "expire", third)
        await until(lambda: len(receiver.events) == 3)
        assert receiver.log[-1].device == "sim-1"
        assert await amtool.alerts() == {"sim-1", "sim-2", "sim-3"}
        why = await amtool.ask("silence", "expire", configured["id"], status=1)
        assert "it can be ended only there" in why
        why = await amtool.ask("silence", "add", "-c", "x", "devcie=sim-1", status=1)
        assert "no alarm has this label" in why
        assert "disabled" in await amtool.ask("cluster", "show")
        assert "alarmbridge" in await amtool.ask("config", "routes", "show")
        assert await bridge.stop() == 0
    assert receiver.faults == []
