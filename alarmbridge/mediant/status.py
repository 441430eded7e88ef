"""What a device says about itself (guide 9): all of it, and what a sync goes by.

Each `parse_*` raises BadAnswer in a few words, as those of `parse` do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alarmbridge.core.device_time import parse_device_time
from alarmbridge.core.reading import DeviceStatus
from alarmbridge.mediant.parse import clean_text, number_of, text_of
from alarmbridge.mediant.strict_json import parse_object

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


def parse_status_report(body: bytes) -> StatusReport:
    """Read all that a device says about itself."""
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


def parse_status(body: bytes, *, asked_at: float, received_at: float) -> DeviceStatus:
    """Read what a sync goes by; any of it may be missing."""
    report = parse_status_report(body)
    local_time = report.local_time
    return DeviceStatus(
        asked_at=asked_at,
        received_at=received_at,
        local_time=parse_device_time(local_time) if local_time is not None else None,
        uptime=report.uptime,
        serial_number=report.serial_number,
        product=report.product,
        version=report.version,
        high_availability=report.high_availability,
    )


def _said(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else text_of(value)
