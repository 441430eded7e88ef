"""The documents cannot rot: what there is, they name; what they show, works."""

import inspect
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel

from alarmbridge import __version__
from alarmbridge.cli.main import app
from alarmbridge.core.alarm import Alarm
from alarmbridge.core.bridge import CATALOGUE
from alarmbridge.core.errors import ConfigError
from alarmbridge.core.event import tell_raised
from alarmbridge.core.payload import DeviceFacts, build_body
from alarmbridge.core.severity import Severity
from alarmbridge.mediant.client import AlarmsClient
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.maintenance import Maintenance
from alarmbridge.settings.addresses import Listen
from alarmbridge.settings.environment import Sections
from alarmbridge.settings.loading import PLACES, load_settings
from alarmbridge.settings.models import (
    ApiSettings,
    DatabaseSettings,
    DeviceDefaults,
    DeviceSettings,
)
from alarmbridge.settings.silences import MaintenanceSettings, SilenceSettings
from alarmbridge.simulator.device import Device as Simulated
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.model import ENDPOINTS, Mediant, endpoint_of
from alarmbridge.sinks.registry import BUILT_IN, load_type, make_sink
from alarmbridge.telemetry.metrics import Metrics

OWN = Path(__file__)
ROOT = OWN.parents[1]
README = (ROOT / "README.md").read_text()
EXAMPLE = ROOT / "config" / "alarmbridge.example.yaml"
QUICK_START = (
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/alarmbridge demo",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
)

CLIENTS = (AlarmsClient, Inspector, Maintenance)

Keys = Iterator[tuple[str, ...]]


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def keys_of(model: type[BaseModel], *path: str) -> Keys:
    """Every key of a model as its path; items of lists have no step of their own."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield (*path, key)
        for inner in models_in(field.annotation):
            yield from keys_of(inner, *path, key)


def keys_in(tree: Any, *path: str) -> Keys:
    """Every key of a document, alike."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield (*path, key)
            yield from keys_in(value, *path, key)
    elif isinstance(tree, list):
        for item in tree:
            yield from keys_in(item, *path)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_has_every_key_at_its_place() -> None:
    wanted = {key for key in keys_of(Sections) if key[0] not in {"devices", "sinks"}}
    own = DeviceSettings.model_fields.keys() - DeviceDefaults.model_fields.keys()
    wanted |= {("devices", key) for key in own}
    for name in BUILT_IN:
        wanted |= set(keys_of(load_type(name).config, "sinks"))
    for section, model in (("silences", SilenceSettings), ("maintenance", MaintenanceSettings)):
        # Not those of match again, which stand at a sink.
        wanted |= {(section, field.alias or key) for key, field in model.model_fields.items()}
    written = set(keys_in(yaml.safe_load(EXAMPLE.read_text())))
    assert wanted - written == set()


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_readme_has_a_row_for_each_sink_and_its_keys(name: str) -> None:
    rows = [row for row in README.splitlines() if row.startswith(f"| `{name}` |")]
    assert len(rows) == 1
    kind = load_type(name).config
    common = load_type("log").config.model_fields.keys()
    assert {key for key in kind.model_fields.keys() - common if f"`{key}`" not in rows[0]} == set()
    after = README[README.index(rows[0]) :]
    assert {key for key in common - {"name", "type"} if f"`{key}`" not in after} == set()


def test_every_file_in_config_loads() -> None:
    files = sorted((ROOT / "config").glob("*.yaml"))
    assert len(files) >= 2
    for file in files:
        assert load_settings(file, environ={}).devices


def test_readmes_first_configuration_loads(tmp_path: Path) -> None:
    (tmp_path / "alarmbridge.yaml").write_text(blocks("yaml")[0])
    (tmp_path / "sbc.password").write_text("canary\n")
    settings = load_settings(tmp_path / "alarmbridge.yaml", environ={})
    assert [device.password.get_secret_value() for device in settings.devices] == ["canary"]
    assert settings.warnings() == []


A_DEVICE = """
defaults: {username: monitor, password: canary}
devices:
  - {name: sbc-ams-1, url: "https://192.0.2.10"}
"""


