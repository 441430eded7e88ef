"""Apprise: what people are told, and how little of it may go wrong unseen."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from apprise.manager_plugins import NotificationManager
from apprise_receiver import AppriseReceiver, receive_apprise
from hypothesis import given
from hypothesis import strategies as st
from mail_receiver import receive_mail
from pydantic import ValidationError
from sink_notices import changed, cleared, make_alarm, raised

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.core.severity import Severity
from alarmbridge.core.wording import Words
from alarmbridge.sinks.apprise import Config, Sink, fit_words
from alarmbridge.sinks.apprise_service import Service, load_service

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#voice"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def people() -> AsyncIterator[AppriseReceiver]:
    async with receive_apprise() as receiver:
        yield receiver


def configure(url: object, **keys: object) -> Config:
    return Config.model_validate({"name": "people", "type": "apprise", "url": url, **keys})


async def tell(notice: Notice, url: object, **keys: object) -> str:
    sink = Sink(configure(url, **keys))
    try:
        return await sink.deliver(notice)
    finally:
        await sink.aclose()


async def refusal_of(notice: Notice, url: object, **keys: object) -> SinkError:
    with pytest.raises(SinkError) as caught:
        await tell(notice, url, **keys)
    return caught.value


def port_of(people: AppriseReceiver) -> str:
    return str(people.raw["url"]).rpartition("@")[2].partition("/")[0]


def mattermost_at(people: AppriseReceiver) -> str:
    return f"mmost://{port_of(people)}/{'k' * 26}"


async def test_people_are_told_the_words_and_which_event_it_is(people: AppriseReceiver) -> None:
    notice = raised()
    assert await tell(notice, people.raw["url"]) == "told JSON"
    assert people.messages == [
        {
            "version": "1.0",
            "title": notice.title,
            "message": f"{notice.text}\nEvent: {notice.event_id}",
            "attachments": [],
            "type": "failure",
        }
    ]
    assert people.targets == ["/canary-path?token=canary-query"]
    assert people.headers[0]["user-agent"] == "alarmbridge"
    assert people.headers[0]["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("severity", "kind"),
    [
        (Severity.CRITICAL, "failure"),
        (Severity.MAJOR, "failure"),
        (Severity.MINOR, "warning"),
        (Severity.WARNING, "warning"),
        (Severity.INDETERMINATE, "info"),
    ],
)
async def test_the_type_follows_the_severity_also_of_a_digest(
    people: AppriseReceiver, severity: Severity, kind: str
) -> None:
    notice = raised(make_alarm(severity=severity))
    await tell(notice, people.raw["url"])
    await tell(replace(notice, kind="digest", title="12 alarms", text="…"), people.raw["url"])
    assert [message["type"] for message in people.messages] == [kind, kind]
    assert people.messages[1]["title"] == "12 alarms"


async def test_a_clear_is_good_news_and_a_change_is_not(people: AppriseReceiver) -> None:
    for notice in (changed(), cleared()):
        await tell(notice, people.raw["url"])
    assert [message["type"] for message in people.messages] == ["failure", "success"]


async def test_a_long_text_goes_whole_where_there_is_room(people: AppriseReceiver) -> None:
    notice = raised(make_alarm(description="ü" * 10_000))
    await tell(notice, people.raw["url"])
    assert people.messages[0]["message"] == f"{notice.text}\nEvent: {notice.event_id}"


async def test_where_there_is_none_it_is_cut_and_never_split(people: AppriseReceiver) -> None:
    notice = raised(make_alarm(description="ü" * 10_000))
    reason = (await refusal_of(notice, f"{mattermost_at(people)}?overflow=split")).reason
    # Mattermost would have said "ok" in the body.
    assert reason.startswith("Mattermost")

    (message,) = people.messages
    text = message["text"]
    assert 3900 < len(text) <= 4000
    assert text.endswith(f"ü…\nEvent: {notice.event_id}")


async def test_nobody_is_called_by_a_device(people: AppriseReceiver) -> None:
    text = "@channel <!everyone> [look](https://evil.example) @all"
    await refusal_of(raised(make_alarm(description=text)), mattermost_at(people))
    said = people.messages[0]["text"]
    assert "@ channel < !everyone> [look] (https://evil.example) @ all" in said


async def test_a_devices_text_is_no_language_of_apprises(people: AppriseReceiver) -> None:
    text = r"a\nb \u0041 :fire: {{ title }} ${x} {app_id} %s"
    await tell(raised(make_alarm(description=text)), f"{people.raw['url']}&emojis=yes")
    assert people.messages[0]["message"].splitlines()[0] == text


async def test_a_url_cannot_have_a_failure_forgiven_or_tried_again(people: AppriseReceiver) -> None:
    people.refuse(500, {})
    error = await refusal_of(raised(), f"{people.raw['url']}&optional=yes&retry=3&wait=0")
    assert error.reason == "JSON answered 500 Internal Server Error"
    assert len(people.messages) == 1


async def test_what_refuses_for_good_is_asked_again_since_others_may_not(
    people: AppriseReceiver,
) -> None:
    for status, hint in ((400, ""), (401, "; check the credentials"), (410, "")):
        people.refuse(status, {"Retry-After": "42"})
        error = await refusal_of(raised(), people.raw["url"])
        assert error.reason.startswith(f"JSON answered {status} ")
        assert error.reason.endswith(hint)
        assert (error.permanent, error.gone, error.retry_after) == (False, False, None)


async def test_a_redirect_is_not_followed(people: AppriseReceiver) -> None:
    people.refuse(307, {"Location": "/elsewhere"})
    assert "redirects elsewhere (307)" in (await refusal_of(raised(), people.raw["url"])).reason
    assert len(people.targets) == 1


async def test_a_far_end_that_is_not_there_cannot_be_reached(unused_tcp_port: int) -> None:
    url = f"json://canary:canary@127.0.0.1:{unused_tcp_port}/canary"
    assert (await refusal_of(raised(), url)).reason == "JSON cannot be reached"


async def test_a_far_end_that_hangs_is_waited_for_no_longer_than_the_timeout(
    people: AppriseReceiver,
) -> None:
    people.hang()
    error = await refusal_of(raised(), people.raw["url"], timeout="200ms")
    assert error.reason in {"Apprise was not done within 0.2 s", "JSON cannot be reached"}
    assert not error.permanent


def test_apprises_own_timeouts_are_the_sinks() -> None:
    plugin = load_service(SLACK, timeout=7 * SECOND)._plugin
    assert plugin.request_timeout == (7, 7)


class Broken:
    """A service whose plugin raises something with its URL in it."""

    name = "Slack"
    longest_title = None

    def room(self, title: str) -> int:
        return 1000 - len(title)

    def size(self, text: str) -> int:
        return len(text)

    def tell(self, **message: str) -> None:
        raise KeyError(f"{SLACK} {message}")


async def test_whatever_a_plugin_raises_its_url_is_not_shown() -> None:
    sink = Sink(configure(SLACK))
    sink._idle.append(Broken())  # type: ignore[arg-type] - it plays one
    for _ in range(2):
        with pytest.raises(SinkError, match=r"^Slack failed within Apprise: KeyError$") as caught:
            await sink.deliver(raised())
        assert caught.value.__suppress_context__


async def test_a_service_is_used_again_and_by_one_thread_at_a_time(people: AppriseReceiver) -> None:
    sink = Sink(configure(people.raw["url"]))
    for _ in range(3):
        await sink.deliver(raised())
    assert len(sink._idle) == 1


class Tap(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in {"apprise", "urllib3", "requests"}:
            self.lines.append(record.getMessage())


async def test_what_apprise_logs_goes_nowhere_even_when_all_is_logged(
    people: AppriseReceiver,
) -> None:
    tap, root = Tap(), logging.getLogger()
    before = root.level
    root.addHandler(tap)
    root.setLevel(1)
    try:
        logging.getLogger("apprise").warning("said out of turn")
        await tell(raised(), people.raw["url"])
        people.refuse(500, {})
        await refusal_of(raised(), people.raw["url"])
        await refusal_of(raised(), f"{people.raw['url']}&rto=canary&format=canary")
        with pytest.raises(ValueError, match="is not as Apprise wants it for Slack"):
            load_service("slack://canary", timeout=SECOND)
    finally:
        root.removeHandler(tap)
        root.setLevel(before)
    assert tap.lines == []


def schemes() -> list[tuple[str, str]]:
    """Every scheme that Apprise has for what a sink of our own does better, with that sink."""
    kinds = {"Pager Duty": "pagerduty", "Opsgenie": "jsm", "Jira": "jsm"}
    kinds |= {"Syslog": "syslog", "Remote Syslog": "syslog"}
    manager = NotificationManager()
    return [
        (scheme, kinds[str(manager[scheme].service_name)])
        for scheme in sorted(manager.schemas())
        if str(manager[scheme].service_name) in kinds
    ]


@pytest.mark.parametrize(("scheme", "better"), schemes())
@pytest.mark.parametrize("rest", ["", "canary", f"{'k' * 32}@{'a' * 10}/canary"])
def test_what_has_a_sink_of_its_own_is_refused_and_that_is_named(
    scheme: str, better: str, rest: str
) -> None:
    words = mistake_in(f"{scheme.upper()}://{rest}")
    assert words.endswith(f"no clear ends what its raise began; use the sink type {better}")


def test_five_services_have_a_sink_of_their_own() -> None:
    assert {scheme for scheme, _ in schemes()} == {
        "jira",
        "opsgenie",
        "pagerduty",
        "rsyslog",
        "syslog",
    }


def mistake_in(url: str) -> str:
    with pytest.raises(ValidationError) as caught:
        configure(url)
    (said,) = caught.value.errors(include_input=False, include_url=False)
    assert said["loc"] == ("url",)
    assert "canary" not in said["msg"]
    return said["msg"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is no URL of a service that Apprise knows"),
        ("canary", "is no URL of a service that Apprise knows"),
        ("canary://canary", "is no URL of a service that Apprise knows"),
        ("https://canary.example/canary", "is no URL of a service that Apprise knows"),
        ("slack://canary", "is not as Apprise wants it for Slack; see https://"),
        ("tgram://canary", "is not as Apprise wants it for Telegram; see https://"),
        ("mailto://canary", "is not as Apprise wants it for E-Mail; see https://"),
        ("blink1://canary", "is for blink(1), which cannot work here: install hidapi"),
        ("windows://canary", "which cannot work here: A local Microsoft Windows environment"),
        ("json://canary?format=canary\n&tz=canary", "is not as Apprise wants it for JSON"),
    ],
)
def test_a_url_that_apprise_cannot_read_is_a_mistake_that_shows_nothing_of_it(
    url: str, words: str
) -> None:
    assert words in mistake_in(url)


def test_the_url_of_a_services_own_is_understood_where_apprise_does() -> None:
    url = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert configure(url).warnings() == []
    assert configure(f"{SLACK}?retry=3").warnings() == []
    assert configure(SLACK).concurrency == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("victorops://route@apikey", "Splunk On-Call opens something for each notice"),
        ("spike://" + "a" * 32, "by Apprise nothing closes it"),
        (f"{SLACK}/#other", "names several; where one of them fails, all are told again"),
        (f"{SLACK}?rto=soon", "Apprise leaves out some of it"),
    ],
)
def test_what_works_and_may_lose_something_is_warned_of(url: str, words: str) -> None:
    (warning,) = configure(url).warnings()
    assert warning.startswith("url: ")
    assert words in warning


@dataclass
class Small:
    """A service that takes little, and escapes what it takes."""

    limit: int
    longest_title: int | None
    factor: int = 1

    def room(self, title: str) -> int:
        joined = self.longest_title is None and title
        return self.limit - (self.size(title) if joined else 0)

    def size(self, text: str) -> int:
        return len(text) + (self.factor - 1) * text.count("<")


@given(
    st.text("<ab", min_size=1),
    st.builds(
        Small,
        st.integers(min_value=5, max_value=900),
        st.none() | st.integers(min_value=1, max_value=60),
        st.sampled_from([1, 4]),
    ),
)
def test_words_fit_and_are_never_none_at_all(text: str, service: Any) -> None:
    notice = replace(raised(), text=text * 30)
    words = fit_words(notice, service)
    joined = words.title if service.longest_title is None else ""
    assert service.size(words.text + joined) <= service.limit
    assert len(words.title) <= (service.longest_title or len(notice.title))
    assert words.text
    assert words.title or notice.title.startswith(words.text.rstrip("…"))


def words_for(url: str, notice: Notice) -> Words:
    return fit_words(notice, load_service(url, timeout=SECOND))


def test_a_short_message_has_room_for_the_words_alone() -> None:
    notice = raised()
    words = words_for(f"clickatell://{'a' * 32}/15551234567", notice)
    assert words.title == notice.title
    assert words.text.endswith("…")
    assert notice.text.startswith(words.text[:-1])
    assert 130 < len(words.title + words.text) <= 160


def test_a_very_short_one_has_room_for_the_title_alone() -> None:
    notice = replace(raised(), title="MAJOR sbc-ams-1: " + "down " * 30)
    words = words_for("dapnet://user:password@DF1ABC", notice)
    assert (words.title, len(words.text)) == ("", 80)
    assert words.text.startswith("MAJOR sbc-ams-1: down ")


def test_a_title_that_is_too_long_is_seen_to_be_cut() -> None:
    notice = replace(raised(), title="x" * 300)
    assert words_for(SLACK, notice).title == "x" * 249 + "…"


TELEGRAM = f"tgram://123456789:{'A' * 35}/12315544/"


def sent_by(service: Service, notice: Notice) -> str:
    """Say what a service's one message reads like as it is sent, title and all."""
    words = fit_words(notice, service)
    message = service.build_message(title=words.title, text=words.text)
    (call,) = service._plugin._build_send_calls(**message, overflow="truncate")
    assert call["title"] == ""
    return call["body"]


