"""The whole client over TLS with a pinned certificate, through a hitless upgrade of an HA pair."""

import inspect
import ssl
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from alarmbridge.core.errors import Conflict, LoginFailed, Unreachable
from alarmbridge.mediant.access import Access
from alarmbridge.mediant.certificates import read_certificates
from alarmbridge.mediant.client import AlarmsClient, Table
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.mediant import Mediant, open_mediant
from alarmbridge.mediant.orders import AdditionalFile, PrivilegeLevel, Subject
from alarmbridge.mediant.tls import Trust
from alarmbridge.mediant.transport import Upload
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.habits import Habits

PARTS = (AlarmsClient, Inspector, Maintenance)


class Clock:
    """The farm's clock, which a test moves."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def farm(certificate: tuple[str, bytes], clock: Clock) -> AsyncIterator[Farm]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate[0])
    habits = Habits(boot_seconds=0.0)
    async with Farm(1, ssl_context=context, clock=clock, habits=habits) as made:
        made.devices["sim-1"].model.pair()
        yield made


def access(farm: Farm, certificate: tuple[str, bytes], **other: Any) -> Access:
    pin = x509.load_der_x509_certificate(certificate[1]).fingerprint(hashes.SHA256()).hex()
    said: dict[str, Any] = {"password": "alarmbridge", "trust": Trust(fingerprint=pin), **other}
    return Access(name="ams", url=farm.url("sim-1"), username="monitor", **said)


@pytest.fixture
async def sbc(farm: Farm, certificate: tuple[str, bytes]) -> AsyncIterator[Mediant]:
    async with open_mediant(access(farm, certificate)) as opened:
        yield opened


def file(content: bytes, name: str = "a.txt") -> Upload:
    return Upload(name, len(content), BytesIO(content).read)


def watch(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Keep the name of every method of the client that is called."""
    called: set[str] = set()
    for kind in PARTS:
        for name, method in vars(kind).items():
            if inspect.iscoroutinefunction(method) and not name.startswith("_"):

                def noted(*args: Any, method: Any = method, name: str = name, **kw: Any) -> Any:
                    called.add(name)
                    return method(*args, **kw)

                monkeypatch.setattr(kind, name, noted)
    return called


async def test_everything_is_asked_once_and_works(
    farm: Farm, sbc: Mediant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = watch(monkeypatch)
    wanted = {
        name
        for kind in PARTS
        for name, method in vars(kind).items()
        if not name.startswith("_") and callable(method) and name != "allow_login"
    }
    model = farm.devices["sim-1"].model
    model.raise_alarm(clock())
    await read_alarms(sbc)
    await read_all_else(sbc)
    await change_certificates(sbc)
    await load_files(sbc, clock)
    assert called == wanted


async def read_alarms(sbc: Mediant) -> None:
    alarms = sbc.alarms
    assert [one.id for one in await alarms.fetch_versions()] == ["v1"]
    assert "alarms" in [one.id for one in await alarms.fetch_tree()]
    assert await alarms.fetch_last_change() is not None
    (row,) = (await alarms.fetch_page(Table.ACTIVE)).rows  # type: ignore[union-attr]
    reading = await alarms.fetch_active(row.id)
    assert reading is not None
    assert await alarms.fetch_history(row.id) is not None
    assert (await alarms.fetch_status()).high_availability == "Operational"


async def read_all_else(sbc: Mediant) -> None:
    inspector = sbc.inspector
    assert (await inspector.fetch_status_report()).high_availability == "Operational"
    assert {one.id for one in await inspector.list_actions()} >= {"reset", "authToken"}
    assert {one.id for one in await inspector.list_files()} >= {
        kind.value for kind in AdditionalFile
    }
    assert b"[ ProxySet ]" in await inspector.fetch_ini()
    assert b"hostname" in await inspector.fetch_cli_script()
    names = await inspector.list_measurements()
    known = await inspector.describe_measurement(names[0])
    measured = await inspector.measure(names[0], known.indexes[0], 0)
    assert (measured.index, measured.interval) == (known.indexes[0], 0)
    assert (await inspector.fetch_license()).key


async def change_certificates(sbc: Mediant) -> None:
    inspector, maintenance = sbc.inspector, sbc.maintenance
    assert [one.id for one in await inspector.list_tls_contexts()] == ["0", "1"]
    assert {one.id for one in await inspector.list_tls_files("1")} >= {"certificate"}
    await maintenance.generate_private_key("1", size=1024)
    assert (await inspector.fetch_private_key_state("1")).size == 1024
    whom = Subject(common_name="sbc.example", company="Example")
    assert "BEGIN CERTIFICATE REQUEST" in await maintenance.request_certificate("1", whom)
    await maintenance.generate_certificate("1", whom)
    pem = await inspector.fetch_certificate("1")
    assert "CN=sbc.example" in read_certificates(pem)[0].subject
    await maintenance.put_certificate("1", file(pem.encode()))
    await maintenance.put_trusted_roots("1", file(pem.encode()))
    other = (await inspector.fetch_certificate("0")).encode()
    await maintenance.add_trusted_root("1", file(other))
    assert len(read_certificates(await inspector.fetch_trusted_roots("1"))) == 2
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass word"),
    )
    await maintenance.put_private_key("1", file(secret), password="pass word")
    assert (await inspector.fetch_private_key_state("1")).valid is False


