"""Uploads and actions over real sockets: what aiohttp sends, what the farm makes of it."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from hashlib import sha256
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import Habits
from alarmbridge.simulator.request import HEAD

API = "/api/v1"
MEGABYTE = 1024 * 1024


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    async with Farm(1, seed=1, habits=Habits(boot_seconds=0.2)) as made:
        yield made


@pytest.fixture
async def client(farm: Farm) -> AsyncIterator[aiohttp.ClientSession]:
    login = farm.devices["sim-1"].login.authorization
    async with aiohttp.ClientSession(
        farm.url("sim-1"),
        headers={"Authorization": login},
        timeout=aiohttp.ClientTimeout(total=60),
    ) as session:
        yield session


def form(content: Any, filename: str = "file.txt", *, name: str = "file") -> aiohttp.FormData:
    """Put a file into a form, as a browser does."""
    made = aiohttp.FormData()
    made.add_field(name, content, filename=filename, content_type="application/octet-stream")
    return made


async def test_a_partial_ini_file_travels(farm: Farm, client: aiohttp.ClientSession) -> None:
    body = form(b"SyslogServerIP = 10.9.9.9\n", "ini.txt")
    async with client.put(f"{API}/files/ini/incremental", data=body) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    async with client.get(f"{API}/files/ini") as answer:
        assert answer.content_type == "application/octet-stream"
        assert "SyslogServerIP = 10.9.9.9\n" in await answer.text()
    device = farm.devices["sim-1"]
    assert device.model.box.files.uploads["ini/incremental"].filename == "ini.txt"
    assert device.counters.not_get == 1


async def test_the_guides_own_bytes_are_taken(farm: Farm, client: aiohttp.ClientSession) -> None:
    edge = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="cli.txt"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\nshow system version\r\n--{edge}--\r\n"
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    path = f"{API}/files/cliScript/incremental"
    async with client.put(path, data=body.encode(), headers=headers) as answer:
        output = (await answer.json())["output"]
    assert farm.devices["sim-1"].model.identity.serial_number in output


async def test_a_file_in_a_part_of_another_name_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.put(f"{API}/files/cpt", data=form(b"tones", name="upload")) as answer:
        assert (answer.status, (await answer.json())["description"]) == (400, "File is missing")


async def test_other_fields_of_a_form_are_read(farm: Farm, client: aiohttp.ClientSession) -> None:
    body = form(b"no key", "key.pem")
    body.add_field("Password", "x")
    async with client.put(f"{API}/files/tls/0/privateKey", data=body) as answer:
        assert answer.status == 400
    body = form(b"tones")
    body.add_field("note", BytesIO(bytes(2 * MEGABYTE)))
    async with client.put(f"{API}/files/cpt", data=body) as answer:
        assert answer.status == 400
    assert not farm.devices["sim-1"].model.box.files.uploads


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=a", "application/octet-stream"],
)
async def test_a_body_that_is_no_form_is_refused(
    client: aiohttp.ClientSession, content_type: str
) -> None:
    headers = {"Content-Type": content_type}
    async with client.put(f"{API}/files/cpt", data=b"tones", headers=headers) as answer:
        assert answer.status == 400


async def test_json_is_bounded(client: aiohttp.ClientSession) -> None:
    body = BytesIO(b'{"username": "%s"}' % (b"x" * MEGABYTE))
    async with client.post(f"{API}/actions/authToken", data=body) as answer:
        assert (answer.status, (await answer.json())["description"]) == (
            400,
            "Request is too large",
        )


async def test_a_token_opens_the_web_page_without_a_login(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    wanted = {"username": "john", "privLevel": "admin"}
    async with client.post(f"{API}/actions/authToken", json=wanted) as answer:
        token = (await answer.json())["authToken"]
    page = f"{farm.url('sim-1')}/index.html?mode=web&authToken={token}"
    async with aiohttp.ClientSession() as stranger:
        for status in (200, 401):
            async with stranger.get(page) as answer:
                assert answer.status == status


async def test_a_device_that_resets_drops_its_callers_and_comes_back(
    client: aiohttp.ClientSession,
) -> None:
    async with client.post(f"{API}/actions/reset", json={"gracefulTimeout": 0}) as answer:
        assert (await answer.json())["description"] == "Device will reset now"
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post(f"{API}/actions/saveConfiguration")
    async with asyncio.timeout(5):
        while True:
            try:
                async with client.get(f"{API}/status") as answer:
                    uptime = (await answer.json())["systemUpTime"]
                    break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
    assert uptime < 5


async def test_a_large_software_load_costs_no_memory(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    blocks = [b"CMP 7.20A.204.115\n".ljust(MEGABYTE, b"\0"), *[bytes(MEGABYTE)] * 99]

    async def load() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    tracemalloc.start()
    try:
        body = aiohttp.MultipartWriter("form-data")
        part = body.append(load(), {"Content-Type": "application/octet-stream"})  # type: ignore[arg-type]
        part.set_content_disposition("form-data", name="file", filename="software.cmp")
        async with client.put(f"{API}/files/software", data=body) as answer:
            assert answer.status == 200, await answer.text()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    upload = farm.devices["sim-1"].model.box.files.uploads["software"]
    digest = sha256()
    for block in blocks:
        digest.update(block)
    assert (upload.size, upload.sha256) == (100 * MEGABYTE, digest.hexdigest())
    assert peak < 2 * HEAD + 8 * MEGABYTE, f"{peak / MEGABYTE:.0f} MiB"


async def test_a_farm_for_monitors_lets_nobody_change_anything() -> None:
    async with Farm(1, level="monitor") as farm:
        login = farm.devices["sim-1"].login.authorization
        async with (
            aiohttp.ClientSession(headers={"Authorization": login}) as session,
            session.post(f"{farm.url('sim-1')}{API}/actions/reset") as answer,
        ):
            assert answer.status == web.HTTPForbidden.status_code
