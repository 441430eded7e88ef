"""What can be looked into on a device beside its alarms, by GET alone (guide 5 to 7, 10, 11)."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.answers import NO_CONTENT, NOT_FOUND, understand, understand_list
from alarmbridge.mediant.files import Check, check_ini, check_script, read_file
from alarmbridge.mediant.measurements import (
    Measured,
    Measurement,
    parse_measured,
    parse_measurement,
    parse_names,
)
from alarmbridge.mediant.parse import Resource, parse_resources
from alarmbridge.mediant.paths import (
    ACTIONS,
    FILES,
    LICENSE,
    MEASUREMENTS,
    MISPRINTED_MEASUREMENTS,
    STATUS,
    TLS,
    is_name,
    tls_path,
)
from alarmbridge.mediant.resources import (
    License,
    PrivateKeyState,
    TlsContext,
    parse_license,
    parse_pem,
    parse_private_key,
    parse_tls_contexts,
)
from alarmbridge.mediant.status import StatusReport, parse_status_report
from alarmbridge.mediant.transport import NO_QUERY, Answer, InspectionTransport

_Parsed = TypeVar("_Parsed")


class Inspector:
    """Looks into one configured device. Raises DeviceErrors that name it.

    Refused says that the device has no such thing or this user may not see it (Forbidden): that
    is no trouble with the device.
    """

    __slots__ = ("_measurements", "_transport", "name")

    def __init__(self, name: str, transport: InspectionTransport) -> None:
        self.name = name
        self._transport = transport
        self._measurements = MEASUREMENTS

    async def fetch_status_report(self) -> StatusReport:
        """Fetch all that it says about itself (guide 9)."""
        return await self._fetch(STATUS, parse_status_report)

    async def list_actions(self) -> tuple[Resource, ...]:
        """List what the device can be told to do (guide 5)."""
        return await self._list(ACTIONS, lambda body: parse_resources(body, "actions"))

    async def list_files(self) -> tuple[Resource, ...]:
        """List its files (guide 6)."""
        return await self._list(FILES, lambda body: parse_resources(body, "files"))

    async def fetch_ini(self) -> bytes:
        """Fetch the whole configuration as an INI file (guide 6.2.1). It holds secrets."""
        return await self._fetch_file(f"{FILES}/ini", check_ini)

    async def fetch_cli_script(self) -> bytes:
        """Fetch the whole configuration as a CLI script (guide 6.3.1). It holds secrets."""
        return await self._fetch_file(f"{FILES}/cliScript", check_script)

    async def list_tls_contexts(self) -> tuple[TlsContext, ...]:
        """List the TLS contexts (guide 7)."""
        return await self._list(TLS, parse_tls_contexts)

    async def list_tls_files(self, context: str) -> tuple[Resource, ...]:
        """List what a TLS context has (guide 7.1)."""
        path = tls_path(self.name, context)
        return await self._list(path, lambda body: parse_resources(body, "items"))

    async def fetch_private_key_state(self, context: str) -> PrivateKeyState:
        """Ask how long and whether valid a context's private key is (guide 7.2)."""
        return await self._fetch(tls_path(self.name, context, "privateKey"), parse_private_key)

    async def fetch_certificate(self, context: str) -> str:
        """Fetch a context's certificate as PEM (guide 7.3)."""
        return await self._fetch(tls_path(self.name, context, "certificate"), parse_pem)

    async def fetch_trusted_roots(self, context: str) -> str:
        """Fetch a context's trusted root certificates as PEM, "" where it has none (guide 7.6)."""
        path = tls_path(self.name, context, "trustedRoot")
        answer = await self._transport.inspect(path)
        if answer.status == NO_CONTENT or (answer.status < NO_CONTENT and not answer.body.strip()):
            return ""
        return understand(answer, device=self.name, path=path, parse=parse_pem)

    async def list_measurements(self) -> tuple[str, ...]:
        """List the names of the performance measurements (guide 10)."""
        return await self._list(MEASUREMENTS, parse_names)

    async def describe_measurement(self, name: str) -> Measurement:
        """Ask what a measurement is kept for, and its thresholds (guide 10.1)."""
        path, answer = await self._ask_measurement(name, NO_QUERY)
        return understand(
            answer, device=self.name, path=path, parse=lambda body: parse_measurement(body, name)
        )

    async def measure(self, name: str, index: int = 0, interval: int = 0) -> Measured:
        """Ask for a value. interval: 0 now, 1 the last quarter of an hour, 2 the one before."""
        query = {"index": str(index)}
        if interval:
            query["interval"] = str(interval)
        path, answer = await self._ask_measurement(name, query)
        return understand(
            answer,
            device=self.name,
            path=path,
            parse=lambda body: parse_measured(body, name, index=index, interval=interval),
        )

    async def fetch_license(self) -> License:
        """Fetch the license, its key included (guide 11)."""
        return await self._fetch(LICENSE, parse_license)

    async def _fetch(self, path: str, parse: Callable[[bytes], _Parsed]) -> _Parsed:
        answer = await self._transport.inspect(path)
        return understand(answer, device=self.name, path=path, parse=parse)

    async def _list(
        self, path: str, parse: Callable[[bytes], tuple[_Parsed, ...]]
    ) -> tuple[_Parsed, ...]:
        answer = await self._transport.inspect(path)
        return understand_list(answer, device=self.name, path=path, parse=parse)

    async def _fetch_file(self, path: str, check: Check) -> bytes:
        answer = await self._transport.inspect(path)
        return read_file(answer, device=self.name, path=path, check=check)

    async def _ask_measurement(self, name: str, query: Mapping[str, str]) -> tuple[str, Answer]:
        """Ask where the guide's text has it, then where its examples do; whichever knows it."""
        if not is_name(name):
            raise BadAnswer(f"{self.name}: {name!r} can be no measurement's name; not asked")
        path = f"{self._measurements}/{name}"
        answer = await self._transport.inspect(path, query)
        if answer.status != NOT_FOUND:
            return path, answer
        other = MISPRINTED_MEASUREMENTS if self._measurements == MEASUREMENTS else MEASUREMENTS
        elsewhere = await self._transport.inspect(f"{other}/{name}", query)
        if elsewhere.status == NOT_FOUND:
            return path, answer
        self._measurements = other
        return f"{other}/{name}", elsewhere