async def load_files(sbc: Mediant, clock: Clock) -> None:
    inspector, maintenance = sbc.inspector, sbc.maintenance
    await maintenance.put_ini(file(b"SyslogServerIP = 10.0.0.9\n"), incremental=True)
    await maintenance.save_configuration()
    shown = await maintenance.run_cli_script(file(b"show system version\n"))
    assert "7.20A" in shown.output
    await maintenance.put_file(AdditionalFile.DIAL_PLAN, file(b"[ Plan ]"))
    token = await maintenance.create_auth_token("noc", PrivilegeLevel.MONITOR)
    assert token.value not in repr(token)
    serial = (await inspector.fetch_status_report()).serial_number

    await maintenance.load_software(file(b"CMP 7.20A.204.115\n"), hitless=True)
    await settled(sbc, clock, seconds=1)
    with pytest.raises(Conflict) as caught:
        await maintenance.save_configuration()
    assert caught.value.said == "Device is currently performing HA synchronization"
    status = await inspector.fetch_status_report()
    assert (status.version, status.serial_number == serial) == ("7.20A.204.115", False)
    await settled(sbc, clock, seconds=60)
    assert (await inspector.fetch_status_report()).high_availability == "Operational"

    with pytest.raises(Conflict):
        await maintenance.put_license_key("jCx6r5tovCIKaBBbhPtT53Yj")
    here = (await inspector.fetch_status_report()).serial_number
    await maintenance.put_license_file(file(f"{here} jCx6r5tovCIKaBBbhPtT53Yj\n".encode()))
    await settled(sbc, clock, seconds=120)
    assert (await inspector.fetch_license()).key == "jCx6r5tovCIKaBBbhPtT53Yj"
    await maintenance.put_cli_script(file(await inspector.fetch_cli_script()))
    await settled(sbc, clock, seconds=120)
    await maintenance.reset(save_configuration=True, graceful_timeout=30)


async def settled(sbc: Mediant, clock: Clock, *, seconds: float) -> None:
    """Let time go by for the device, which begins anew in it."""
    clock.at += seconds
    try:
        await sbc.inspector.fetch_status_report()
    except Unreachable:
        clock.at += seconds
        await sbc.inspector.fetch_status_report()


async def test_another_certificate_is_another_device(
    farm: Farm, certificate: tuple[str, bytes]
) -> None:
    wrong = Trust(fingerprint="00" * 32)
    async with open_mediant(access(farm, certificate, trust=wrong)) as sbc:
        with pytest.raises(Unreachable, match="fingerprint"):
            await sbc.maintenance.reset()
    assert farm.devices["sim-1"].counters.total == 0


async def test_a_wrong_password_is_tried_once(farm: Farm, certificate: tuple[str, bytes]) -> None:
    async with open_mediant(access(farm, certificate, password="wrong")) as sbc:
        for attempt in (
            sbc.inspector.fetch_status_report,
            sbc.maintenance.save_configuration,
            sbc.alarms.fetch_last_change,
        ):
            with pytest.raises(LoginFailed):
                await attempt()
    assert farm.devices["sim-1"].login.wrong == 1
