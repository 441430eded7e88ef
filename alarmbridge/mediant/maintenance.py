"""What changes a device: for commands that a person types, never for the daemon (guide 5 to 7, 11).

Each method asks once and is not repeated. An error that is `perhaps_done` leaves open whether the
device did it: no answer came, or none that can be understood. Conflict says that it is not in the
state for it, and may be later.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.answers import NO_CONTENT, OK, SUCCESSES, understand
from alarmbridge.mediant.orders import AdditionalFile, PrivilegeLevel, SignatureAlgorithm, Subject
from alarmbridge.mediant.paths import ACTIONS, FILES, LICENSE, tls_path
from alarmbridge.mediant.resources import (
    AuthToken,
    ScriptOutput,
    parse_auth_token,
    parse_description,
    parse_pem,
    parse_script_output,
)
from alarmbridge.mediant.transport import NO_QUERY, Answer, FullTransport, Progress, Upload

_SOFTWARE = f"{FILES}/software"
_SCRIPT = f"{FILES}/cliScript"
_CREATED = 201
_DONE = {OK, _CREATED, NO_CONTENT}
_LICENSE_VERSION = 1
_NOBODY = Subject()

_Parsed = TypeVar("_Parsed")


class Maintenance:
    """Works on one configured device. Mostly what the device says to it is returned, or "".

    progress: is told how many bytes of a file have gone.
    """

    __slots__ = ("_transport", "name")

    def __init__(self, name: str, transport: FullTransport) -> None:
        self.name = name
        self._transport = transport

    async def reset(self, *, save_configuration: bool = True, graceful_timeout: int = 0) -> str:
        """Reset it (guide 5.1).

        graceful_timeout: 0 at once, 1 when all calls have ended, else after so many seconds.
        """
        attributes = {"saveConfiguration": save_configuration, "gracefulTimeout": graceful_timeout}
        return await self._post(f"{ACTIONS}/reset", attributes)

    async def save_configuration(self) -> str:
        """Save its configuration, so that it outlives a reset (guide 5.2)."""
        return await self._post(f"{ACTIONS}/saveConfiguration")

    async def create_auth_token(
        self,
        username: str,
        level: PrivilegeLevel = PrivilegeLevel.MONITOR,
        *,
        session_timeout: int | None = None,
        cross_host: str | None = None,
    ) -> AuthToken:
        """Have it make a token for its own web pages (guide 5.3).

        username: whom the device's log will name. session_timeout: seconds. cross_host: who may
        show the pages in a frame.
        """
        path = f"{ACTIONS}/authToken"
        attributes: dict[str, object] = {"username": username, "privLevel": level.value}
        if session_timeout is not None:
            attributes["sessionTimeout"] = session_timeout
        if cross_host is not None:
            attributes["crossHost"] = cross_host
        answer = await self._transport.post(path, attributes)
        return self._understand(answer, path, parse_auth_token)

    async def put_ini(
        self, upload: Upload, *, incremental: bool = False, progress: Progress | None = None
    ) -> str:
        """Load an INI file: the whole configuration, upon which it resets, or a part of it.

        See guide 6.2.1 and 6.2.2.
        """
        return await self._upload(_file("ini", incremental=incremental), upload, progress)

    async def put_cli_script(self, upload: Upload, *, progress: Progress | None = None) -> str:
        """Load the whole configuration as a CLI script, upon which it resets (guide 6.3.1)."""
        return await self._upload(_SCRIPT, upload, progress)

    async def run_cli_script(
        self, upload: Upload, *, progress: Progress | None = None
    ) -> ScriptOutput:
        """Run a CLI script that changes a part of the configuration, or shows it (guide 6.3.2)."""
        path = _file("cliScript", incremental=True)
        answer = await self._transport.upload(path, upload, progress=progress)
        return self._understand(answer, path, parse_script_output)

    async def load_software(
        self, upload: Upload, *, hitless: bool = False, progress: Progress | None = None
    ) -> str:
        """Load software, upon which it resets (guide 6.4).

        hitless: an HA pair takes it over by a switchover (guide 6.4.1).
        """
        return await self._upload(_SOFTWARE + "/hitless" * hitless, upload, progress)

    async def put_file(
        self, kind: AdditionalFile, upload: Upload, *, progress: Progress | None = None
    ) -> str:
        """Load one of the additional files (guide 6.5)."""
        return await self._upload(f"{FILES}/{kind}", upload, progress)

    async def put_private_key(
        self, context: str, upload: Upload, *, password: str | None = None
    ) -> str:
        """Load a TLS context's private key as PEM (guide 7.2)."""
        path = tls_path(self.name, context, "privateKey")
        query = NO_QUERY if password is None else {"Password": password}
        answer = await self._transport.upload(path, upload, query)
        return self._done(answer, path)

    async def generate_private_key(self, context: str, *, size: int = 2048) -> str:
        """Have a new private key made (guide 7.2.1). size: bits; the device's default is 1024."""
        return await self._post(
            tls_path(self.name, context, "privateKey", "generate"), {"size": size}
        )

    async def put_certificate(self, context: str, upload: Upload) -> str:
        """Load a TLS context's certificate as PEM (guide 7.3)."""
        return await self._upload(tls_path(self.name, context, "certificate"), upload)

    async def generate_certificate(self, context: str, subject: Subject = _NOBODY) -> str:
        """Have a self-signed certificate made (guide 7.4)."""
        path = tls_path(self.name, context, "certificate", "generate")
        return await self._post(path, subject.attributes())

    async def request_certificate(
        self,
        context: str,
        subject: Subject = _NOBODY,
        *,
        algorithm: SignatureAlgorithm = SignatureAlgorithm.SHA256,
    ) -> str:
        """Have a certificate signing request made, and return it as PEM (guide 7.5).

        algorithm: the device's own default is sha1, which no authority takes any more.
        """
        path = tls_path(self.name, context, "certificate", "request")
        attributes = {**subject.attributes(), "signatureAlgorithm": algorithm.value}
        answer = await self._transport.post(path, attributes)
        return self._understand(answer, path, parse_pem)

    async def put_trusted_roots(self, context: str, upload: Upload) -> str:
        """Load all trusted root certificates of a context, instead of those it has (guide 7.6)."""
        return await self._upload(tls_path(self.name, context, "trustedRoot"), upload)

    async def add_trusted_root(self, context: str, upload: Upload) -> str:
        """Load one more trusted root certificate (guide 7.7)."""
        return await self._upload(
            tls_path(self.name, context, "trustedRoot", "incremental"), upload
        )

    async def put_license_key(self, key: str, *, serial_number: str | None = None) -> str:
        """Load a license key, upon which it resets; not for HA pairs (guide 11).

        serial_number: the device refuses the key unless this is its own.
        """
        attributes: dict[str, object] = {"licenseVersion": _LICENSE_VERSION}
        if serial_number is not None:
            attributes["serialNumber"] = serial_number
        answer = await self._transport.put(LICENSE, attributes | {"key": key})
        return self._done(answer, LICENSE)

    async def put_license_file(self, upload: Upload, *, progress: Progress | None = None) -> str:
        """Load a file of license keys, of which it takes its own; for HA pairs too (guide 11)."""
        return await self._upload(LICENSE, upload, progress)

    async def _post(self, path: str, attributes: Mapping[str, object] | None = None) -> str:
        return self._done(await self._transport.post(path, attributes), path)

    async def _upload(self, path: str, upload: Upload, progress: Progress | None = None) -> str:
        return self._done(await self._transport.upload(path, upload, progress=progress), path)

    def _done(self, answer: Answer, path: str) -> str:
        return self._understand(answer, path, parse_description, _DONE)

    def _understand(
        self,
        answer: Answer,
        path: str,
        parse: Callable[[bytes], _Parsed],
        statuses: Collection[int] = (OK,),
    ) -> _Parsed:
        try:
            return understand(answer, device=self.name, path=path, parse=parse, statuses=statuses)
        except BadAnswer as error:
            error.perhaps_done = answer.status in SUCCESSES
            raise


def _file(name: str, *, incremental: bool) -> str:
    return f"{FILES}/{name}" + "/incremental" * incremental
