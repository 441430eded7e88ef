from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.addresses import Listen
from alarmbridge.settings.loading import find_file, load_settings
from alarmbridge.settings.models import Settings
from alarmbridge.sinks.registry import BUILT_IN

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]

NO_LENGTH = "must be a length of time such as 500ms, 5s, 2m, 1h or 3d"
NO_TYPE = f"there is no sink type 'webhok'; there are: {', '.join(sorted(BUILT_IN))}"
LOGIN = "defaults: {username: monitor, password: secret}\n"


def test_little_is_needed_and_the_rest_has_defaults(load: Load) -> None:
    settings = load(LOGIN + "devices: [{name: a, url: 'https://10.0.0.1/'}]")
    (device,) = settings.devices
    assert (device.name, device.url, device.tags) == ("a", "https://10.0.0.1", {})
    assert (device.interval, device.full_sync) == (timedelta(seconds=5), timedelta(minutes=5))
    assert (device.timeout, device.auth_retry) == (timedelta(seconds=10), timedelta(minutes=10))
    assert (device.max_connections, device.unreachable_after) == (2, 3)
    assert (device.active_table_size, device.history_table_size) == (120, 500)
    assert (device.tls.verify, device.tls.ca_file, device.tls.fingerprint) == (True, None, None)
    assert settings.database.url.get_secret_value() == "sqlite:///alarmbridge.db"
    assert settings.database.retention == timedelta(days=400)
    assert (settings.api.listen, settings.api.tokens) == (Listen("127.0.0.1", 8480), ())
    assert (settings.log.format, settings.log.level) == ("text", "info")
    assert settings.sinks == ()


def test_a_device_says_what_it_will_and_inherits_the_rest(load: Load) -> None:
    settings = load(
        f"""
        defaults:
          username: monitor
          password: secret
          interval: 30s
          tls: {{verify: false, fingerprint: '{"ab" * 32}'}}
        devices:
          - {{name: a, url: https://a}}
          - {{name: b, url: https://b, interval: 2s, password: own, tls: {{verify: true}}}}
          - {{name: c, url: https://c, tls: {{fingerprint: null}}}}
        """
    )
    a, b, c = settings.devices
    assert (a.interval, b.interval) == (timedelta(seconds=30), timedelta(seconds=2))
    assert (a.password.get_secret_value(), b.password.get_secret_value()) == ("secret", "own")
    assert {device.username for device in settings.devices} == {"monitor"}
    assert (a.tls.verify, b.tls.verify, c.tls.verify) == (False, True, False)
    assert (a.tls.fingerprint, b.tls.fingerprint, c.tls.fingerprint) == ("ab" * 32, "ab" * 32, None)


def test_five_mistakes_are_five_lines_with_path_and_place(mistakes: Mistakes) -> None:
    found = mistakes(
        """\
        database:
          retention: forever
        api: {listen: "0.0.0.0:8480"}
        defaults: {username: monitor, password: hunter2, intervall: 5s}
        devices:
          - {name: a, url: "https://10.0.0.1"}
          - {name: b, url: "https://10.0.0.2"}
          - name: c
            url: "https://root:hunter2@10.0.0.3"
        sinks:
          - {name: x, type: webhok}
        """
    )
    reachable = "is 0.0.0.0:8480, which others can reach, and there are no tokens; add api.tokens"
    assert found == [
        f"database.retention: {NO_LENGTH} (alarmbridge.yaml:2)",
        "defaults.intervall: is no known key; did you mean interval? (alarmbridge.yaml:4)",
        "devices[2].url: must not hold a user; use username and password (alarmbridge.yaml:9)",
        f"sinks[0].type: {NO_TYPE} (alarmbridge.yaml:11)",
        f"api.listen: {reachable} or listen on 127.0.0.1 (alarmbridge.yaml:3)",
    ]


def test_one_mistake_hides_no_other_in_any_section(mistakes: Mistakes) -> None:
    found = mistakes(
        """
        databse: {}
        api: {tokens: [{name: noc, role: king, token: x}]}
        devices:
          - {name: a, url: "https://a", max_connections: many, timeout: 0s}
          - {name: a, tags: [1], surprise: 1}
          - just text
        sinks:
          - {name: x, type: webhook, url: ftp://x, match: {min_severity: awful, devices: []}}
          - {name: x, type: log, concurrency: 0}
          - {name: y}
        log: {level: loud}
        """
    )
    assert [line.split(": ", 1)[0] for line in found] == [
        "databse",
        "api.tokens[0].role",
        "log.level",
        "devices[0].timeout",
        "devices[0].max_connections",
        "devices[1].surprise",
        "devices[1].url",
        "devices[1].tags",
        "devices[2]",
        "devices[1].name",
        "defaults.username",
        "defaults.password",
        "sinks[1].name",
        "sinks[0].match.min_severity",
        "sinks[0].match.devices",
        "sinks[0].url",
        "sinks[1].concurrency",
        "sinks[2].type",
    ]


