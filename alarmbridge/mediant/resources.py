"""What a device tells of chapters 5 to 7 and 11 of the guide: values, and how they are read.

Every `parse_*` raises BadAnswer in a few words, as those of `parse` do. What is missing or is none
of its kind reads as None.
"""

from dataclasses import dataclass, field

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.parse import clean_text, entries_of, id_of, number_of, text_of
from alarmbridge.mediant.paths import is_name
from alarmbridge.mediant.strict_json import parse_object

_MOST_WORDS = 400
_BEGIN, _END = b"-----BEGIN ", b"-----END "


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
class License:
    """A device's license (guide 11). key: a secret."""

    version: int | None
    serial_number: str | None
    key: str | None = field(repr=False)
    description: str


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


def is_pem(body: bytes) -> bool:
    """Tell whether there is anything in a PEM's envelope."""
    return _BEGIN in body and _END in body


def parse_pem(body: bytes) -> str:
    """Read PEM as text, without looking into it."""
    if not is_pem(body):
        raise BadAnswer("it is no PEM")
    try:
        return clean_pem(body.decode("ascii"))
    except UnicodeDecodeError as error:
        raise BadAnswer("it is no PEM") from error


def clean_pem(text: str) -> str:
    """Give PEM with plain ends of lines and one at its end."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


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
