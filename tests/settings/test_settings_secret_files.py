from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from alarmbridge.settings.models import Settings
from alarmbridge.sinks.webhook import Config as WebhookConfig

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

SECRETS = ("whsec_" + "a" * 32, "whsec_" + "b" * 32)


@pytest.fixture(autouse=True)
def credentials(tmp_path: Path) -> Path:
    """Secrets beside the configuration, as systemd and Kubernetes lay them."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "password").write_text(" pass word \n")
    (folder / "windows").write_bytes(b"word\r\n")
    (folder / "two").write_text("word\n\n")
    (folder / "empty").write_text("\n")
    (folder / "latin").write_bytes(b"\xe9")
    (folder / "url").write_text("https://hooks.example/token\n")
    for at, secret in enumerate(SECRETS):
        (folder / f"secret-{at}").write_text(secret)
    return folder


@pytest.mark.parametrize(
    ("name", "expected"), [("password", " pass word "), ("windows", "word"), ("two", "word\n")]
)
def test_one_trailing_newline_is_not_the_secrets(load: Load, name: str, expected: str) -> None:
    settings = load(
        f"""
        defaults: {{username: u, password_file: credentials/{name}}}
        devices: [{{name: a, url: http://a}}]
        """
    )
    assert settings.devices[0].password.get_secret_value() == expected


def test_every_secret_of_every_section_may_be_a_file(load: Load, credentials: Path) -> None:
    settings = load(
        f"""
        api: {{tokens: [{{name: noc, role: admin, token_file: {credentials}/windows}}]}}
        sinks:
          - name: hook
            type: webhook
            url_file: credentials/url
            secret_file: [credentials/secret-0, credentials/secret-1]
            headers: {{x-token_file: credentials/windows, x-plain: plain}}
          - {{name: one, type: webhook, url: https://a, secret_file: credentials/secret-0}}
        """
    )
    assert settings.api.tokens[0].token == SecretStr("word")
    hook, one = settings.sinks
    assert isinstance(hook, WebhookConfig)
    assert isinstance(one, WebhookConfig)
    assert hook.url == SecretStr("https://hooks.example/token")
    assert hook.secret == tuple(map(SecretStr, SECRETS))
    assert one.secret == (SecretStr(SECRETS[0]),)
    assert hook.headers == {"x-token": SecretStr("word"), "x-plain": SecretStr("plain")}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("credentials/none", "cannot be read: No such file or directory"),
        ("credentials", "cannot be read: Is a directory"),
        ("credentials/empty", "is empty"),
        ("credentials/latin", "does not hold text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_mistake_with_its_path(
    mistakes: Mistakes, tmp_path: Path, name: str, words: str
) -> None:
    (line,) = mistakes(
        f"""
        defaults: {{username: u, password_file: {name}}}
        devices: [{{name: a, url: http://a}}]
        """
    )
    assert line.startswith(f"defaults.password: password_file {tmp_path / name} {words}")


def test_a_needed_secret_whose_file_fails_is_not_missing_as_well(mistakes: Mistakes) -> None:
    (line,) = mistakes("sinks: [{name: a, type: webhook, url_file: none}]")
    assert line.startswith("sinks[0].url: url_file ")


@pytest.mark.parametrize("named", ["{a: b}", "[{a: b}]"])
def test_a_file_is_named_by_its_path(mistakes: Mistakes, named: str) -> None:
    (line,) = mistakes(f"defaults: {{password_file: {named}}}")
    assert line.startswith("defaults.password: password_file must be the path of a file")


def test_a_secret_and_its_file_at_once_is_a_mistake(mistakes: Mistakes) -> None:
    (line,) = mistakes("defaults: {password: hunter2, password_file: credentials/password}")
    assert line.startswith("defaults.password: is given, and so is password_file; give one of them")


def test_only_secrets_have_files(mistakes: Mistakes) -> None:
    (line,) = mistakes("defaults: {username_file: credentials/password}")
    assert line.startswith("defaults.username_file: is no known key")
