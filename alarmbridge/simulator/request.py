"""Request: what is asked of a device beyond a GET of its alarms, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any

HEAD = 8 * 1024 * 1024
"""How much of an uploaded file is kept, in bytes; the rest is only counted and digested."""

JSON_LIMIT = 1024 * 1024
"""The longest body that is not a file, in bytes."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The body of a request, as far as a device looks at it.

    json: the bytes of a body that is no form. Of a form: filename, size and sha256 (hex) of the
    part named "file", head: its first `HEAD` bytes, fields: the other parts as text.
    flaw: why it cannot be used, "" if it can.
    """

    content_type: str
    json: bytes = b""
    filename: str | None = None
    size: int = 0
    sha256: str = ""
    head: bytes = b""
    fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    flaw: str = ""


def sent_json(value: object) -> Sent:
    """Make the body of a JSON request, as the farm would have read it."""
    return Sent(content_type="application/json", json=json.dumps(value).encode())


def sent_file(
    content: bytes | str, filename: str = "file.txt", fields: Mapping[str, str] = _NOTHING
) -> Sent:
    """Make the body of an upload, as the farm would have read it."""
    octets = content.encode() if isinstance(content, str) else content
    return Sent(
        content_type="multipart/form-data",
        filename=filename,
        size=len(octets),
        sha256=sha256(octets).hexdigest(),
        head=octets[:HEAD],
        fields=fields,
    )


class Refused(Exception):
    """A request that a device turns down: with this status, and a description if it gives one."""

    def __init__(self, status: int, description: str = "") -> None:
        super().__init__(description)
        self.status = status
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that has got past the front door.

    endpoint: by the names of `model.ENDPOINTS`. key: the part of the path that varies (a TLS
    context's id, a measurement's name, an additional file's), else "". now: UTC seconds.
    """

    endpoint: str
    path: str
    key: str
    method: str
    query: Mapping[str, str]
    body: Sent | None
    now: float

    def attributes(self, *known: str) -> dict[str, Any]:
        """Read the JSON object that came along; none at all is an empty one. Refused: it is bad."""
        if self.body is None:
            return {}
        if self.body.flaw:
            raise Refused(400, self.body.flaw)
        if self.body.filename is not None:
            raise Refused(400, "Invalid JSON")
        try:
            found = json.loads(self.body.json or b"{}")
        except (ValueError, RecursionError) as error:
            raise Refused(400, "Invalid JSON") from error
        if not isinstance(found, dict):
            raise Refused(400, "Invalid JSON")
        for name in found:
            if name not in known:
                raise Refused(400, f"Invalid attribute '{name}'")
        return found

    def upload(self) -> Sent:
        """Read the file that came along. Refused: there is none, or it is empty."""
        if self.body is None or (self.body.filename is None and not self.body.flaw):
            raise Refused(400, "File is missing")
        if self.body.flaw:
            raise Refused(400, self.body.flaw)
        if not self.body.size:
            raise Refused(400, "File is empty")
        return self.body

    def text(self) -> str:
        """Read the file that came along as text. Refused: it is none, or endless."""
        file = self.upload()
        if file.size > len(file.head):
            raise Refused(400, "File is too large")
        try:
            return file.head.decode()
        except UnicodeDecodeError as error:
            raise Refused(400, "File is not a text file") from error
