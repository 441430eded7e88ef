"""An SNMP manager of version 2c that notes what it is told, and acknowledges informs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

COMMUNITY = "canary-community"
OWN = "1.3.6.1.4.1.8072.9999.9999.25276"
_KINDS = {f"{OWN}.0.1": "raised", f"{OWN}.0.2": "changed", f"{OWN}.0.3": "cleared"}


@dataclass(frozen=True)
class Heard:
    """One notification: of alarmbridge's own what a conformance test asks, and all that it binds.

    bound: by OID, in their order, as pysnmp shows them; without sysUpTime, which goes on.
    """

    event_id: str | None
    kind: str
    text: str
    trap: str
    bound: tuple[tuple[str, str], ...]


class Manager(asyncio.DatagramProtocol):
    """The manager. error: what it answers instead of an acknowledgement, as a number."""

    def __init__(self) -> None:
        self.secrets: tuple[str, ...] = (COMMUNITY,)
        self.heard: list[Heard] = []
        self.answers: list[bytes] = []
        self.arrived = asyncio.Event()
        self.error = 0
        self.silent = False
        self.raw: Mapping[str, object] = {}
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.raw = {
            "type": "snmp",
            "address": address,
            "version": "2c",
            "community": COMMUNITY,
            "profile": "alarmbridge",
        }

    def datagram_received(self, data: bytes, address: Any) -> None:
        message, _ = decoder.decode(data, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(message)
        self.heard.append(_read(pdu))
        self.arrived.set()
        if v2c.apiMessage.get_community(message) != COMMUNITY.encode() or self.silent:
            return
        if isinstance(pdu, v2c.InformRequestPDU):
            response = v2c.apiPDU.get_response(pdu)
            v2c.apiPDU.set_error_status(response, self.error)
            v2c.apiMessage.set_pdu(message, response)
            self.answers.append(encoder.encode(message))
            self._transport.sendto(self.answers[-1], address)

    def refuse(self, status: int, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def hang(self) -> asyncio.Event:
        self.silent = True
        self.arrived.clear()
        return self.arrived


def _read(pdu: Any) -> Heard:
    (_, _), (_, trap), *rest = v2c.apiPDU.get_varbinds(pdu)
    bound = tuple((str(oid), value.prettyPrint()) for oid, value in rest)
    kind = _KINDS.get(str(trap), "")
    event_id = dict(bound).get(f"{OWN}.1.1.0")
    return Heard(event_id, kind, "\n".join(value for _, value in bound), str(trap), bound)


@asynccontextmanager
async def receive_snmp(host: str = "127.0.0.1") -> AsyncIterator[Manager]:
    loop = asyncio.get_running_loop()
    transport, manager = await loop.create_datagram_endpoint(Manager, local_addr=(host, 0))
    yield manager
    transport.close()
