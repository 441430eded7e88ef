"""TLS contexts: keys, certificates, requests and roots (guide 7)."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from simulator_box import NOW, device, get, post, put, read, send, told

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.request import sent_file, sent_json

TLS = "/files/tls"
KEY, CERTIFICATE, ROOTS = f"{TLS}/0/privateKey", f"{TLS}/0/certificate", f"{TLS}/0/trustedRoot"
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
OWN = rsa.generate_private_key(65537, 2048)


def written(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = OWN,
    password: str = "",
) -> bytes:
    """Write a key as PEM, encrypted if there is a password."""
    how = (
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(PEM, PKCS8, how)


def certificate_of(asked: Device, context: int = 0, *, at: float = 0.0) -> x509.Certificate:
    answer = get(asked, f"{TLS}/{context}/certificate", at=at)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    return x509.load_pem_x509_certificate(answer.body)


def common_name(name: x509.Name) -> object:
    return name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_the_contexts_are_listed_as_in_the_guide() -> None:
    asked = device()
    listed = read(get(asked, TLS))["tls"]
    assert listed[0] == {"id": "0", "name": "default", "url": "/api/v1/files/tls/0"}
    assert [each["id"] for each in listed] == ["0", "1"]
    parts = read(get(asked, f"{TLS}/1"))["items"]
    assert [each["id"] for each in parts] == ["privateKey", "certificate", "trustedRoot"]
    assert parts[2]["url"] == "/api/v1/files/tls/1/trustedRoot"


def test_an_unknown_context_is_a_404() -> None:
    asked = device()
    for part in ("", "/privateKey", "/certificate", "/trustedRoot"):
        assert get(asked, f"{TLS}/7{part}").status == 404
    assert post(asked, f"{TLS}/7/privateKey/generate").status == 404
    assert get(asked, f"{TLS}/00").status == 404
    assert get(asked, f"{TLS}/0/tls/id").status == 404


def test_a_context_comes_and_goes_with_its_row_of_the_configuration() -> None:
    asked = device()
    partial = '[ TLSContexts ]\nFORMAT Index = Name;\nTLSContexts 2 = "new";\n[ \\TLSContexts ]'
    put(asked, "/files/ini/incremental", partial)
    assert get(asked, f"{TLS}/2/certificate").status == 200
    asked.model.reboot(NOW)
    assert get(asked, f"{TLS}/2/certificate").status == 404


def test_a_certificate_names_the_device_and_is_valid_by_its_clock() -> None:
    asked = device()
    found = certificate_of(asked)
    assert common_name(found.subject) == "d1"
    assert found.not_valid_before_utc.timestamp() == NOW - 86400 - 30 * 86400
    assert found.not_valid_after_utc - found.not_valid_before_utc == timedelta(days=730)
    assert certificate_of(asked, at=50) == found
    assert certificate_of(asked, 1).serial_number != found.serial_number


@pytest.mark.parametrize("days", [-1, 3])
def test_a_certificate_can_be_made_to_expire(days: int) -> None:
    asked = device()
    asked.model.clock_step(3600)
    asked.model.box.certificates.expire(NOW, days, context=1)
    ends = certificate_of(asked, 1).not_valid_after_utc.timestamp()
    assert ends == NOW + 3600 + days * 86400
    with pytest.raises(LookupError):
        asked.model.box.certificates.expire(NOW, days, context=9)


def test_a_private_key_shows_its_size_and_state() -> None:
    assert read(get(device(), KEY)) == {"size": 2048, "valid": True}
    assert get(device(misprints=True), KEY).body == (
        b'{\n  "size": 2048,\n  "valid": True // as per "Private Key" status in Web\n}'
    )


def test_a_private_key_is_uploaded_and_survives_a_reboot() -> None:
    asked = device()
    assert told(put(asked, KEY, written(ec.generate_private_key(ec.SECP384R1())))) == (
        200,
        "Private key was successfully changed",
    )
    asked.model.reboot(NOW)
    assert read(get(asked, KEY)) == {"size": 384, "valid": False}


@pytest.mark.parametrize("where", ["query", "form"])
@pytest.mark.parametrize("name", ["Password", "password"])
def test_a_key_with_a_password_needs_it(where: str, name: str) -> None:
    asked, locked = device(), written(password="secret")

    def load(password: str) -> int:
        given = {name: password} if password else {}
        if where == "query":
            return put(asked, KEY, locked, **given).status
        return send(asked, KEY, sent_file(locked, fields=given), method="PUT").answer.status

    assert [load("wrong"), load(""), load("secret")] == [400, 400, 200]
    assert put(asked, KEY, written(), **{name: "needless"}).status == 200


@pytest.mark.parametrize(
    "wrong", [b"x", b"", written(ed25519.Ed25519PrivateKey.generate()), b"\xff"]
)
def test_what_is_no_private_key_is_refused(wrong: bytes) -> None:
    asked = device()
    assert told(put(asked, KEY, wrong))[0] == 400
    assert read(get(asked, KEY))["valid"]


@pytest.mark.parametrize("name", ["size", "Size"])
@pytest.mark.parametrize("size", [512, 1024, 2048])
def test_a_private_key_is_generated(name: str, size: int) -> None:
    asked = device()
    answer = post(asked, f"{KEY}/generate", **{name: size})
    assert told(answer) == (200, "Private key was successfully generated")
    assert read(get(asked, KEY)) == {"size": size, "valid": False}
    assert post(asked, f"{CERTIFICATE}/generate").status == 200
    assert read(get(asked, KEY)) == {"size": size, "valid": True}


def test_a_private_key_has_1024_bits_unless_told_otherwise() -> None:
    asked = device()
    post(asked, f"{KEY}/generate")
    assert read(get(asked, KEY))["size"] == 1024


@pytest.mark.parametrize("body", [{"size": 1000}, {"size": "2048"}, {"size": True}, {"bits": 2048}])
def test_a_private_key_of_another_size_is_not_generated(body: dict[str, object]) -> None:
    asked = device()
    answer = send(asked, f"{KEY}/generate", sent_json(body), method="POST").answer
    assert told(answer)[0] == 400


def test_a_certificate_is_generated_with_the_names_that_were_given() -> None:
    asked = device()
    answer = post(
        asked, f"{CERTIFICATE}/generate", subjectName="gw.example", companyName="ACL", at=60
    )
    assert told(answer) == (200, "Self-signed certificate was successfully generated")
    found = certificate_of(asked)
    assert found.subject.rfc4514_string() == "O=ACL,CN=gw.example"
    assert found.not_valid_before_utc.timestamp() == NOW + 60


@pytest.mark.parametrize(
    "wrong",
    [{"subjectName": 7}, {"countryCode": "GER"}, {"colour": "red"}, {"subjectName": "x" * 200}],
)
def test_names_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    for path in ("generate", "request"):
        assert told(post(device(), f"{CERTIFICATE}/{path}", **wrong))[0] == 400


@pytest.mark.parametrize(
    ("algorithm", "signed"), [("sha1", "sha256"), ("sha256", "sha256"), ("sha512", "sha512")]
)
def test_a_signing_request_is_about_the_key_of_the_context(algorithm: str, signed: str) -> None:
    asked = device()
    attributes = {"subjectName": "gw.example", "signatureAlgorithm": algorithm}
    answer = post(asked, f"{CERTIFICATE}/request", **attributes)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    request = x509.load_pem_x509_csr(answer.body)
    assert request.is_signature_valid
    assert common_name(request.subject) == "gw.example"
    assert request.signature_hash_algorithm is not None
    assert request.signature_hash_algorithm.name == signed
    assert request.public_key() == certificate_of(asked).public_key()


def test_a_signing_request_with_another_algorithm_is_refused() -> None:
    answer = post(device(), f"{CERTIFICATE}/request", signatureAlgorithm="md5")
    assert told(answer)[0] == 400


def signed_for(request: bytes) -> bytes:
    """Sign a request by an authority of ours."""
    asked = x509.load_pem_x509_csr(request)
    now = datetime.fromtimestamp(NOW, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(asked.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=90))
        .sign(OWN, hashes.SHA256())
        .public_bytes(PEM)
    )


def test_a_signed_request_comes_back_as_the_certificate() -> None:
    asked = device()
    post(asked, f"{KEY}/generate", size=2048)
    request = post(asked, f"{CERTIFICATE}/request", subjectName="gw.example").body
    assert told(put(asked, CERTIFICATE, signed_for(request))) == (
        200,
        "Certificate was successfully changed",
    )
    assert certificate_of(asked).serial_number == 7
    assert read(get(asked, KEY)) == {"size": 2048, "valid": True}


def test_the_roots_are_replaced_and_added_to() -> None:
    asked = device()
    first, second = get(asked, ROOTS).body, get(asked, f"{TLS}/1/certificate").body
    assert told(put(asked, ROOTS, second)) == (200, "Trusted root store was successfully changed")
    assert get(asked, ROOTS).body == second
    assert told(put(asked, f"{ROOTS}/incremental", first)) == (
        200,
        "Trusted root certificate was successfully added",
    )
    put(asked, f"{ROOTS}/incremental", first)
    assert get(asked, ROOTS).body == second + b"\n" + first
    assert len(x509.load_pem_x509_certificates(get(asked, ROOTS).body)) == 2


@pytest.mark.parametrize("path", [CERTIFICATE, ROOTS, f"{ROOTS}/incremental"])
@pytest.mark.parametrize(
    "wrong", ["x", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", "\0", b"\xff"]
)
def test_what_is_no_certificate_is_refused(path: str, wrong: bytes | str) -> None:
    asked = device()
    before = get(asked, ROOTS).body, get(asked, CERTIFICATE).body
    assert told(put(asked, path, wrong))[0] == 400
    assert (get(asked, ROOTS).body, get(asked, CERTIFICATE).body) == before


def test_a_context_refuses_changes_while_the_device_synchronises() -> None:
    asked = device(pair=True)
    asked.model.synchronise(NOW, 5)
    for path in ("privateKey/generate", "certificate/generate", "certificate/request"):
        assert told(post(asked, f"{TLS}/0/{path}"))[0] == 409
    for path in (KEY, CERTIFICATE, ROOTS, f"{ROOTS}/incremental"):
        assert told(put(asked, path, "x"))[0] == 409
    assert get(asked, CERTIFICATE).status == 200