@pytest.mark.parametrize(
    "section", ["database", "api", "defaults", "devices", "sinks", "silences", "maintenance", "log"]
)
def test_a_section_whose_keys_are_commented_out_is_none(load: Load, section: str) -> None:
    text = "" if section == "defaults" else LOGIN
    load(f"{text}{section}:\n  # nothing\n")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("devices: {a: 1}", "devices: must be a list"),
        ("defaults: 5", "defaults: must be a mapping of keys to values"),
        ("sinks: [5]", "sinks[0]: must be a mapping of keys to values"),
        (LOGIN + "devices: [{name: a b, url: 'http://a'}]", "devices[0].name: must be up to 100"),
        ("api: {listen: ':8480'}", "api.listen: must be host:port such as 127.0.0.1:8480"),
        ("api: {listen: 'localhost:70000'}", "api.listen: must be host:port"),
        ("api: {prefix: alarms of}", "api.prefix: must be a path such as /alarmbridge"),
        ("api: {prefix: /devices/x}", "api.prefix: must not begin as a path of alarmbridge's own"),
        ("api: {trusted_proxies: [here]}", "api.trusted_proxies[0]: must be an address, or a net"),
        ("api: {session: 1s}", "api.session: must be"),
        ("api: {listen: '[::]:1'}", "api.listen: is [::]:1, which others can reach"),
        ("database: {url: 'mysql://x'}", "database.url: must be sqlite:///path/to/file or "),
        ("database: {url: 'sqlite:///:memory:'}", "database.url: must be sqlite:///path"),
        ("defaults: {tls: {fingerprint: abc}}", "defaults.tls.fingerprint: must be the sha256"),
        ("defaults: {tls: {ca_file: none.pem}}", "defaults.tls.ca_file: "),
        ("defaults: {tls: {verify: perhaps}}", "defaults.tls.verify: must be true or false"),
        ("defaults: {username: 'a:b'}", "defaults.username: must not have a colon"),
        ("defaults: {max_connections: 17}", "defaults.max_connections: must be at most 16"),
        ("defaults: {interval: 99ms}", "defaults.interval: must be at least 100ms"),
        ("database: {retention: 23h}", "database.retention: must be at least 1d"),
        ("sinks: [{name: a, type: log, repeat: 59s}]", "sinks[0].repeat: must be at least 1m"),
        (
            "sinks: [{name: a, type: log, exclude: {min_severity: bad}}]",
            "sinks[0].exclude.min_severity: must be 'critical'",
        ),
        ("sinks: [{type: log, name: a, match: 5}]", "sinks[0].match: must be a mapping"),
        ("sinks: [{type: log}]", "sinks[0].name: is needed"),
        ("sinks: [{type: webhook, name: a}]", "sinks[0].url: is needed"),
        ("sinks: [{name: a, type: log, exclude: [{}]}]", "sinks[0].exclude[0]: must not be empty"),
        (
            "sinks: [{name: a, type: log, exclude: {device: a}}]",
            "sinks[0].exclude.device: is no known key; did you mean devices?",
        ),
        ("sinks: [{name: a, type: log, exclude: {5: a}}]", "sinks[0].exclude.5: is no known key"),
        ("sinks: [{name: a, type: log, digest: {}}]", "sinks[0].digest: cannot be a digest"),
        ("sinks: [{name: a, type: log, matches: 5}]", "is no known key; did you mean match?"),
    ],
)
def test_a_mistake_is_told_at_its_path(mistakes: Mistakes, text: str, mistake: str) -> None:
    (line,) = mistakes(text)
    assert mistake in line


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("10.0.0.1", "must be http:// or https://"),
        ("ssh://10.0.0.1", "must be http:// or https://"),
        ("https://", "must be http:// or https://"),
        ("https://a b", "must be http:// or https://"),
        ("https://a:port", "must be http:// or https://"),
        ("https://a:99999", "must be http:// or https://"),
        ("https://[::1", "must be http:// or https://"),
        ("https://a..b", "must be http:// or https://"),
        ("https://user@a", "must not hold a user"),
        ("https://a/api/v1", "must end with the host or port"),
        ("https://a?x=1", "must end with the host or port"),
        ("https://a#x", "must end with the host or port"),
    ],
)
def test_a_device_url_is_scheme_host_and_port(mistakes: Mistakes, url: str, words: str) -> None:
    (line,) = mistakes(LOGIN + f"devices: [{{name: a, url: '{url}'}}]")
    assert line.startswith(f"devices[0].url: {words}")