def snippets() -> Iterator[tuple[str, str]]:
    """Each configuration shown under a sink's own heading, with that heading."""
    section = README.partition("\n### Sinks, one by one\n")[2]
    section = re.split(r"^##{1,2} ", section, maxsplit=1, flags=re.MULTILINE)[0]
    for part in re.split(r"^#### ", section, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        for block in re.findall(r"```yaml\n(.*?)```", part, re.DOTALL):
            yield heading, block


def test_every_snippet_stands_under_a_sinks_own_heading() -> None:
    assert [block for _, block in snippets()] == blocks("yaml")[1:-3]
    assert [block for _, block in snippets() if not block.startswith("sinks:\n")] == []


def test_readmes_silences_load_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "alarmbridge.yaml").write_text(f"{blocks('yaml')[-3]}{A_DEVICE}")
    settings = load_settings(tmp_path / "alarmbridge.yaml", environ={})
    assert [one.comment for one in settings.silences] == ["Out of service"]
    assert [one.name for one in settings.maintenance] == ["nightly-backup", "patch-day"]


def test_readmes_watch_loads_as_it_is_written(tmp_path: Path) -> None:
    login = "  username: monitor\n  password: canary\n"
    device = A_DEVICE.partition("}\n")[2]
    (tmp_path / "alarmbridge.yaml").write_text(f"{blocks('yaml')[-2]}{login}{device}")
    watch = load_settings(tmp_path / "alarmbridge.yaml", environ={}).devices[0].watch
    assert None not in {watch.certificates, watch.license, watch.configuration, watch.web_pages}
    assert watch.measurements is not None
    assert watch.measurements.names == ("NetUtilPackets", "NetUtilKBytes")


def test_readmes_tokens_load_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "alarmbridge.yaml").write_text(f"{blocks('yaml')[-1]}{A_DEVICE}")
    (tmp_path / "noc.token").write_text("canary-canary-canary-canary\n")
    api = load_settings(tmp_path / "alarmbridge.yaml", environ={}).api
    assert not api.listen.loopback
    assert [(token.name, token.role) for token in api.tokens] == [("noc", "operator")]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_sink_can_be_made_from_its_snippet_as_it_is_written(tmp_path: Path, name: str) -> None:
    shown = [block for heading, block in snippets() if heading == name]
    assert shown
    for block in shown:
        (tmp_path / "alarmbridge.yaml").write_text(f"{block}{A_DEVICE}")
        sinks = load_settings(tmp_path / "alarmbridge.yaml", environ={}).sinks
        assert {sink.type for sink in sinks} == {name}
        assert [make_sink(sink) for sink in sinks]


@pytest.mark.parametrize("line", QUICK_START)
def test_readmes_quick_start_is_two_lines_to_copy(line: str) -> None:
    assert README.splitlines().count(f"    {line}") == 1


def test_the_second_line_is_what_contributing_and_continuous_integration_run() -> None:
    assert f"    {QUICK_START[1]}" in (ROOT / "CONTRIBUTING.md").read_text().splitlines()
    assert (
        "grep -m1 -F -- \"pip install -e '.[test]'\" README.md"
        in (ROOT / ".ci" / "run").read_text()
    )


def commands() -> Iterator[str]:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined] - it is a group
        subs = getattr(command, "commands", {})
        yield from (f"{name} {sub}" for sub in subs) if subs else (name,)


@pytest.mark.parametrize("command", sorted(commands()))
def test_readme_has_every_command(command: str) -> None:
    section = README.partition("## Commands")[2].partition("\n## ")[0]
    assert re.search(rf"`(alarmbridge )?{command}( \[[^`]*)?`", section)


def test_readme_has_no_command_that_there_is_not() -> None:
    known = set(commands()) | {command.split()[0] for command in commands()}
    shown = re.findall(r"alarmbridge ([a-z]+)(?: ([a-z]+))?", "\n".join(shown_code()))
    assert shown
    assert {first for first, _ in shown} - known == set()
    nested = {first for first in known if f"{first} " in " ".join(known)}
    assert {f"{first} {sub}" for first, sub in shown if first in nested and sub} - known == set()


def shown_code() -> Iterator[str]:
    yield from re.findall(r"^    (?:\S*/)?(alarmbridge .*)$", README, re.MULTILINE)
    yield from re.findall(r"`(alarmbridge [^`]*)`", README)


def test_readme_has_every_metric_and_no_other() -> None:
    exposed = [
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in Metrics().registry.collect()
        if family.name.startswith("alarmbridge_")
    ]
    named = re.findall(r"`(alarmbridge_\w+)`", README)
    assert exposed
    assert sorted(named) == sorted(exposed)


def test_readme_and_changelog_have_every_alarm_of_the_bridges_own() -> None:
    section = README.partition("The bridge's own alarms")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", section)
    assert sorted(named) == sorted(CATALOGUE)
    unsaid = [name for name in CATALOGUE if f"`{name}`" not in (ROOT / "CHANGELOG.md").read_text()]
    assert unsaid == []


