from collections.abc import Callable
from pathlib import Path

import pytest

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.document import read_document
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import Settings

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]


@pytest.mark.parametrize("text", ["0123", "83", "1e5", "no", "true", "2024-01-01", "1_000", "0x1F"])
def test_an_unquoted_password_stays_what_was_written(load: Load, text: str) -> None:
    settings = load(
        f"""
        devices:
          - {{name: a, url: http://a, username: {text}, password: {text}, tags: {{x: {text}}}}}
        """
    )
    (device,) = settings.devices
    assert device.password.get_secret_value() == device.username == device.tags["x"] == text


def test_null_is_not_text() -> None:
    assert read_document("{a: null, b: ~, c: , d: 'null'}").tree == {
        "a": None,
        "b": None,
        "c": None,
        "d": "null",
    }


def test_lines_are_those_of_keys_and_items() -> None:
    document = read_document("a: 1\nb:\n  - x: 1\n    y: 2\n  - z: {q: 1}\n")
    assert document.line_of(("a",)) == 1
    assert document.line_of(("b", 0, "y")) == 4
    assert document.line_of(("b", 1, "z", "q")) == 5
    assert document.line_of(("b", 1, "missing")) == 5
    assert document.line_of(("b", 7)) == 2
    assert document.line_of(("missing",)) is None


def test_every_key_that_stands_twice_is_told(mistakes: Mistakes) -> None:
    found = mistakes(
        """\
        log: {}
        devices:
          - {name: a, url: http://a, name: hunter2}
        log:
          level: info
        """
    )
    assert found[:2] == [
        "devices[0].name: stands twice in its mapping, on lines 3 and 3 (alarmbridge.yaml:3)",
        "log: stands twice in its mapping, on lines 1 and 4 (alarmbridge.yaml:1)",
    ]


def test_an_alias_repeats_what_it_names(load: Load) -> None:
    settings = load(
        """
        sinks:
          - {name: a, type: log, match: &noc {devices: sbc-*}}
          - {name: b, type: log, match: *noc}
        """
    )
    assert settings.sinks[0].match == settings.sinks[1].match


def test_aliases_neither_loop_nor_multiply(mistakes: Mistakes) -> None:
    found = mistakes("devices: &x [*x]")
    assert found[0].startswith("devices[0]: is an alias for something that it stands in")
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 30)
    )
    assert len(read_document(bomb).tree) == 30


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("password: *hunter2", "line 1: found undefined alias"),
        ("a: 1\npassword:hunter2\nb: 1", "line 3: "),
        ("password: @hunter2", "line 1: found character"),
        ("password: %hunter2", "line 1: found character"),
        ("password: hunter2: x", "line 1: mapping values are not allowed"),
        ("password: [hunter2", "did not find expected ',' or ']'"),
        ("password: 'hunter2", "unexpected end of stream"),
        ('password: "hunter2\\q"', "unknown escape character"),
        ("password: !hun!ter2 x", "found undefined tag handle"),
        ("password: hunter2\x07", "holds a control character"),
        ("a: 1\n---\nhunter2: 2", "another document"),
        (f"hunter2: {'[' * 900}{']' * 900}", "is nested too deeply"),
        ("- hunter2", "must begin with keys such as devices: and sinks:"),
        ("hunter2", "must begin with keys such as devices: and sinks:"),
        ("{password:hunter2}", "password…: is no known key"),
        ("defaults: {password:hunter2: 1}", "did you mean password?"),
        ("defaults: {password: !hunter2 x}", "defaults.password: has a tag"),
        ("defaults: {password: [hunter2]}", "defaults.password: must be text"),
        ("defaults: {password: {hunter2: hunter2}}", "defaults.password: must be text"),
        ("defaults: {? {hunter2: 1} : 1}", "defaults: has a key that is no text"),
        ("devices: [{name: a, url: 'http://x/hunter2', username: u, password: p}]", "must end"),
        ("database: {url: 'hunter2'}", "database.url: must be sqlite:///"),
        ("sinks: [{name: a, type: webhook, url: hunter2}]", "sinks[0].url: must begin with http"),
        ("sinks: [{name: a, type: webhook, url: http://a, secret: hunter2}]", "secret: must be"),
        ("sinks: [{name: a, type: webhook, url: http://a, headers: {a: [hunter2]}}]", "headers.a"),
        ("api: {tokens: [{name: a, role: viewer, token: 'hunter2 é'}]}", "tokens[0].token: must"),
    ],
)
def test_no_mistake_shows_what_may_be_a_secret(mistakes: Mistakes, text: str, words: str) -> None:
    found = "\n".join(mistakes(text))
    assert words in found
    assert "hunter2" not in found


def test_a_file_must_be_text_in_utf_8(load: Load, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"log: {level: \xe9}")
    with pytest.raises(ConfigError, match=r"latin\.yaml: is no text in UTF-8"):
        load_settings(tmp_path / "latin.yaml", environ={})
    assert load("log: {level: INFO}").log.level == "info"
    assert load("\ufefflog: {level: error}").log.level == "error"


def test_thousands_of_devices_are_read(load: Load) -> None:
    lines = "".join(
        f"  - {{name: sbc-{at}, url: 'https://sbc-{at}.example', tags: {{site: s{at}}}}}\n"
        for at in range(2_000)
    )
    settings = load("defaults: {username: u, password: p}\ndevices:\n" + lines)
    assert settings.devices[-1].tags == {"site": "s1999"}