def test_every_device_needs_credentials_after_the_defaults(mistakes: Mistakes) -> None:
    (line,) = mistakes(
        """
        defaults: {username: monitor}
        devices: [{name: a, url: http://a, password: x}, {name: b, url: http://b}]
        """
    )
    assert line == "devices[1].password: is needed, here or in defaults (alarmbridge.yaml:3)"


def test_tokens_differ_in_name_and_in_themselves(mistakes: Mistakes) -> None:
    first, second = mistakes(
        """
        api:
          tokens:
            - {name: a, role: viewer, token: hunter2}
            - {name: a, role: admin, token: hunter2}
        """
    )
    assert first.startswith("api.tokens[1].name: is the name of api.tokens[0] already")
    assert second.startswith("api.tokens[1].token: is that of tokens[0] too")


def test_with_tokens_the_api_may_listen_anywhere(load: Load) -> None:
    settings = load("api: {listen: '[::]:80', tokens: [{name: a, role: viewer, token: x}]}")
    assert settings.api.listen == Listen("::", 80)
    assert str(settings.api.listen) == "[::]:80"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("sbc.example", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert Listen(host, 1).loopback is loopback


def test_what_should_not_stay_so_is_warned_of(load: Load) -> None:
    names = ", ".join(f"{{name: p{at}, url: 'http://p{at}'}}" for at in range(7))
    settings = load(
        f"""
        defaults: {{username: u, password: p, tls: {{verify: false}}}}
        api: {{tokens: [{{name: noc, role: viewer, token: short}}]}}
        devices: [{names}, {{name: t, url: https://t}}, {{name: u, url: https://t}}]
        """
    )
    plain = "p0, p1, p2, p3, p4 and 2 more"
    assert settings.warnings() == [
        "sinks: there are none, so alarms are kept and nobody is told",
        f"devices: over plain http anybody on the way reads the password: {plain}",
        "devices: with tls.verify off anybody can pose as the device: t, u",
        "devices: these share a url, so one box is asked twice: t, u",
        "api.tokens: shorter than 22 characters: noc",
    ]
    assert load("").warnings()[0] == "devices: there are none, so nothing is followed"


@pytest.mark.parametrize(
    ("database", "may"),
    [
        ("{}", True),
        ("{url: 'postgresql://h/n'}", False),
        ("{url: 'postgresql://h/n', upgrade_at_start: true}", True),
        ("{upgrade_at_start: false}", False),
    ],
)
def test_the_schema_is_upgraded_at_start_for_sqlite_or_when_told_so(
    load: Load, database: str, may: bool
) -> None:
    assert load(f"database: {database}").database.may_upgrade is may


def test_settings_cannot_be_changed_and_show_no_secret(load: Load) -> None:
    settings = load(
        """
        database: {url: 'postgresql://u:hunter2@h/n'}
        defaults: {username: u, password: hunter2}
        devices: [{name: a, url: http://a}]
        api: {tokens: [{name: noc, role: viewer, token: hunter2}]}
        sinks: [{name: a, type: webhook, url: 'https://h/hunter2', headers: {a: hunter2}}]
        """
    )
    assert "hunter2" not in f"{settings!r}{settings}{settings.model_dump()}"
    with pytest.raises(ValueError, match="frozen"):
        settings.log = settings.log  # type: ignore[misc] - that it fails is the point


def test_the_file_is_the_one_given_or_named_or_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    variables = {"ALARMBRIDGE_CONFIG": "b.yaml"}
    assert find_file(Path("a.yaml"), variables) == Path("a.yaml")
    assert find_file(None, variables) == Path("b.yaml")
    Path("alarmbridge.yaml").write_text("")
    assert find_file(None, {}) == Path("alarmbridge.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"x\.yaml: cannot be read: No such file or directory"):
        load_settings(Path("x.yaml"), environ={})
    with pytest.raises(ConfigError, match=r"there is no configuration: neither alarmbridge\.yaml"):
        load_settings(environ={})
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, environ={})


def test_a_sink_that_may_lose_a_clear_is_warned_of(load: Load) -> None:
    text = """
        devices: [{name: a, url: "https://192.0.2.1", username: u, password: p}]
        sinks:
          - {name: hook, type: webhook, url: "https://hooks.example", give_up_after: 5m}
          - {name: siem, type: syslog, address: "udp://127.0.0.1:514"}
    """
    hasty, lossy = load(text).warnings()
    assert hasty.startswith("sinks: with give_up_after below 1h")
    assert hasty.endswith(": hook")
    assert lossy.startswith("sink siem: sends by UDP")