RESOURCES = re.findall(
    r"^\| [0-9.]+ \| `(GET|PUT|POST) (\S+)`[^|]* \| ([^|]+) \| ([^|]*)\|", README, re.MULTILINE
)


@pytest.mark.parametrize(("method", "path", "client", "command"), RESOURCES)
def test_a_resource_of_the_guide_is_asked_for_answered_and_has_its_command(
    method: str, path: str, client: str, command: str
) -> None:
    asked = re.findall(r"`(\w+)`", client)
    assert asked
    for name in asked:
        assert any(hasattr(kind, name) for kind in CLIENTS), name
    endpoint = endpoint_of(path)
    assert endpoint != "unknown"
    refused = Simulated(Mediant("d"), Login("u", "p")).handle(path, {}, 1.0, method=method)
    assert refused.answer.status == 401
    assert set(re.findall(r"`([^`]+)`", command)) <= {
        f"device {name}" for name in device_commands()
    }


def test_the_table_of_resources_lacks_nothing() -> None:
    named = {name for _, _, client, _ in RESOURCES for name in re.findall(r"`(\w+)`", client)}
    methods = {
        name
        for kind in CLIENTS
        for name, member in vars(kind).items()
        if not name.startswith("_") and inspect.iscoroutinefunction(member)
    }
    assert methods == named
    shown = {endpoint_of(path) for _, path, _, _ in RESOURCES}
    assert set(ENDPOINTS) - shown == {"alarms", "web", "unknown"}
    used = {name for *_, command in RESOURCES for name in re.findall(r"`device (\w+)`", command)}
    assert set(device_commands()) == used


def device_commands() -> list[str]:
    group = typer.main.get_command(app).commands["device"]  # type: ignore[attr-defined] - a group
    return list(group.commands)


def shape_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape_of(inner) for key, inner in value.items()} if value else {}
    return None


def test_readmes_event_has_the_keys_of_an_event_in_their_order() -> None:
    (block,) = blocks("json")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    alarm = Alarm(
        id="1", device="a", severity=Severity.MAJOR, description="down", source="b", seen_at=now
    )
    facts = DeviceFacts(name="a", url="https://a", tags={"site": "ams"})
    event = json.loads(build_body(tell_raised(alarm, sequence=1, now=now), facts))
    shown, real = shape_of(json.loads(block)), shape_of(event)
    assert json.dumps(shown) == json.dumps(real)


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    heads = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads[0] == "[Unreleased]"


def test_the_version_is_said_alike_twice() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def test_the_unit_runs_as_its_own_user_with_its_state_in_one_directory() -> None:
    unit = (ROOT / "systemd" / "alarmbridge.service").read_text().splitlines()
    assert {"User=alarmbridge", "Group=alarmbridge", "StateDirectory=alarmbridge"} <= set(unit)
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(unit)
    # Status 2 is what a configuration that cannot be used ends with.
    assert "RestartPreventExitStatus=2" in unit
    assert (
        "Environment=ALARMBRIDGE_DATABASE__URL=sqlite:////var/lib/alarmbridge/alarmbridge.db"
        in (unit)
    )
    (start,) = [line for line in unit if line.startswith("ExecStart=")]
    assert start.endswith("/alarmbridge run --config /etc/alarmbridge/alarmbridge.yaml")


def steps_at_the_top(document: str) -> list[str]:
    """The commands that the head of a file shows, each on one line."""
    head = re.match(r"(?:#.*\n)+", (ROOT / document).read_text())
    assert head is not None
    lines = re.findall(r"^#   (.*)$", head[0], re.MULTILINE)
    return re.sub(r"\\\n +", "", "\n".join(lines)).splitlines()


def test_the_steps_at_the_units_top_make_what_it_runs_with() -> None:
    unit = (ROOT / "systemd" / "alarmbridge.service").read_text()
    said = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    program, _, file = said["ExecStart"].partition(" run --config ")
    home, name = said["WorkingDirectory"], "alarmbridge.service"
    user, venv, folder, example, own, check, start, after = steps_at_the_top(f"systemd/{name}")
    assert user.startswith("useradd ")
    assert f" --home-dir {home} " in user
    assert user.endswith(f" {said['User']}")
    at = Path(program).parents[1]
    assert venv == f"python3 -m venv {at} && {at}/bin/pip install ."
    assert folder == f"install -d -g {said['Group']} -m 750 {Path(file).parent}"
    assert example.split()[:5] == ["install", "-g", said["Group"], "-m", "640"]
    assert example.endswith(f" {file}")
    assert own == f"install -m 644 systemd/{name} /etc/systemd/system/{name}"
    assert (ROOT / example.split()[5]).is_file()
    assert check == f"runuser -u {said['User']} -- {program} check --probe --config {file}"
    assert start == "systemctl daemon-reload && systemctl enable --now alarmbridge"
    # From there it finds the configuration and the archive by itself.
    assert after == f"cd {home} && runuser -u {said['User']} -- {program} alarms"
    assert Path(file) in PLACES
    _, _, database = said["Environment"].partition("=")
    assert database == DatabaseSettings().location.replace("///", f"///{home}/")


