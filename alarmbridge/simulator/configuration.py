"""Configuration: what runs on a device, and what it would start with."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from random import Random

from alarmbridge.simulator.ini import Ini, Table
from alarmbridge.simulator.unit import Unit

SECRETS = frozenset({"Password", "PwNonce", "SSHPublicKey", "AuthKey", "PrivKey", "SharedSecret"})
"""Columns of tables that hold secrets."""

SECRET_PARAMETERS = frozenset({"AdminPassword", "WebAuthPassword", "RadiusSharedSecret"})
"""Parameters that hold secrets which the device writes obscured; community strings stand plain."""


class Configuration:
    """Two configurations of one device: the one that runs, and the one in its memory.

    Secrets that come in plain are obscured at once, as by the device (guide 6.2.1, note).
    """

    def __init__(self, unit: Unit) -> None:
        self._factory = factory_settings(unit)
        self.running = self._factory.copy()
        self._saved = self._factory.copy()

    @property
    def save_needed(self) -> bool:
        """Whether something runs that a reboot would forget."""
        return self.running != self._saved

    def save(self) -> None:
        """Keep what runs over the next reboot."""
        self._saved = self.running.copy()

    def restart(self) -> None:
        """Run what is kept, and nothing else."""
        self.running = self._saved.copy()

    def replace(self, ini: Ini) -> None:
        """Keep another configuration for the next reboot; what it does not say is factory-made."""
        replaced = self._factory.copy()
        for name in ini.tables:
            replaced.tables.pop(name, None)
        replaced.merge(ini)
        self.keep(replaced)

    def keep(self, ini: Ini) -> None:
        """Keep exactly that for the next reboot."""
        self._saved = _obscured(ini.copy())

    def apply(self, ini: Ini) -> None:
        """Change what runs, by what a partial configuration says."""
        changed = self.running.copy()
        changed.merge(ini)
        self.run(changed)

    def run(self, ini: Ini) -> None:
        """Run exactly that, until the next reboot."""
        self.running = _obscured(ini.copy())

    def factory(self) -> Ini:
        """Copy what a device has that was never configured."""
        return self._factory.copy()


def header(unit: Unit) -> Iterator[str]:
    """Say what device it is, as the comments of its INI file and its version do."""
    identity = unit.identity
    yield from (
        f"Board: {identity.product}",
        "Board Type: 73",
        f"Serial Number: {identity.serial_number}",
        "Slot Number: 1",
        f"Software Version: {identity.version}",
        "DSP Software Version: SOFTDSP => 0.00",
        f"Board IP Address: {identity.address}",
        f"Board Subnet Mask: {identity.subnet_mask}",
        f"Board Default Gateway: {identity.gateway}",
        "Ram size: 3829M   Flash size: 0M",
        "Num of DSP Cores: 1  Num DSP Channels: 1022",
        "Profile: NONE",
        "MAC Addresses in use:",
        "-----------------------------",
        "GROUP_1 - " + ":".join(identity.mac_address[n : n + 2] for n in range(0, 12, 2)),
        "-----------------------------",
    )


def obscure(secret: str) -> str:
    """Write a secret as the device does: not readable at a glance, and the same each time."""
    if not secret or secret.startswith("$1$"):
        return secret
    return "$1$" + b64encode(secret.encode()[::-1]).decode()


def _obscured(ini: Ini) -> Ini:
    for parameters in ini.sections.values():
        for name in SECRET_PARAMETERS & parameters.keys():
            parameters[name] = obscure(parameters[name])
    for table in ini.tables.values():
        hidden = [column in SECRETS for column in table.columns]
        for index, row in table.rows.items():
            pairs = zip(row, hidden, strict=True)
            table.rows[index] = tuple(obscure(cell) if hide else cell for cell, hide in pairs)
    return ini


def factory_settings(unit: Unit) -> Ini:
    """Make a device's first configuration, secrets included; the same for the same seed."""
    dice = Random(f"{unit.seed}/{unit.name}/secrets")

    def secret() -> str:
        return f"{dice.randrange(16**12):012x}"

    return _obscured(Ini(_sections(unit, secret(), secret(), secret()), _tables(unit, secret)))


