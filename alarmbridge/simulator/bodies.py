"""Bodies: what a device writes, laid out as the guide prints it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from json.encoder import encode_basestring
from types import MappingProxyType

from alarmbridge.simulator.habits import Habits, TimeStyle
from alarmbridge.simulator.paging import Page
from alarmbridge.simulator.tables import Row

JSON: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})
HTML: Mapping[str, str] = MappingProxyType({"Content-Type": "text/html"})
OCTETS: Mapping[str, str] = MappingProxyType({"Content-Type": "application/octet-stream"})
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, headers, and the body as bytes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a device says of itself in /status; the defaults are the guide's example."""

    address: str = "10.4.219.229"
    subnet_mask: str = "255.255.0.0"
    gateway: str = "10.4.0.1"
    product: str = "Mediant SW"
    version: str = "7.20A.200.014"
    serial_number: str = "101780235059663"
    mac_address: str = "fa163e6e7e1d"
    high_availability: str = "Not Operational"


NO_CONTENT = Answer(204)


def write_time(second: int, style: TimeStyle, utc_offset: int) -> str:
    """Write a moment (UTC seconds) in a device's style; utc_offset in minutes."""
    if style == "utc":
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    local = datetime.fromtimestamp(second, timezone(timedelta(minutes=utc_offset)))
    match style:
        case "local_z":
            return local.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        case "offset":
            return local.isoformat()
        case "offset_space":
            return local.isoformat(" ")
        case "bare":
            return local.strftime("%Y-%m-%dT%H:%M:%S")


def refusal(status: int, habits: Habits) -> Answer:
    """Write a 4xx answer; the guide shows no body for one, so a habit says what it has."""
    match habits.error_body:
        case "empty":
            return Answer(status)
        case "json":
            return Answer(status, JSON, b'{\n  "error": "%d"\n}' % status)
        case "html":
            return Answer(status, HTML, b"<html><body><h1>%d</h1></body></html>" % status)


def encoded(value: object) -> Answer:
    """Write a 200 answer with any other JSON."""
    return Answer(200, JSON, _encode(json.dumps(value, indent=2, ensure_ascii=False)))


def described(status: int, description: str, habits: Habits) -> Answer:
    """Write a 4xx answer that says why; the guide's own has a comma too many (guide 10.1)."""
    comma = "," if habits.misprints else ""
    text = f'{{\n  "description": {_quote(description)}{comma}\n}}'
    return Answer(status, JSON, _encode(text))


def last_change(second: int, habits: Habits) -> Answer:
    """Write the time of the last change (guide 8.1.2); `second` by the device's clock."""
    text = write_time(second, habits.last_change_time, habits.utc_offset)
    return Answer(200, JSON, f'{{\n  "lastChange": "{text}"\n}}'.encode())


def listing(page: Page, habits: Habits) -> Answer:
    """Write a page of either table; the history's urls point at the active one (guide 8.2)."""
    if not page.rows:
        return NO_CONTENT if habits.empty_list == "no_content" else _page("[]", page)
    prefix = habits.url_prefix + "/api/v1/alarms/active/"
    rows = ",\n".join(
        f'    {{\n      "id": "{row.id}",\n      "description": {_quote(row.description)},\n'
        f'      "url": {_quote(f"{prefix}{row.id}")}\n    }}'
        for row in page.rows
    )
    return _page(f"[\n{rows}\n  ]", page)


def _page(rows: str, page: Page) -> Answer:
    text = (
        f'{{\n  "alarms": {rows},\n  "cursor": {{\n    "after": "{page.after}",\n'
        f'    "before": "{page.before}"\n  }}\n}}'
    )
    return Answer(200, JSON, _encode(text))


def detail(row: Row, table: str, habits: Habits, *, with_oid: bool) -> Answer:
    """Write one alarm (guide 8.1.1, 8.2.1); table is "active" or "history"."""
    fields = {"id": str(row.id), "description": row.description}
    fields["severity"] = _cased(row.severity, habits)
    if row.source is not None:
        fields["source"] = row.source
    if row.at is not None:
        fields["date"] = write_time(row.at, habits.date_time, habits.utc_offset)
    if with_oid and row.oid is not None:
        fields["oid"] = row.oid
    if habits.extra_fields:
        fields["additionalInfo1"] = ""
    fields["url"] = f"{habits.url_prefix}/api/v1/alarms/{table}/{row.id}"
    return _object([f'"{name}": {_quote(value)}' for name, value in fields.items()])


def status(
    identity: Identity, habits: Habits, *, second: int, uptime: float, save_needed: bool = False
) -> Answer:
    """Write the device's status (guide 9); uptime in seconds."""
    fields = {
        "localTimeStamp": write_time(second, habits.status_time, habits.utc_offset),
        "ipAddress": identity.address,
        "subnetMask": identity.subnet_mask,
        "defaultGateway": identity.gateway,
        "productType": identity.product,
        "versionID": identity.version,
        "protocolType": "SIP",
        "operationalState": "UNLOCKED",
        "highAvailability": identity.high_availability,
        "serialNumber": identity.serial_number,
        "macAddress": identity.mac_address,
    }
    if habits.extra_fields:
        fields |= {"osType": "Linux", "saveNeeded": "true" if save_needed else "false"}
    members = [f'"{name}": {_quote(value)}' for name, value in fields.items()]
    ticks = uptime * (100 if habits.uptime_unit == "hundredths" else 1)
    return _object([*members, f'"systemUpTime": {int(ticks)}'])


def _object(members: list[str]) -> Answer:
    return Answer(200, JSON, _encode("{\n  " + ",\n  ".join(members) + "\n}"))


def _cased(severity: str, habits: Habits) -> str:
    match habits.severity_case:
        case "title":
            return severity
        case "upper":
            return severity.upper()
        case "lower":
            return severity.lower()


def _quote(text: str) -> str:
    return encode_basestring(text)


def _encode(text: str) -> bytes:
    # A lone surrogate cannot be UTF-8; its backslash form happens to be the JSON escape for it.
    return text.encode("utf-8", "backslashreplace")