def test_a_text_that_is_sent_as_html_is_cut_before_it_is_made_html() -> None:
    service = load_service(TELEGRAM, timeout=SECOND)
    notice = raised(make_alarm(description="a <b> & " * 2000))
    sent = sent_by(service, notice)
    assert 2000 < len(sent) <= 4096
    assert sent.endswith(f"…\r\nEvent: {notice.event_id}")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (TELEGRAM, "&lt;b&gt; &lt;a href="),
        ("rocket://aaa/bbb@rocket.example/#voice", r"<b\> <a href"),
    ],
)
def test_a_devices_markup_is_text_to_a_service_that_knows_some(url: str, said: str) -> None:
    notice = raised(make_alarm(description="<b> <a href='x'> *b* _i_"))
    sent = sent_by(load_service(url, timeout=SECOND), notice)
    assert sent.count(said) == 2
    assert ("*b*" in sent) == (url == TELEGRAM)


@pytest.mark.parametrize(
    ("keys", "kind", "said"),
    [
        ("", "text/plain", "<script>alert(1)</script>"),
        ("&format=html", "text/html", "&lt;script&gt;alert(1)&lt;/script&gt;<br/>"),
    ],
)
async def test_a_mail_has_one_subject_and_shows_markup_as_text(
    keys: str, kind: str, said: str
) -> None:
    hostile = "down\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>"
    notice = raised(make_alarm(description=hostile))
    async with receive_mail() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=bridge@example.org&to=noc@example.org"
        assert await tell(notice, f"{url}&smtp=127.0.0.1&mode=insecure{keys}") == "told E-Mail"
    (mail,) = server.mails
    assert [command for command in server.commands if command.startswith("RCPT")] == [
        "RCPT TO:<NOC@EXAMPLE.ORG>"
    ]
    assert (mail.get_all("subject"), mail["bcc"]) == ([notice.title], None)
    body = mail.get_body(("html", "plain"))
    assert body is not None
    assert body.get_content_type() == kind
    content = body.get_content().replace("&nbsp;", " ")
    assert f"down Bcc: evil@example.org {said}" in content
    assert f"Event: {notice.event_id}" in content
