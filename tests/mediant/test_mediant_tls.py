import hashlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mediant_material import make_certificate
from mediant_wire import PATH, RawDevice, line_to, reply, says, serving

from alarmbridge.core.errors import ConfigError, Unreachable
from alarmbridge.mediant.network import HttpNetwork
from alarmbridge.mediant.tls import Trust, TrustStore, parse_fingerprint

Certificate = tuple[str, bytes]


@pytest.fixture
async def tls_device(certificate: Certificate) -> AsyncIterator[RawDevice]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[0])
    async with serving(context) as made:
        yield made


async def ask(
    device: RawDevice, network: HttpNetwork, trust: Trust, *, timeout: float = 3.0
) -> int:
    url = f"https://127.0.0.1:{device.port}"
    line = line_to(device, network, url=url, trust=trust, timeout=timeout)
    return (await line.get(PATH)).status


async def test_the_system_does_not_trust_a_self_signed_certificate(
    tls_device: RawDevice, network: HttpNetwork
) -> None:
    with pytest.raises(Unreachable, match=r"sbc-1 is not trusted: self.signed certificate"):
        await ask(tls_device, network, Trust())
    assert tls_device.heard == []


async def test_a_certificate_is_trusted_by_its_ca_file(
    tls_device: RawDevice, network: HttpNetwork, certificate: Certificate
) -> None:
    assert await ask(tls_device, network, Trust(ca_file=Path(certificate[0]))) == 200


async def test_a_certificate_of_another_authority_is_not_trusted(
    tls_device: RawDevice, network: HttpNetwork, tmp_path: Path
) -> None:
    other, _ = make_certificate(tmp_path)
    with pytest.raises(Unreachable, match="not trusted"):
        await ask(tls_device, network, Trust(ca_file=Path(other)))
    assert tls_device.heard == []


@pytest.mark.parametrize("separator", [":", ""])
async def test_a_certificate_is_trusted_by_its_fingerprint(
    tls_device: RawDevice, network: HttpNetwork, certificate: Certificate, separator: str
) -> None:
    digest = hashlib.sha256(certificate[1]).digest()
    pin = digest.hex(separator) if separator else digest.hex()
    assert await ask(tls_device, network, Trust(fingerprint=pin.upper())) == 200


async def test_another_fingerprint_is_told_and_nothing_is_sent(
    tls_device: RawDevice, network: HttpNetwork, certificate: Certificate
) -> None:
    with pytest.raises(Unreachable, match="sbc-1") as caught:
        await ask(tls_device, network, Trust(fingerprint="00" * 32))
    assert hashlib.sha256(certificate[1]).hexdigest() in str(caught.value).replace(":", "")
    assert tls_device.heard == []


async def test_verification_can_be_switched_off(
    tls_device: RawDevice, network: HttpNetwork
) -> None:
    assert await ask(tls_device, network, Trust(verify=False)) == 200


async def test_a_long_body_comes_through_small_tls_buffers(
    tls_device: RawDevice, network: HttpNetwork
) -> None:
    tls_device.handle = says(reply(bytes(1_000_000)))
    url = f"https://127.0.0.1:{tls_device.port}"
    line = line_to(tls_device, network, url=url, trust=Trust(verify=False))
    assert (await line.get(PATH)).body == bytes(1_000_000)


async def test_tls_to_a_plain_server_is_unreachable(
    device: RawDevice, network: HttpNetwork
) -> None:
    with pytest.raises(Unreachable, match="sbc-1"):
        await ask(device, network, Trust(verify=False), timeout=0.3)


@pytest.mark.parametrize("text", ["", "00:11", "zz" * 32, "00" * 31, "00" * 33])
def test_a_fingerprint_that_is_none_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigError, match="fingerprint"):
        parse_fingerprint(text)


def test_a_ca_file_that_cannot_be_used_is_a_configuration_error(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    with pytest.raises(ConfigError, match="ca_file"):
        TrustStore().setting_for(Trust(ca_file=empty))
    empty.write_text("nothing here")
    with pytest.raises(ConfigError, match="ca_file"):
        TrustStore().setting_for(Trust(ca_file=empty))


def test_one_context_serves_all_who_trust_alike(certificate: Certificate) -> None:
    store, file = TrustStore(), Path(certificate[0])
    one = store.setting_for(Trust(ca_file=file))
    assert store.setting_for(Trust(ca_file=file)) is one
    assert store.setting_for(Trust(fingerprint="00" * 32, ca_file=file)) is not one
