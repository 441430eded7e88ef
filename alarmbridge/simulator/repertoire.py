"""Repertoire: the kinds of alarm that Mediants of the field raise, in their own words.

Names, OIDs, severities and sources as in the vendor's alarm guides, texts as
seen in the field where one was seen. `{n}` stands for the number of the
thing that is meant (a port, a proxy set, a trunk), `{m}` for a smaller detail of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

_TRAPS = "1.3.6.1.4.1.5003.9.10.1.21.2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of alarm.

    oid: of its trap; None where no public source gives it. ladder: the severities it climbs, if
    it does, lowest first. changing: its text while it stands, where that changes.
    """

    name: str
    oid: str | None
    severity: str
    source: str
    text: str
    clear_text: str
    ladder: tuple[str, ...] = ()
    changing: str | None = None


def _kind(
    name: str,
    arc: int | None,
    severity: str,
    source: str,
    texts: tuple[str, str],
    *,
    ladder: tuple[str, ...] = (),
    changing: str | None = None,
) -> Kind:
    """Write a kind down; texts are those of raise and clear, arc is the last one of its OID."""
    return Kind(
        name=name,
        oid=None if arc is None else f"{_TRAPS}.{arc}",
        severity=severity,
        source=source,
        text=texts[0],
        clear_text=texts[1],
        ladder=ladder,
        changing=changing,
    )


