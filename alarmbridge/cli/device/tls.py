"""`tls`: the TLS contexts of a device, shown and changed."""

from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alarmbridge.cli.device.door import Force, Source, Target, Yes, ask, confirm, do
from alarmbridge.cli.device.transfer import Moved, fetch, read, send
from alarmbridge.cli.options import AsJson, ConfigFile
from alarmbridge.cli.output import local, show_json, show_table
from alarmbridge.core.errors import BadAnswer, ConfigError
from alarmbridge.mediant.certificates import Certificate, read_certificates
from alarmbridge.mediant.files import check_pem
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.mediant.mediant import Mediant
from alarmbridge.mediant.orders import SignatureAlgorithm, Subject
from alarmbridge.mediant.paths import tls_path
from alarmbridge.mediant.resources import PrivateKeyState, TlsContext
from alarmbridge.mediant.transport import Upload

app = typer.Typer(help="The TLS contexts; alone it shows them.")


@dataclass(frozen=True, slots=True)
class _Context:
    """A TLS context with all that it has. trouble: why something of it cannot be shown."""

    context: TlsContext
    key: PrivateKeyState | None
    certificate: Certificate | None
    roots: int | None
    trouble: str | None


async def _read_contexts(mediant: Mediant) -> list[_Context]:
    return [
        await _read_context(mediant.inspector, one)
        for one in await mediant.inspector.list_tls_contexts()
    ]


async def _read_context(inspector: Inspector, context: TlsContext) -> _Context:
    """Read what a context has; what this user may not see, or the device lacks, is left out."""
    key = certificate = roots = None
    troubles: list[str] = []
    try:
        certificate = read_certificates(await inspector.fetch_certificate(context.id))[0]
    except BadAnswer as error:
        troubles.append(str(error))
    try:
        key = await inspector.fetch_private_key_state(context.id)
        roots = (await inspector.fetch_trusted_roots(context.id)).count("BEGIN CERTIFICATE")
    except BadAnswer as error:
        troubles.append(str(error))
    return _Context(context, key, certificate, roots, "; ".join(troubles) or None)


def _document(one: _Context, now: datetime) -> dict[str, object]:
    certificate = one.certificate
    return {
        "id": one.context.id,
        "name": one.context.name,
        "key": asdict(one.key) if one.key else None,
        "certificate": certificate
        and asdict(certificate)
        | {
            "not_before": certificate.not_before.isoformat(),
            "not_after": certificate.not_after.isoformat(),
            "days_left": (certificate.not_after - now).days,
        },
        "trusted_roots": one.roots,
        "trouble": one.trouble,
    }


def _key(key: PrivateKeyState | None) -> str | None:
    if key is None:
        return None
    state = {True: "valid", False: "invalid", None: "unknown"}[key.valid]
    return f"{key.size or '?'} bits, {state}"