def test_the_image_is_run_with_a_port_that_is_published_listened_on_and_probed(
    tmp_path: Path,
) -> None:
    build, run, api = steps_at_the_top("Dockerfile")
    assert build == "docker build -t alarmbridge ."
    port = ApiSettings().listen.port
    assert f" -p 127.0.0.1:{port}:{port} " in run
    assert f"http://127.0.0.1:{port}/readyz" in (ROOT / "Dockerfile").read_text()
    (listen,) = re.findall(r" -e (\w+)=(\S+)", run)
    (tmp_path / "noc.token").write_text("canary-canary-canary-canary\n")
    (tmp_path / "alarmbridge.yaml").write_text(f"{api}{A_DEVICE}")
    settings = load_settings(tmp_path / "alarmbridge.yaml", environ=dict([listen]))
    assert settings.api.listen == Listen("0.0.0.0", port)
    assert [token.role for token in settings.api.tokens] == ["operator"]
    (tmp_path / "alarmbridge.yaml").write_text(A_DEVICE)
    with pytest.raises(ConfigError, match="there are no tokens"):
        load_settings(tmp_path / "alarmbridge.yaml", environ=dict([listen]))


def test_the_image_runs_as_its_own_user_with_its_state_in_one_directory() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER alarmbridge" in lines
    assert lines.index("USER alarmbridge") < next(
        at for at, line in enumerate(lines) if line.startswith("ENTRYPOINT")
    )
    assert {"VOLUME /var/lib/alarmbridge", "WORKDIR /var/lib/alarmbridge"} <= set(lines)
    assert "    ALARMBRIDGE_DATABASE__URL=sqlite:////var/lib/alarmbridge/alarmbridge.db" in lines


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/design.md"])
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    named = re.findall(r"`([\w.][\w./-]*/[\w./-]*)`", (ROOT / document).read_text())
    paths = [path for path in named if "<" not in path and path != ".ci/run"]
    assert paths
    missing = [
        path
        for path in paths
        if not ((ROOT / path).exists() or (ROOT / "alarmbridge" / path).exists())
    ]
    assert missing == []


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of the project in which something may be cited, each on a single line."""
    folders = ("alarmbridge", "bench", "config", "docs", "migrations", "systemd", "tests")
    found = [path for name in folders for path in (ROOT / name).rglob("*.*")]
    for path in (*found, *ROOT.glob("*.md"), ROOT / "Dockerfile", ROOT / "pyproject.toml"):
        if path.suffix in {".py", ".md", ".yaml", ".service", ".toml", ""} and path != OWN:
            yield path, re.sub(r"\s*\n\s*(# )?", " ", path.read_text())


def test_every_section_that_is_cited_is_there() -> None:
    cited = [
        (document, title, path.name)
        for path, text in texts()
        for document, title in re.findall(r'([\w/.-]+\.md)`?, "([^"]+)"', text)
    ]
    assert len(cited) > 20
    lacking = [one for one in cited if one[1] not in headings(one[0])]
    assert lacking == []


def headings(document: str) -> set[str]:
    return set(re.findall(r"^#+ (.*)$", (ROOT / document).read_text(), re.MULTILINE))


def test_every_section_of_readme_that_it_points_to_is_there() -> None:
    named = re.findall(r'see "([^"]+)"', " ".join(README.split()))
    assert named
    assert set(named) <= headings("README.md")


def test_no_text_speaks_of_a_document_that_is_not_here() -> None:
    named = {
        (document, path.name)
        for path, text in texts()
        for document in re.findall(r"[\w/.-]*\w\.md\b", text)
    }
    assert ("docs/design.md", "README.md") in named
    assert {one for one in named if not (ROOT / one[0]).exists()} == set()
    # What numbered sections and hazards belong to was never part of the project.
    notes = re.compile(r"\bDESIGN\b|\bfacts/|\bhazard [A-Z][0-9]")
    assert [path.name for path, text in texts() if notes.search(text)] == []
