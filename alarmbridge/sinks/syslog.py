"""Tells events to a receiver of syslog (RFC 5424 with the alarm element of RFC 5674, or older)."""

import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.sinks import base
from alarmbridge.sinks.fields import FOLDER, CaFile, lower
from alarmbridge.sinks.syslog_lines import PROFILES, SHORTEST, Style, key_of_line
from alarmbridge.sinks.syslog_stream import Stream, make_trust
from alarmbridge.sinks.syslog_terms import Facility
from alarmbridge.sinks.syslog_transport import Address, parse_address, send_datagram

# What a datagram of IPv6 holds, less some room.
_LONGEST = 65_000
_TLS_KEYS = frozenset({"ca_file", "certificate_file", "key_file"})
_WORD_KEYS = frozenset({"title", "app_name"})


def _beside(path: Path, validation: ValidationInfo) -> Path:
    return Path((validation.context or {}).get(FOLDER, "")) / path


class Config(base.WordedConfig):
    """A receiver of syslog.

    framing: how a line ends on TCP and TLS. hostname: what the bridge calls itself where an alarm
    means no device; the machine's name when not given. max_length: of a line, in bytes.
    certificate_file, key_file: what the bridge shows of itself, as PEM; perhaps one file.
    """

    type: Literal["syslog"] = "syslog"
    address: Annotated[Address, BeforeValidator(parse_address)]
    profile: Literal["rfc5424", "rfc3164", "audiocodes"] = "rfc5424"
    framing: Literal["octet", "lf"] = "octet"
    facility: Annotated[Facility, BeforeValidator(lower)] = "local0"
    app_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,32}$")] = "alarmbridge"
    hostname: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,255}$")] | None = None
    max_length: int = Field(default=2048, ge=SHORTEST, le=_LONGEST)
    ca_file: CaFile | None = None
    certificate_file: Annotated[Path, AfterValidator(_beside)] | None = None
    key_file: Annotated[Path, AfterValidator(_beside)] | None = None

    @model_validator(mode="after")
    def _every_key_counts(self) -> Self:
        given = {key for key in self.model_fields_set if getattr(self, key) is not None}
        if given & {"body"}:
            raise ValueError("has a body, but syslog has one line; use title")
        if self.profile == "audiocodes" and (idle := sorted(given & _WORD_KEYS)):
            raise ValueError(f"has {' and '.join(idle)}, which the profile audiocodes leaves out")
        if self.address.scheme == "udp" and "framing" in given:
            raise ValueError("has a framing, which is for tcp:// and tls://")
        if self.address.scheme != "tls" and (idle := sorted(given & _TLS_KEYS)):
            raise ValueError(f"has {' and '.join(idle)}, which {self.address.scheme}:// leaves out")
        return self

    @model_validator(mode="after")
    def _certificate_and_key_fit(self) -> Self:
        if self.key_file and not self.certificate_file:
            raise ValueError("has a key_file without a certificate_file")
        if self.certificate_file is None:
            return self
        try:
            make_trust(None, self.certificate_file, self.key_file)
        except OSError as error:
            reason = error.strerror or "they do not fit, or are encrypted"
            raise ValueError(f"cannot use certificate_file and key_file: {reason}") from None
        return self

    def warnings(self) -> list[str]:
        """Tell that datagrams get lost."""
        if self.address.scheme != "udp":
            return []
        return ["sends by UDP, where what gets lost, a clear for one, goes unnoticed; use tls://"]


class Sink(base.Sink):
    """Sends each event as one line. Nothing is answered: see `syslog_stream` for what counts."""

    def __init__(self, config: Config) -> None:
        self.key_is_shared = config.profile == "audiocodes"
        self._address = config.address
        self._write = PROFILES[config.profile]
        self._framing = config.framing
        self._style = Style(
            facility=config.facility,
            app_name=config.app_name,
            hostname=config.hostname or socket.gethostname(),
            max_length=config.max_length,
        )
        trust = partial(make_trust, config.ca_file, config.certificate_file, config.key_file)
        self._stream = Stream(
            config.address,
            timeout=config.timeout,
            trust=trust if config.address.scheme == "tls" else None,
        )

    async def deliver(self, notice: Notice) -> str:
        """Send a line; return how sure it is that it arrived."""
        line = self._write(notice, self._style)
        if self._address.scheme == "udp":
            await send_datagram(self._address, line)
            return "sent, unacknowledged"
        await self._stream.send(frame(line, self._framing))
        return "acknowledged by TCP"

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:
        """Name an alarm by its id, or, like a device does, by its name and source."""
        if self.key_is_shared:
            return key_of_line(alarm, self._style.hostname)
        return super().key_for(alarm, tags)


def frame(line: bytes, framing: str) -> bytes:
    """Say where a line ends: by its length before it (RFC 6587, 3.4.1), or by a line feed."""
    return b"%d %s" % (len(line), line) if framing == "octet" else line + b"\n"