@app.callback(invoke_without_command=True)
def show(context: typer.Context, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show every TLS context: its certificate, how long that is good, its key and its roots."""
    if context.invoked_subcommand is not None:
        return
    found = ask(context, config, _read_contexts)
    now = datetime.now(UTC)
    if as_json:
        for one in found:
            show_json(_document(one, now))
        return
    show_table(
        ("ID", "NAME", "KEY", "EXPIRES", "DAYS LEFT", "ROOTS", "TEXT"),
        [
            (
                one.context.id,
                one.context.name,
                _key(one.key),
                local(one.certificate.not_after) if one.certificate else None,
                str((one.certificate.not_after - now).days) if one.certificate else None,
                None if one.roots is None else str(one.roots),
                one.certificate.subject if one.certificate else one.trouble,
            )
            for one in found
        ],
        empty="It has no TLS context.",
    )


class TlsFile(StrEnum):
    """What a TLS context has, by its names in a path (guide 7.1)."""

    CERTIFICATE = "certificate"
    PRIVATE_KEY = "privateKey"
    TRUSTED_ROOT = "trustedRoot"


Context = Annotated[str, typer.Argument(metavar="ID", help="A TLS context, by its id.")]
Name = Annotated[str, typer.Option("--subject", metavar="NAME", help="Common name (CN).")]
Unit = Annotated[str, typer.Option("--unit", metavar="NAME", help="Organizational unit (OU).")]
Company = Annotated[str, typer.Option("--company", metavar="NAME", help="Company (O).")]
Locality = Annotated[str, typer.Option("--locality", metavar="NAME", help="City (L).")]
State = Annotated[str, typer.Option("--state", metavar="NAME", help="State (ST).")]
Country = Annotated[str, typer.Option("--country", metavar="CODE", help="Country, two letters.")]


@app.command("get")
def tls_get(
    context: typer.Context,
    tls_context: Context,
    what: Annotated[TlsFile, typer.Argument(help="No device gives its private key away.")],
    file: Target = None,
    force: Force = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a certificate, or all trusted root certificates, as PEM."""
    if what is TlsFile.PRIVATE_KEY:
        raise ConfigError(["privateKey: no device gives its private key away"])
    path = tls_path(str(context.obj), tls_context, what.value)
    fetch(context, config, path, file, check=check_pem, force=force, as_json=as_json)


@app.command("put")
def tls_put(
    context: typer.Context,
    tls_context: Context,
    what: TlsFile,
    file: Source,
    add: Annotated[
        bool, typer.Option("--add", help="One more trusted root, instead of all new ones.")
    ] = False,
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the private key's password stands.")
    ] = None,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Load a certificate, a private key or trusted root certificates, as PEM."""
    if add and what is not TlsFile.TRUSTED_ROOT:
        raise ConfigError(["--add: only trusted roots can be added to"])
    if password_file and what is not TlsFile.PRIVATE_KEY:
        raise ConfigError(["--password-file: only a private key has a password"])
    password = _password_of(password_file) if password_file else None
    confirm(
        context, f"the {what.value} of its TLS context {tls_context} will be {file.name}.", yes=yes
    )

    def load(to: Maintenance, upload: Upload, _moved: Moved) -> Awaitable[str]:
        if what is TlsFile.PRIVATE_KEY:
            return to.put_private_key(tls_context, upload, password=password)
        if what is TlsFile.CERTIFICATE:
            return to.put_certificate(tls_context, upload)
        if add:
            return to.add_trusted_root(tls_context, upload)
        return to.put_trusted_roots(tls_context, upload)

    send(context, config, file, load, as_json=as_json)


@app.command("key")
def tls_key(
    context: typer.Context,
    tls_context: Context,
    size: Annotated[int, typer.Option(metavar="BITS", help="512 to 4096.")] = 2048,
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Have the device make a new private key, for which its certificate is no longer."""
    confirm(
        context,
        f"TLS context {tls_context} gets a new private key; its certificate fits no more.",
        yes=yes,
    )
    do(
        context,
        config,
        lambda mediant: mediant.maintenance.generate_private_key(tls_context, size=size),
        otherwise="Generated.",
        as_json=as_json,
    )


@app.command("self-signed")
def tls_self_signed(
    context: typer.Context,
    tls_context: Context,
    subject: Name = "",
    unit: Unit = "",
    company: Company = "",
    locality: Locality = "",
    state: State = "",
    country: Country = "",
    yes: Yes = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Have the device make a new self-signed certificate."""
    whom = _subject(subject, unit, company, locality, state, country)
    confirm(context, f"TLS context {tls_context} gets a new self-signed certificate.", yes=yes)
    do(
        context,
        config,
        lambda mediant: mediant.maintenance.generate_certificate(tls_context, whom),
        otherwise="Generated.",
        as_json=as_json,
    )


@app.command("request")
def tls_request(
    context: typer.Context,
    tls_context: Context,
    subject: Name = "",
    unit: Unit = "",
    company: Company = "",
    locality: Locality = "",
    state: State = "",
    country: Country = "",
    algorithm: SignatureAlgorithm = SignatureAlgorithm.SHA256,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Have the device make a certificate signing request, and print it as PEM."""
    whom = _subject(subject, unit, company, locality, state, country)
    pem = ask(
        context,
        config,
        lambda mediant: mediant.maintenance.request_certificate(
            tls_context, whom, algorithm=algorithm
        ),
    )
    if as_json:
        show_json({"request": pem})
    else:
        print(pem, end="")


def _password_of(file: Path) -> str:
    try:
        return read(file).decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file}: is no text in UTF-8"]) from error


def _subject(*parts: str) -> Subject:
    common_name, unit, company, locality, state, country = parts
    return Subject(
        common_name=common_name,
        organizational_unit=unit,
        company=company,
        locality=locality,
        state=state,
        country_code=country,
    )
