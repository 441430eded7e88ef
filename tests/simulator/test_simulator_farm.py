"""The farm over real sockets: every fault as a client meets it, with deadlines and no sleeps."""

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import (
    Bomb,
    CutOff,
    Drip,
    Drop,
    Fault,
    Huge,
    Redirect,
    Rubbish,
    Silence,
    Slow,
    Status,
)
from alarmbridge.simulator.habits import draw_habits
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.steps import Clear, Raise, Step

LAST_CHANGE = "/api/v1/alarms/active/lastChange"
STATUS = "/api/v1/status"
LOGIN = Login("monitor", "alarmbridge").authorization
SOON = aiohttp.ClientTimeout(total=0.3)


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    async with Farm(2, seed=1) as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": LOGIN}
    async with aiohttp.ClientSession(headers=headers, timeout=SOON) as session:
        yield session


def ill(farm: Farm, fault: Fault) -> str:
    """Give the first device a fault; returns the url of its status."""
    farm.devices["sim-1"].faults.add(fault)
    return farm.url("sim-1") + STATUS


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - counters tell nobody that they moved
            await asyncio.sleep(0.005)


async def test_each_device_answers_on_its_own_url(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    serials = []
    for name in farm.devices:
        async with client.get(farm.url(name) + STATUS) as answer:
            serials.append((await answer.json())["serialNumber"])
    assert serials == [each.model.identity.serial_number for each in farm.devices.values()]
    assert len(set(serials)) == 2


async def test_many_devices_share_one_port_by_their_addresses(
    client: aiohttp.ClientSession,
) -> None:
    async with Farm(300, addressing="addresses") as farm:
        assert farm.url("sim-1").startswith("http://127.1.0.1:")
        assert farm.url("sim-300").startswith("http://127.1.1.44:")
        async with client.get(farm.url("sim-300") + STATUS) as answer:
            found = (await answer.json())["serialNumber"]
        assert found == farm.devices["sim-300"].model.identity.serial_number
        stranger = farm.url("sim-1").replace("127.1.0.1", "127.0.0.1")
        async with client.get(stranger + STATUS) as answer:
            assert answer.status == 421


async def test_devices_may_have_names_and_ports_of_ones_own_choice(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    port = int(farm.url("sim-1").rpartition(":")[2])
    await farm.aclose()
    async with Farm(names=["sbc-ams-1"], port=port) as other:
        assert other.url("sbc-ams-1") == f"http://127.0.0.1:{port}"
        async with client.get(other.url("sbc-ams-1") + STATUS) as answer:
            assert answer.status == 200


async def test_a_farm_that_cannot_start_keeps_no_port() -> None:
    # The first port is free and is opened; the second one is taken.
    async with Farm(1) as other:
        taken = int(other.url("sim-1").rpartition(":")[2])
        failed = Farm(2, port=taken - 1)
        with pytest.raises(OSError, match="in use"):
            await failed.start()
        assert failed._runner is None


async def test_a_query_reaches_the_model(farm: Farm, client: aiohttp.ClientSession) -> None:
    model = farm.devices["sim-1"].model
    for _ in range(3):
        model.raise_alarm(farm.clock())
    url = farm.url("sim-1") + "/api/v1/alarms/active/?&limit=1&after=1"
    async with client.get(url) as answer:
        assert [row["id"] for row in (await answer.json())["alarms"]] == ["2"]
        assert answer.content_type == "application/json"


async def test_a_204_and_a_404_have_no_body(farm: Farm, client: aiohttp.ClientSession) -> None:
    for path, status in (("/api/v1/alarms/active", 204), (LAST_CHANGE, 404)):
        async with client.get(farm.url("sim-1") + path) as answer:
            assert (answer.status, await answer.read()) == (status, b"")


async def test_a_login_is_asked_for(farm: Farm) -> None:
    async with (
        aiohttp.ClientSession(timeout=SOON) as stranger,
        stranger.get(farm.url("sim-1") + STATUS) as answer,
    ):
        assert answer.status == 401
    assert farm.devices["sim-1"].counters.unauthorized == 1


async def test_another_method_than_get_is_counted(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    async with client.post(farm.url("sim-1") + STATUS, data=b"x") as answer:
        assert answer.status == 405
    assert farm.devices["sim-1"].counters.not_get == 1


async def test_requests_at_once_are_counted(farm: Farm, client: aiohttp.ClientSession) -> None:
    url = ill(farm, Silence())
    counters = farm.devices["sim-1"].counters
    gathered = asyncio.gather(*(client.get(url) for _ in range(3)), return_exceptions=True)
    await until(lambda: counters.in_flight == 3)
    await gathered
    await until(lambda: counters.in_flight == 0)
    assert counters.max_in_flight == 3


async def test_silence_lasts_until_the_client_has_enough(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    with pytest.raises(TimeoutError):
        await client.get(ill(farm, Silence()))


async def test_a_dropped_connection_gives_nothing(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(ill(farm, Drop(times=2)))


async def test_a_refused_connection_is_refused_until_it_is_accepted_again(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    url = farm.url("sim-1") + STATUS
    await farm.refuse("sim-1")
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get(url)
    await farm.accept("sim-1")
    async with client.get(url) as answer:
        assert answer.status == 200


async def test_the_others_do_not_notice(farm: Farm, client: aiohttp.ClientSession) -> None:
    ill(farm, Silence())
    async with client.get(farm.url("sim-2") + STATUS) as answer:
        assert answer.status == 200


async def test_an_answer_cut_off_is_short(farm: Farm, client: aiohttp.ClientSession) -> None:
    async with client.get(ill(farm, CutOff())) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_slow_answer_is_right_but_late(farm: Farm, client: aiohttp.ClientSession) -> None:
    started = asyncio.get_running_loop().time()
    async with client.get(ill(farm, Slow(seconds=0.05))) as answer:
        assert answer.status == 200
    assert asyncio.get_running_loop().time() - started >= 0.05


async def test_a_dripping_answer_outlasts_a_total_timeout_only(farm: Farm) -> None:
    url, headers = ill(farm, Drip(every=0.02)), {"Authorization": LOGIN}
    patient = aiohttp.ClientTimeout(sock_read=0.2, total=0.5)
    async with (
        aiohttp.ClientSession(timeout=patient, headers=headers) as client,
        client.get(url) as answer,
    ):
        assert await answer.content.read(1) == b"{"
        with pytest.raises(TimeoutError):
            await answer.read()


@pytest.mark.parametrize("code", [403, 409, 500, 503])
async def test_an_error_status_comes_as_it_was_asked_for(
    farm: Farm, client: aiohttp.ClientSession, code: int
) -> None:
    async with client.get(ill(farm, Status(code=code))) as answer:
        assert answer.status == code


async def test_rubbish_comes_with_status_200(farm: Farm, client: aiohttp.ClientSession) -> None:
    async with client.get(ill(farm, Rubbish(what="html"))) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


async def test_a_redirect_names_another_host(farm: Farm, client: aiohttp.ClientSession) -> None:
    url = ill(farm, Redirect(to=farm.url("sim-2")))
    async with client.get(url, allow_redirects=False) as answer:
        assert answer.headers["Location"] == farm.url("sim-2") + STATUS


async def test_a_huge_body_has_the_size_that_was_asked_for(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    async with client.get(ill(farm, Huge(size=3_000_000))) as answer:
        assert len(await answer.read()) == 3_000_000


async def test_an_endless_body_ends_with_the_connection(
    farm: Farm, client: aiohttp.ClientSession
) -> None:
    async with client.get(ill(farm, Huge(size=None))) as answer:
        assert len(await answer.content.readexactly(5_000_000)) == 5_000_000
        answer.close()
    await until(lambda: farm.devices["sim-1"].counters.in_flight == 0)


async def test_a_bomb_is_small_on_the_wire(farm: Farm) -> None:
    url = ill(farm, Bomb(size=8_000_000))
    async with aiohttp.ClientSession(auto_decompress=False) as client, client.get(url) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(await answer.read()) < 20_000
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        assert len(await answer.read()) == 8_000_000


async def test_a_script_is_played_in_real_time(farm: Farm) -> None:
    raised = Raise(key="a", kind="acBoardEthernetLinkAlarm", n=1, m=1)
    await farm.play([Step(0, "sim-1", raised), Step(0.02, "sim-1", Clear("a"))])
    first, second = farm.devices["sim-1"].model.truth
    assert second.at - first.at >= 0.02


async def test_closing_does_not_wait_for_a_silence(client: aiohttp.ClientSession) -> None:
    farm = Farm(1)
    await farm.start()
    asked = asyncio.ensure_future(client.get(ill(farm, Silence())))
    await until(lambda: farm.devices["sim-1"].counters.in_flight == 1)
    async with asyncio.timeout(2):
        await farm.aclose()
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await asked


async def test_a_farm_may_speak_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    trusting.check_hostname = False
    async with Farm(1, ssl_context=serving) as farm, aiohttp.ClientSession() as client:
        assert farm.url("sim-1").startswith("https://")
        async with client.get(farm.url("sim-1") + STATUS, ssl=trusting) as answer:
            assert answer.status == 401


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sim")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "certificate.pem", folder / "key.pem"


def test_a_farm_drawn_from_a_seed_is_the_same_farm() -> None:
    def drawn(seed: int) -> list[object]:
        farm = Farm(20, seed=seed, habits=draw_habits)
        return [(each.model.identity, each.model.habits) for each in farm.devices.values()]

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


def test_the_seed_means_the_same_in_every_process() -> None:
    root = str(Path(__file__).parents[2])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
        )
        for hash_seed in ("1", "2")
    ]
    first, second = (each.communicate(timeout=60)[0] for each in running)
    assert first == second
    assert len(first) == 65


DIGEST = """
from hashlib import sha256
from itertools import islice
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import draw_habits
from alarmbridge.simulator.player import Player
from alarmbridge.simulator.script import churn, lively

farm = Farm(5, seed=9, habits=draw_habits, clock=lambda: 0.0)
player = Player(farm.devices)
for script in (churn, lively):
    for step in islice(script(list(farm.devices), seed=9), 400):
        player.apply(step, step.at)
lives = [(each.model.identity, each.model.truth) for each in farm.devices.values()]
print(sha256(repr(lives).encode()).hexdigest())
"""
