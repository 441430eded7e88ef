"""What a device tells of chapters 5 to 7, 10 and 11 of the guide: values, and how they are read.

Every `parse_*` raises BadAnswer in a few words, as those of `parse` do. What is missing or is none
of its kind reads as None.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.parse import clean_text, entries_of, id_of, number_of, text_of
from alarmbridge.mediant.strict_json import parse_object

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_MOST_WORDS = 400
_BEGIN, _END = b"-----BEGIN ", b"-----END "


class AdditionalFile(StrEnum):
    """The files that a device takes besides its configuration and software (guide 6.5)."""

    AMD = "amd"
    CAS_TABLE = "castable"
    CODER_TABLE = "codertable"
    CALL_PROGRESS_TONES = "cpt"
    DIAL_PLAN = "dialplan"
    PRERECORDED_TONES = "prt"
    VOICE_PROMPTS = "voiceprompts"
    CONFIGURATION_PACKAGE = "configurationPackage"
    SBC_WIZARD = "sbcWizard"


class PrivilegeLevel(StrEnum):
    """What the holder of an authentication token may do (guide 5.3)."""

    ADMIN = "admin"
    OPERATOR = "operator"
    MONITOR = "monitor"


class SignatureAlgorithm(StrEnum):
    """How a certificate signing request is signed (guide 7.5)."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate is for (guide 7.4); what is empty is left out."""

    common_name: str = ""
    organizational_unit: str = ""
    company: str = ""
    locality: str = ""
    state: str = ""
    country_code: str = ""

    def attributes(self) -> dict[str, str]:
        """Write it as a device is told."""
        named = {
            "subjectName": self.common_name,
            "organizationalUnit": self.organizational_unit,
            "companyName": self.company,
            "localityName": self.locality,
            "state": self.state,
            "countryCode": self.country_code,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """All that a device says about itself (guide 9), as it words it. Any of it may be missing.

    uptime: in seconds by the guide, in hundredths by some devices. others: what the guide does not
    list, such as saveNeeded.
    """

    local_time: str | None
    ip_address: str | None
    subnet_mask: str | None
    default_gateway: str | None
    product: str | None
    version: str | None
    protocol: str | None
    operational_state: str | None
    high_availability: str | None
    serial_number: str | None
    mac_address: str | None
    uptime: int | None
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AuthToken:
    """A token for the device's web pages, good for some ten seconds (guide 5.3). A secret."""

    value: str = field(repr=False)
    description: str


@dataclass(frozen=True, slots=True)
class ScriptOutput:
    """What came of an incremental CLI script (guide 6.3.2)."""

    description: str
    output: str


@dataclass(frozen=True, slots=True)
class TlsContext:
    """One TLS context (guide 7)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PrivateKeyState:
    """The private key of a TLS context, which no device gives away (guide 7.2). size: bits."""

    size: int | None
    valid: bool | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a performance measurement can be asked for (guide 10.1).

    indexes: what it is kept for, an IP group's number or the like. intervals: 0 the current value,
    1 the last quarter of an hour, 2 the one before it.
    """

    name: str
    indexes: tuple[int, ...]
    intervals: tuple[int, ...]
    low_threshold: float | None
    high_threshold: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a performance measurement (guide 10.1).

    others: what else the device says of it, numbers by their names.
    """

    name: str
    index: int
    interval: int
    value: float | None
    minimum: float | None
    maximum: float | None
    average: float | None
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class License:
    """A device's license (guide 11). key: a secret."""

    version: int | None
    serial_number: str | None
    key: str | None = field(repr=False)
    description: str


def is_name(text: str) -> bool:
    """Whether a text can be a name in a path as it is: a measurement's, a TLS context's id."""
    return _NAME.fullmatch(text) is not None and text.strip(".") != ""


_STATUS = {
    "localTimeStamp": "local_time",
    "ipAddress": "ip_address",
    "subnetMask": "subnet_mask",
    "defaultGateway": "default_gateway",
    "productType": "product",
    "versionID": "version",
    "protocolType": "protocol",
    "operationalState": "operational_state",
    "highAvailability": "high_availability",
    "serialNumber": "serial_number",
    "macAddress": "mac_address",
}


def parse_status_report(body: bytes) -> StatusReport:
    """Read all that a device says about itself (guide 9)."""
    found = parse_object(body)
    said = {clean_text(name): _said(value) for name, value in found.items()}
    return StatusReport(
        **{ours: said.get(theirs) for theirs, ours in _STATUS.items()},
        uptime=number_of(found.get("systemUpTime")),
        others={
            name: value
            for name, value in said.items()
            if value is not None and name not in _STATUS and name != "systemUpTime"
        },
    )


def _said(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else text_of(value)


def parse_description(body: bytes) -> str:
    """Read what a device says to something that it did: "" where it says nothing (guide 6.2.2).

    Plain words will do as well; a web page is of something that stands before the device.
    """
    try:
        return (text_of(parse_object(body).get("description")) or "") if body.strip() else ""
    except BadAnswer:
        if body.lstrip().startswith((b"<", b"{", b"[")):
            raise
        return clean_text(body[:_MOST_WORDS].decode(errors="replace").strip())


def parse_auth_token(body: bytes) -> AuthToken:
    """Read an authentication token (guide 5.3)."""
    found = parse_object(body)
    token = found.get("authToken")
    if not isinstance(token, str) or not is_name(token):
        raise BadAnswer("it has no authToken")
    return AuthToken(token, text_of(found.get("description")) or "")


def parse_script_output(body: bytes) -> ScriptOutput:
    """Read what a script printed (guide 6.3.2)."""
    found = parse_object(body) if body.strip() else {}
    output = found.get("output")
    whole = output.replace("\0", "") if isinstance(output, str) else ""
    return ScriptOutput(text_of(found.get("description")) or "", whole)


def parse_tls_contexts(body: bytes) -> tuple[TlsContext, ...]:
    """Read the list of TLS contexts (guide 7)."""
    return tuple(
        TlsContext(id_of(entry), text_of(entry.get("name")) or "")
        for entry in entries_of(parse_object(body), "tls")
    )


def parse_private_key(body: bytes) -> PrivateKeyState:
    """Read how the private key is (guide 7.2)."""
    found = parse_object(body)
    valid = found.get("valid")
    if isinstance(valid, str):
        valid = {"true": True, "false": False}.get(valid.strip().lower())
    return PrivateKeyState(number_of(found.get("size")), valid if isinstance(valid, bool) else None)


def parse_pem(body: bytes) -> str:
    """Read PEM as text, without looking into it."""
    if _BEGIN not in body or _END not in body:
        raise BadAnswer("it is no PEM")
    try:
        return clean_pem(body.decode("ascii"))
    except UnicodeDecodeError as error:
        raise BadAnswer("it is no PEM") from error


def clean_pem(text: str) -> str:
    """Give PEM with plain ends of lines and one at its end."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def parse_names(body: bytes) -> tuple[str, ...]:
    """Read the names of the performance measurements (guide 10)."""
    items = parse_object(body).get("items")
    if not isinstance(items, list):
        raise BadAnswer("it has no list of items")
    return tuple(item for item in items if isinstance(item, str) and is_name(item))


def parse_measurement(body: bytes, name: str) -> Measurement:
    """Read what a measurement can be asked for (guide 10.1)."""
    found = parse_object(body)
    return Measurement(
        name,
        _integers(found.get("indexes")),
        _integers(found.get("intervalsPerIndex")),
        _measure(found.get("lowThreshold")),
        _measure(found.get("highThreshold")),
    )


def parse_measured(body: bytes, name: str, *, index: int, interval: int) -> Measured:
    """Read a value (guide 10.1). index, interval: what was asked, where the answer has neither."""
    found = parse_object(body)
    numbers = {clean_text(key): _measure(value) for key, value in found.items()}
    at_index, at_interval = number_of(found.get("index")), number_of(found.get("interval"))
    known = {"index", "interval", "value", "min", "max", "average"}
    return Measured(
        name=name,
        index=index if at_index is None else at_index,
        interval=interval if at_interval is None else at_interval,
        value=numbers.get("value"),
        minimum=numbers.get("min"),
        maximum=numbers.get("max"),
        average=numbers.get("average"),
        others={
            key: value for key, value in numbers.items() if value is not None and key not in known
        },
    )


def parse_license(body: bytes) -> License:
    """Read the license (guide 11), also one that ends without its brace, as the guide prints it."""
    try:
        found = parse_object(body)
    except BadAnswer:
        found = parse_object(body + b"}")
    return License(
        number_of(found.get("licenseVersion")),
        text_of(found.get("serialNumber")),
        text_of(found.get("key")),
        text_of(found.get("keyDescription")) or "",
    )


def _integers(value: object) -> tuple[int, ...]:
    items = value if isinstance(value, list) else []
    return tuple(item for item in map(number_of, items) if item is not None)


def _measure(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer may be beyond a float, and a text may say that it is none.
    return float(value) if abs(value) < _MOST else None


_MOST = 2.0**63