def _sections(unit: Unit, *secrets: str) -> dict[str, dict[str, str]]:
    return {
        "SYSTEM Params": {
            "Hostname": unit.name,
            "SyslogServerIP": "10.4.0.7",
            "EnableSyslog": "1",
            "NTPServerIP": "10.4.0.8",
            "NTPServerUTCOffset": str(unit.habits.utc_offset * 60),
            "RadiusSharedSecret": secrets[0],
            "SaveConfiguration": "1",
        },
        "BSP Params": {"PCMLawSelect": "3", "UdpPortSpacing": "10"},
        "WEB Params": {
            "HTTPSOnly": "0",
            "AdminPassword": secrets[1],
            "LogoWidth": "145",
            "WebSessionTimeout": "15",
        },
        "SIP Params": {"SIPGatewayName": f"{unit.name}.example", "GWDebugLevel": "0"},
        "SNMP Params": {
            "DisableSNMP": "0",
            "SNMPReadOnlyCommunityString_0": f"public-{secrets[2]}",
            "SNMPReadWriteCommunityString_0": f"private-{secrets[2]}",
            "SNMPTrapCommunityString": f"trap-{secrets[2]}",
            "SNMPManagerIsUsed_0": "1",
            "SNMPManagerTableIP_0": "10.4.0.9",
        },
    }


def _tables(unit: Unit, secret: Callable[[], str]) -> dict[str, Table]:
    address = unit.identity.address
    return {
        "InterfaceTable": _table(
            "ApplicationTypes, InterfaceMode, IPAddress, PrefixLength, Gateway, InterfaceName",
            ("6", "10", address, "16", unit.identity.gateway, "O+M+C"),
        ),
        "WebUsers": _table(
            "Username, Password, Status, PwAgeInterval, SessionLimit, UserLevel, PwNonce",
            ("Admin", secret(), "1", "0", "2", "200", secret()),
            ("User", secret(), "3", "0", "2", "50", secret()),
        ),
        "SNMPUsers": _table(
            "Username, AuthProtocol, PrivProtocol, AuthKey, PrivKey, Group",
            ("v3user", "1", "1", secret(), secret(), "1"),
        ),
        "TLSContexts": _table(
            "Name, TLSVersion, ServerCipherString, RequireStrictCert, OcspEnable, DHKeySize",
            ("default", "7", "RC4:AES128", "0", "0", "1024"),
            ("sip-trunk", "4", "DEFAULT", "0", "0", "2048"),
        ),
        "SIPInterface": _table(
            "InterfaceName, NetworkInterface, UDPPort, TCPPort, TLSPort, SRDName, TLSContext",
            ("LAN", "O+M+C", "5060", "0", "0", "DefaultSRD", "default"),
            ("WAN", "O+M+C", "0", "0", "5061", "DefaultSRD", "sip-trunk"),
        ),
        "ProxySet": _table(
            "ProxyName, EnableProxyKeepAlive, ProxyKeepAliveTime, SRDName, TLSContextName",
            ("PBX", "1", "60", "DefaultSRD", ""),
            ("ITSP", "1", "60", "DefaultSRD", "sip-trunk"),
        ),
        "ProxyIp": _table(
            "ProxySetId, ProxyIpIndex, IpAddress, TransportType",
            ("0", "0", "10.4.1.10:5060", "0"),
            ("1", "0", "sip.itsp.example:5061", "2"),
            ("1", "1", "sip2.itsp.example:5061", "2"),
        ),
        "IPGroup": _table(
            "Type, Name, ProxySetName, SIPGroupName, SRDName, Username, Password",
            ("0", "PBX", "PBX", "", "DefaultSRD", "", ""),
            ("0", "ITSP", "ITSP", "sip.itsp.example", "DefaultSRD", "trunk-1", secret()),
            ("1", "Users", "", "", "DefaultSRD", "", ""),
        ),
    }


def _table(columns: str, *rows: tuple[str, ...]) -> Table:
    return Table(tuple(columns.split(", ")), dict(enumerate(rows)))
