"""Posts events to a URL in one of three formats, signed by Standard Webhooks 1.0."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.labels import build_labels
from alarmbridge.sinks import base
from alarmbridge.sinks.alerts import write_labels
from alarmbridge.sinks.fields import CaFile, OneOrMany
from alarmbridge.sinks.formats import CLOUDEVENTS_PREFIX, Format, build_message
from alarmbridge.sinks.http import FarUrl, make_far_end, parse_far_url

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset({"content-type", "content-length", "transfer-encoding", "connection"})


def parse_secret(text: str) -> bytes:
    """Read `whsec_` and base64 of 24 to 64 bytes; raises ValueError without showing any of it."""
    encoded = text.removeprefix(_PREFIX).rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (text.startswith(_PREFIX) and _SHORTEST <= len(key) <= _LONGEST):
        raise ValueError(
            "must be whsec_ and base64 of 24 to 64 bytes; "
            'make one with: echo "whsec_$(openssl rand -base64 32)"'
        )
    return key


def sign(keys: Sequence[bytes], *, event_id: str, timestamp: int, body: bytes) -> str:
    """Build `webhook-signature`: one v1 signature for each key, separated by spaces."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(key, signed, "sha256") for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _check_secret(secret: SecretStr) -> SecretStr:
    parse_secret(secret.get_secret_value())
    return secret


def _check_header_name(name: str) -> str:
    if not re.fullmatch(_TOKEN, name):
        raise ValueError("is no name of a header")
    if name.lower() in _OURS or name.lower().startswith("webhook-"):
        raise ValueError("is a header that alarmbridge sets itself")
    return name


def _check_header_value(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isprintable():
        raise ValueError("must be one line of text")
    return value


class Config(base.SinkConfig):
    """A webhook.

    url: wholly secret, since for many far ends it is the password. secret: several while
    rotating, each signs. format: see `formats`. headers: sent with every notice.
    """

    type: Literal["webhook"] = "webhook"
    url: FarUrl
    secret: OneOrMany[Annotated[SecretStr, AfterValidator(_check_secret)]] = ()
    format: Format = Format.NATIVE
    headers: dict[
        Annotated[str, AfterValidator(_check_header_name)],
        Annotated[SecretStr, AfterValidator(_check_header_value)],
    ] = Field(default_factory=dict)
    ca_file: CaFile | None = None

    @model_validator(mode="after")
    def _one_authorization(self) -> Self:
        url = parse_far_url(self.url.get_secret_value())
        if url.raw_user is not None and "authorization" in map(str.lower, self.headers):
            raise ValueError("has a user in its url and an authorization header; give one of them")
        return self

    @model_validator(mode="after")
    def _no_cloudevent_of_another(self) -> Self:
        forged = any(name.lower().startswith(CLOUDEVENTS_PREFIX) for name in self.headers)
        if forged and self.format is Format.CLOUDEVENTS:
            raise ValueError("has a header ce-…, which the format cloudevents sets itself")
        return self


class Sink(base.Sink):
    """Posts each notice once. Accepted is 2xx; 400, 413 and 422 are final; 410 ends it all."""

    def __init__(self, config: Config) -> None:
        self._name = config.name
        self._format = config.format
        self._far_end = make_far_end(config.url, config, ca_file=config.ca_file)
        self._keys = [parse_secret(secret.get_secret_value()) for secret in config.secret]
        self._headers = {
            name.lower(): value.get_secret_value() for name, value in config.headers.items()
        }

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:
        """Name an alarm by its id, or as an alert by all its labels."""
        if self._format is Format.ALERTMANAGER:
            return write_labels(build_labels(alarm, tags))
        return alarm.id

    async def deliver(self, notice: Notice) -> str:
        """Post a notice; return "HTTP 204" or the like."""
        message = build_message(self._format, notice, receiver=self._name)
        envelope = self._envelope(notice.event_id, notice.sent_at, message.body)
        headers = {**self._headers, **message.headers, **envelope}
        return await self._far_end.post(message.body, headers, now=notice.sent_at)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._far_end.aclose()

    def _envelope(self, event_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
        timestamp = int(sent_at.timestamp())
        envelope = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
        }
        if self._keys:
            envelope["webhook-signature"] = sign(
                self._keys, event_id=event_id, timestamp=timestamp, body=body
            )
        return envelope
