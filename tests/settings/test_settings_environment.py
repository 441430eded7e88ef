from collections.abc import Callable
from pathlib import Path

import pytest

from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import Settings

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

FILE = """
database: {url: sqlite:///file.db}
defaults: {username: monitor, password: from-file, tls: {verify: true}}
devices:
  - {name: a, url: "https://a", tags: {site: ams}}
  - {name: b, url: "https://b", password: own}
sinks:
  - {name: hook, type: webhook, url: "https://hooks.example/"}
"""


def test_a_variable_wins_over_the_file(load: Load) -> None:
    settings = load(
        FILE,
        ALARMBRIDGE_DATABASE__URL="postgresql://u:p@h/n",
        ALARMBRIDGE_DEFAULTS__PASSWORD="0123",
        ALARMBRIDGE_DEFAULTS__TLS__VERIFY="no",
        ALARMBRIDGE_DEFAULTS__INTERVAL="500ms",
        ALARMBRIDGE_LOG__LEVEL="DEBUG",
    )
    a, b = settings.devices
    assert settings.database.url.get_secret_value() == "postgresql://u:p@h/n"
    assert (a.password.get_secret_value(), b.password.get_secret_value()) == ("0123", "own")
    assert (a.tls.verify, a.interval.total_seconds()) == (False, 0.5)
    assert settings.log.level == "debug"


def test_an_item_of_a_list_has_its_number_for_a_name(load: Load) -> None:
    settings = load(
        FILE,
        ALARMBRIDGE_DEVICES__1__PASSWORD="new",
        ALARMBRIDGE_DEVICES__0__TAGS__CUSTOMER="acme",
        ALARMBRIDGE_DEVICES__2__NAME="c",
        ALARMBRIDGE_DEVICES__2__URL="https://c",
        ALARMBRIDGE_SINKS__0__MATCH__MIN_SEVERITY="major",
        ALARMBRIDGE_SINKS__0__TIMEOUT="5",
    )
    a, b, c = settings.devices
    assert a.tags == {"site": "ams", "customer": "acme"}
    assert (b.password.get_secret_value(), c.name) == ("new", "c")
    (hook,) = settings.sinks
    assert (hook.match.min_severity, hook.timeout.total_seconds()) == ("major", 5.0)


def test_a_whole_list_or_mapping_is_yaml_or_json(load: Load) -> None:
    settings = load(
        FILE,
        ALARMBRIDGE_DEVICES='[{"name": "z", "url": "https://z", "password": 0123}]',
        ALARMBRIDGE_API__TOKENS="[{name: noc, role: viewer, token: x}]",
        ALARMBRIDGE_LOG="{level: error}",
    )
    (device,) = settings.devices
    assert (device.name, device.password.get_secret_value()) == ("z", "0123")
    assert settings.api.tokens[0].name == "noc"
    assert settings.log.level == "error"


def test_without_a_file_the_environment_may_say_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(
        environ={
            "ALARMBRIDGE_DEVICES__0__NAME": "a",
            "ALARMBRIDGE_DEVICES__0__URL": "https://a",
            "ALARMBRIDGE_DEFAULTS__USERNAME": "u",
            "ALARMBRIDGE_DEFAULTS__PASSWORD": "p",
        }
    )
    assert (settings.file, settings.devices[0].name) == (None, "a")


def test_the_process_has_an_environment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("log: {level: error}")
    monkeypatch.setenv("ALARMBRIDGE_CONFIG", str(file))
    monkeypatch.setenv("ALARMBRIDGE_LOG__FORMAT", "json")
    settings = load_settings()
    assert (settings.log.level, settings.log.format) == ("error", "json")


def test_an_empty_variable_and_those_of_others_are_nothing(load: Load) -> None:
    settings = load(
        FILE,
        ALARMBRIDGE_DEFAULTS__PASSWORD="",
        ALARMBRIDGE_SERVICE_HOST="10.0.0.1",
        ALARMBRIDGE_PORT_8480_TCP="tcp://10.0.0.1:8480",
        ALARMBRIDGE="x",
        PATH="/bin",
    )
    assert settings.devices[0].password.get_secret_value() == "from-file"


def test_a_variable_and_a_file_of_the_same_secret_do_not_clash(load: Load, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file")
    with_file = FILE.replace("password: from-file", "password_file: no/such/file")
    settings = load(with_file, ALARMBRIDGE_DEFAULTS__PASSWORD="plain")
    assert settings.devices[0].password.get_secret_value() == "plain"
    settings = load(FILE, ALARMBRIDGE_DEFAULTS__PASSWORD_FILE="password")
    assert settings.devices[0].password.get_secret_value() == "from a file"


def test_a_mistake_names_its_variable(mistakes: Mistakes) -> None:
    found = mistakes(
        FILE,
        ALARMBRIDGE_DEFAULTS__INTERVAL="hunter2",
        ALARMBRIDGE_DEFAULTS__PASWORD="hunter2",
        ALARMBRIDGE_DATABSE__URL="hunter2",
        ALARMBRIDGE_API__TOKENS="[hunter2",
        ALARMBRIDGE_DEVICES__9__NAME="hunter2",
        ALARMBRIDGE_SINKS__0__SECRET_FILE="none",
        ALARMBRIDGE_LOG="{level: info, level: error}",
    )
    said = "\n".join(found)
    assert "hunter2" not in said
    assert "(ALARMBRIDGE_DEFAULTS__INTERVAL)" in said
    assert (
        "defaults.pasword: is no known key; did you mean password? "
        "(ALARMBRIDGE_DEFAULTS__PASWORD)" in found
    )
    assert "ALARMBRIDGE_DATABSE__URL: is no known key; did you mean database?" in found
    assert "devices[9]: is no item: the list has 2 of them (ALARMBRIDGE_DEVICES__9__NAME)" in found
    assert "(ALARMBRIDGE_SINKS__0__SECRET_FILE)" in said
    assert "log.level: stands twice in its mapping, on lines 1 and 1 (ALARMBRIDGE_LOG)" in found
    assert "(ALARMBRIDGE_API__TOKENS)" in said
    assert len(found) == 7


def test_a_secret_given_twice_in_the_environment_is_a_mistake(mistakes: Mistakes) -> None:
    (line,) = mistakes(
        FILE, ALARMBRIDGE_DEFAULTS__PASSWORD="a", ALARMBRIDGE_DEFAULTS__PASSWORD_FILE="b"
    )
    assert line.startswith("defaults.password: is given, and so is password_file")