_ALL = (
    _kind(
        "acBoardEthernetLinkAlarm",
        10,
        "Critical",
        "Board#1/EthernetLink#{n}",
        (
            "Ethernet link alarm. LAN port number {n} link is down.",
            "Ethernet link alarm. LAN port number {n} link is up.",
        ),
    ),
    _kind(
        "acProxyConnectionLost",
        94,
        "Major",
        "Board#1/ProxyConnection#{n}",
        (
            (
                "Proxy Set Alarm Proxy Set {n} (Teams-{n}): Server 52.114.75.{m}:5061 is down - "
                "one or more servers in the proxy set are offline"
            ),
            (
                "Proxy Set {n} (Teams-{n}): Server 52.114.75.{m}:5061 is up, all servers are "
                "online now"
            ),
        ),
        changing="Proxy Set Alarm Proxy Set {n} (Teams-{n}): Proxy lost. looking for another proxy",
    ),
    _kind(
        "acIpGroupNoRouteAlarm",
        None,
        "Major",
        "Board#1/IPGroup#{n}",
        (
            (
                "IP Group is temporarily blocked. IP Group (Carrier-{n}) Blocked Reason: No "
                "Working Proxy"
            ),
            "IP Group (Carrier-{n}) is unblocked.",
        ),
    ),
    _kind(
        "acCertificateExpiryAlarm",
        128,
        "Minor",
        "Board#1/CertificateExpiry#{n}",
        (
            "The certificate of TLS context {n} will expire in {m} days",
            "The certificate of TLS context {n} was renewed",
        ),
        ladder=("Minor", "Major", "Critical"),
        changing="The certificate of TLS context {n} will expire in 7 days",
    ),
    _kind(
        "acNTPServerStatusAlarm",
        71,
        "Major",
        "Board#1",
        (
            "NTP server alarm. No connection to NTP server.",
            "NTP server alarm. Connection to NTP server is established.",
        ),
        ladder=("Minor", "Major"),
    ),
    _kind(
        "acIDSPolicyAlarm",
        99,
        "Minor",
        "Board#1/IDSMatch#{n}/IDSRule#{m}",
        (
            "Policy {n} (SIP): minor threshold (3) of malformed signature crossed by 10.4.7.{m}",
            "Policy {n} (SIP): below threshold again",
        ),
        ladder=("Minor", "Major", "Critical"),
    ),
    _kind(
        "acHASystemSwitchOverAlarm",
        35,
        "Critical",
        "System#0/Module#1",
        (
            "Switch-over: HA switch-over took place, the redundant unit is active now",
            "Switch-over: HA switch-over completed",
        ),
    ),
    _kind(
        "acHASystemFaultAlarm",
        33,
        "Critical",
        "System#0/Module#2",
        (
            "No HA! Redundant unit is not responding",
            "HA is operational",
        ),
    ),
    _kind(
        "acBoardTemperatureAlarm",
        3,
        "Critical",
        "System#0",
        (
            "Board temperature too high: sensor {n} at 7{m} degrees",
            "Board temperature is back to normal",
        ),
    ),
    _kind(
        "acBoardOverloadAlarm",
        11,
        "Major",
        "Board#1",
        (
            "System CPU overload condition - CPU utilisation is 9{m} percent",
            "System CPU overload condition has ended",
        ),
        changing="System CPU overload condition - CPU utilisation is 99 percent",
    ),
    _kind(
        "acBoardCallResourcesAlarm",
        8,
        "Major",
        "Board#1",
        (
            "Call resources alarm",
            "Call resources are available again",
        ),
    ),
    _kind(
        "acMediaProcessOverloadAlarm",
        81,
        "Major",
        "Board#1",
        (
            "Media process overload",
            "Media process overload has ended",
        ),
    ),
    _kind(
        "acTrunksAlarmNearEndLOS",
        49,
        "Critical",
        "Interfaces#0/Trunk#{n}",
        (
            "Trunk LOS alarm",
            "Trunk LOS alarm cleared",
        ),
    ),
    _kind(
        "acBChannelAlarm",
        85,
        "Minor",
        "Interfaces#0/Trunk#{n}",
        (
            "B-channel {m} of trunk {n} is out of service",
            "B-channel {m} of trunk {n} is back",
        ),
    ),
    _kind(
        "acASRThresholdAlarm",
        111,
        "Minor",
        "PM_gwSBCASR",
        (
            "ASR threshold crossed: 4{m} percent",
            "ASR threshold: back in range",
        ),
        ladder=("Minor", "Major"),
    ),
    _kind(
        "acLicensePoolApplicationAlarm",
        107,
        "Major",
        "system0Mo",
        (
            "New licence pool: device is not synchronised with the licence server",
            "Licence pool: device is synchronised",
        ),
    ),
    _kind(
        "acMeteringAlarm",
        146,
        "Warning",
        "Board#1",
        (
            "Device failed to communicate with metering API",
            "Device succeeds to communicate with metering API",
        ),
        ladder=("Warning", "Critical"),
    ),
    _kind(
        "acNoReplyFromDNSServerAlarm",
        155,
        "Minor",
        "Board#1/ipInterface#{n}",
        (
            "No reply from DNS server 10.4.0.{m}",
            "DNS server 10.4.0.{m} replies",
        ),
    ),
    _kind(
        "acAccountRegistrationAlarm",
        164,
        "Major",
        "Board#1/IPGroup#{n}/Account#{m}",
        (
            "Account {m} of IP Group {n} failed to register: 403 Forbidden",
            "Account {m} of IP Group {n} is registered",
        ),
    ),
    _kind(
        "acClockConfigurationAlarm",
        149,
        "Minor",
        "Board#1",
        (
            "The clock has never been set: alarms carry wrong dates",
            "The clock is set",
        ),
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind by its name."""


def named(name: str) -> Kind:
    """Find a kind by its name. ValueError: there is none."""
    if name not in KINDS:
        raise ValueError(f"unknown kind of alarm {name!r}; known are {', '.join(KINDS)}")
    return KINDS[name]


def worded(kind: Kind, *, n: int, m: int) -> Kind:
    """Fill the numbers into a kind's words."""
    return replace(
        kind,
        source=kind.source.format(n=n, m=m),
        text=kind.text.format(n=n, m=m),
        clear_text=kind.clear_text.format(n=n, m=m),
        changing=None if kind.changing is None else kind.changing.format(n=n, m=m),
    )
