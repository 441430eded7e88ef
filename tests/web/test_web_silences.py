"""`/api/v1/silences`: listed, added, ended; by whom, and what is no silence."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from web_cases import REFUSED, TOKENS, UNAUTHORIZED, Answer, Served, Start, guard_of

from alarmbridge.core.filters import Match
from alarmbridge.core.silence import Silence, configured_id
from alarmbridge.recurrence import Calendar, Window
from alarmbridge.recurrence.cron import parse_cron
from alarmbridge.store.archive import Archive
from alarmbridge.store.silences import add_silence, fetch_silence
from alarmbridge.web.access import Guard, Role, Token
from alarmbridge.web.api import Api
from alarmbridge.web.silence_book import SilenceBook
from alarmbridge.web.silences import Silences

PATH = "/api/v1/silences"
NOW = datetime(2026, 11, 23, 21, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
WANTED = {"match": {"devices": ["sbc-*"]}, "for": "2h", "comment": "SBC upgrade"}


class Clock:
    """Says what time it is, and how often lanes were woken."""

    def __init__(self) -> None:
        self.now = NOW
        self.woken = 0

    def read(self) -> datetime:
        return self.now

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
def serve(start: Start, archive: Archive, clock: Clock) -> Serve:
    """Starts the API over that archive."""

    async def serve(guard: Guard | None = None, calendar: Calendar | None = None) -> Served:
        guard = guard or guard_of()
        book = SilenceBook(archive=archive, calendar=calendar or Calendar(), wake=clock.wake)
        silences = Silences(book, archive=archive, now=clock.read)
        return await start(guard, Api([silences], guard=guard))

    return serve


async def add(served: Served, **other: object) -> Answer:
    return await served.ask(PATH, "POST", body=WANTED | other)


def errors(answer: Answer) -> dict[str, str]:
    """Say what is wrong, by the name of each."""
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json
    assert (problem["title"], problem["status"]) == ("Bad Request", 400)
    said = {one.get("pointer", one.get("parameter")): one["detail"] for one in problem["errors"]}
    assert all(words in problem["detail"] for words in said.values())
    return said


async def test_what_is_added_is_answered_and_listed(serve: Serve) -> None:
    served = await serve()
    answer = await add(served)
    assert (answer.status, answer.headers["Location"]) == (201, f"{PATH}/1")
    silence = {
        "id": "1",
        "state": "active",
        "place": "archive",
        "match": {"devices": ["sbc-*"]},
        "starts_at": "2026-11-23T21:04:05.000Z",
        "ends_at": "2026-11-23T23:04:05.000Z",
        "comment": "SBC upgrade",
        "author": "api",
        "created_at": "2026-11-23T21:04:05.000Z",
    }
    assert answer.json == silence
    assert (await served.ask(PATH)).json == {"items": [silence], "next": None}
    assert (await served.ask(f"{PATH}/1")).json == silence


async def test_the_archive_has_it_at_once(serve: Serve, archive: Archive) -> None:
    await add(await serve())
    async with archive.read() as tx:
        kept = await fetch_silence(tx, 1)
    assert kept
    assert (kept.match, kept.ends_at) == (Match(devices=("sbc-*",)), NOW + 2 * HOUR)


async def test_its_times_may_be_given_both(serve: Serve) -> None:
    served = await serve()
    when = {"starts_at": "2026-11-24T00:00:00+01:00", "ends_at": "2026-11-24T06:00:00Z"}
    answer = await served.ask(PATH, "POST", body={"match": {"name": "x"}, **when})
    assert (answer.json["starts_at"], answer.json["ends_at"], answer.json["state"]) == (
        "2026-11-23T23:00:00.000Z",
        "2026-11-24T06:00:00.000Z",
        "pending",
    )


async def test_a_length_counts_from_its_start(serve: Serve) -> None:
    answer = await add(await serve(), starts_at="2026-11-24T00:00:00Z")
    assert answer.json["ends_at"] == "2026-11-24T02:00:00.000Z"


async def test_everything_is_silenced_only_if_that_is_said(serve: Serve) -> None:
    served = await serve()
    words = {"#/match": "is needed; to silence every alarm say everything: true"}
    for match in ({}, None):
        body = {"for": "2h"} | ({} if match is None else {"match": match})
        assert errors(await served.ask(PATH, "POST", body=body)) == words
    answer = await served.ask(PATH, "POST", body={"for": "2h", "everything": True})
    assert (answer.status, answer.json["match"]) == (201, {})


@pytest.mark.parametrize(
    ("other", "pointer", "words"),
    [
        ({"author": "me"}, "#/author", "is no known key; there are: comment, ends_at, "),
        ({"a/b~c": 1}, "#/a~1b~0c", "is no known key"),
        ({"match": []}, "#/match", "must be a mapping of keys to values"),
        ({"match": {"device": "a"}}, "#/match/device", "is no known key; there are: min_severity"),
        ({"match": {"tags": {"site": [5]}}}, "#/match/tags/site/0", "must be text"),
        ({"match": {"name": "\u0000"}}, "#/match/name", "must have 1 to 500 characters"),
        ({"everything": "yes"}, "#/everything", "must be true or false"),
        ({"everything": True}, "#/match", "is given, and everything is true as well"),
        ({"for": "soon"}, "#/for", "must be a length of time such as 500ms, 5s, 2m, 1h or 3d"),
        ({"for": 7200}, "#/for", "must be text"),
        ({"for": "5"}, "#/for", "must be a number and its unit, such as 30m, 2h or 3d"),
        ({"for": "2h\n"}, "#/for", "must be a number and its unit"),
        ({"for": "99999d"}, "#/for", "must be a length of time of at most 36500d"),
        (
            {"starts_at": "2999-01-01T00:00:00Z", "for": "9999d"},
            "#/for",
            "makes an end that must lie between the years 1970 and 2999",
        ),
        ({"for": "0s"}, "#/for", "must end after starts_at, and not in the past"),
        ({"ends_at": "2026-11-24T00:00:00Z"}, "#/ends_at", "is needed, or for, and not both"),
        ({"starts_at": "now"}, "#/starts_at", "must be a time such as 2026-11-23T21:04:05Z"),
        ({"starts_at": "2026-11-24T00:00:00"}, "#/starts_at", "needs its offset from UTC"),
        ({"starts_at": None}, "#/starts_at", "must be text"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "#/for", "must end after starts_at, and not in"),
        ({"comment": "two\nlines"}, "#/comment", "must be one line of at most 500 characters"),
    ],
)
async def test_a_mistake_is_told_by_its_place(
    serve: Serve, other: dict[str, object], pointer: str, words: str
) -> None:
    said = errors(await add(await serve(), **other))
    assert list(said) == [pointer]
    assert said[pointer].startswith(words)


async def test_a_silence_that_would_be_over_is_none(serve: Serve) -> None:
    body = {"match": {"name": "x"}, "ends_at": "2026-11-23T21:04:05Z"}
    said = errors(await (await serve()).ask(PATH, "POST", body=body))
    assert said == {"#/ends_at": "must end after starts_at, and not in the past"}
    said = errors(await (await serve()).ask(PATH, "POST", body={"match": {"name": "x"}}))
    assert said == {"#/ends_at": "is needed, or for, and not both"}


async def test_all_mistakes_are_told_at_once(serve: Serve) -> None:
    body = {"match": {"devices": [], "x": 1}, "for": "x", "starts_at": "x", "comment": 1, "y": 2}
    said = errors(await (await serve()).ask(PATH, "POST", body=body))
    assert set(said) == {
        "#/y",
        "#/match/x",
        "#/match/devices",
        "#/starts_at",
        "#/for",
        "#/comment",
    }


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The body is no JSON."),
        (b"{", "The body is no JSON."),
        (b"\xff\xfe", "The body is no JSON."),
        (b'{"for": NaN}', "The body is no JSON."),
        (b'{"for": ' + b"9" * 5000 + b"}", "The body is no JSON."),
        (b"[" * 30_000, "The body is no JSON."),
        (b"[]", "The body must be an object."),
        (b'"text"', "The body must be an object."),
        (b'{"for": "1h", "for": "2h"}', "The body has a key twice in one object."),
    ],
)
async def test_a_body_that_is_no_object_is_told(serve: Serve, body: bytes, words: str) -> None:
    assert errors(await (await serve()).ask(PATH, "POST", body=body)) == {"#": words}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_must_say_that_it_is_json(serve: Serve, content_type: str) -> None:
    # A page of somebody else can have a browser send these three without asking first.
    answer = await (await serve()).ask(PATH, "POST", body=WANTED, Content_Type=content_type)
    assert answer.status == 415


async def test_a_silence_is_ended_once(serve: Serve, clock: Clock) -> None:
    served = await serve()
    await add(served)
    clock.now = NOW + HOUR
    answer = await served.ask(f"{PATH}/1", "DELETE")
    assert (answer.status, answer.text, clock.woken) == (204, "", 1)
    shown = (await served.ask(f"{PATH}/1")).json
    assert (shown["state"], shown["ends_at"]) == ("expired", "2026-11-23T22:04:05.000Z")
    again = await served.ask(f"{PATH}/1", "DELETE")
    assert (again.status, again.json["detail"]) == (409, "Silence 1 is over already.")
    assert clock.woken == 1


@pytest.mark.parametrize(
    "name", ["2", "0", "x", "-1", "1.0", "9" * 30, "\u0661", "1/2", "config/x"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_one_that_is_not_there_is_not_found(serve: Serve, method: str, name: str) -> None:
    served = await serve()
    await add(served)
    answer = await served.ask(f"{PATH}/{name}", method)
    assert (answer.status, answer.json["detail"]) == (404, "There is no such silence.")


async def test_what_has_ended_is_listed_only_if_all_are_asked_for(
    serve: Serve, clock: Clock
) -> None:
    served = await serve()
    await add(served)
    clock.now = NOW + 9 * HOUR
    for query, number in (
        ("", 0),
        ("?all=false", 0),
        ("?all", 1),
        ("?all=true", 1),
        ("?all=1", 1),
    ):
        assert len((await served.ask(PATH + query)).json["items"]) == number


async def test_silences_come_in_pages(serve: Serve) -> None:
    served = await serve()
    for _ in range(3):
        await add(served)
    first = (await served.ask(f"{PATH}?limit=2")).json
    rest = (await served.ask(f"{PATH}?limit=2&after={first['next']}")).json
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ["3", "2", "1"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("everything=1", "everything", "is no parameter of this; there are: after, all, limit"),
        ("limit=0", "limit", "must be a number from 1 to 1000"),
        ("limit=1001", "limit", "must be a number from 1 to 1000"),
        ("limit=x", "limit", "must be a number from 1 to 1000"),
        ("limit=", "limit", "must be a number from 1 to 1000"),
        ("limit=1&limit=2", "limit", "is given more than once"),
        ("all=perhaps", "all", "must be true or false"),
        ("after=x", "after", "'x' is no cursor of this list; start without one."),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    serve: Serve, query: str, parameter: str, words: str
) -> None:
    assert errors(await (await serve()).ask(f"{PATH}?{query}")) == {parameter: words}


async def test_what_takes_no_parameters_is_given_none(serve: Serve) -> None:
    served = await serve()
    for method, path in (("POST", PATH), ("GET", f"{PATH}/1"), ("DELETE", f"{PATH}/1")):
        said = errors(await served.ask(f"{path}?dry_run=1", method))
        assert said == {"dry_run": "is no parameter of this; there are: none"}


def calendar() -> Calendar:
    match = Match(devices=("sbc-1",))
    when = {"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}
    static = Silence(id=configured_id(match, **when), match=match, **when)
    rule = parse_cron("0 2 * * *", UTC)
    return Calendar([static], [Window(name="nightly", match=match, rule=rule, duration=HOUR)])


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_those_of_the_configuration_come_first_and_count(serve: Serve, limit: int) -> None:
    served = await serve(calendar=calendar())
    for _ in range(2):
        await add(served)
    pages, after = [], ""
    while True:
        page = (await served.ask(f"{PATH}?limit={limit}{after}")).json
        pages.append(page["items"])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    found = [one for page in pages for one in page]
    assert [(one["place"], one["state"]) for one in found] == [
        ("configuration", "active"),
        ("maintenance", "pending"),
        ("archive", "active"),
        ("archive", "active"),
    ]
    assert found[1]["id"] == "config/maintenance/nightly/2026-11-24T02:00:00Z"
    assert [one["id"] for one in found[2:]] == ["2", "1"]


async def test_those_of_the_configuration_cannot_be_ended(serve: Serve, clock: Clock) -> None:
    served = await serve(calendar=calendar())
    for one in (await served.ask(PATH)).json["items"]:
        assert (await served.ask(f"{PATH}/{one['id']}")).json == one
        answer = await served.ask(f"{PATH}/{one['id']}", "DELETE")
        assert (answer.status, answer.json["detail"]) == (
            409,
            f"{one['id']} stands in the configuration; it can be ended only there.",
        )
    assert clock.woken == 0


PEOPLE = Guard(
    [
        Token(name="screen", role=Role.VIEWER, token="v"),
        Token(name="noc", role=Role.OPERATOR, token="o"),
        Token(name="boss", role=Role.ADMIN, token="a"),
    ]
)


@pytest.mark.parametrize(("token", "name"), [("o", "noc"), ("a", "boss")])
async def test_the_author_is_whose_token_it_is(serve: Serve, token: str, name: str) -> None:
    served = await serve(PEOPLE)
    known = {"Authorization": f"Bearer {token}"}
    answer = await served.ask(PATH, "POST", body=WANTED, **known)
    assert (answer.status, answer.json["author"]) == (201, name)
    assert (await served.ask(f"{PATH}/1", "DELETE", **known)).status == 204


async def test_a_viewer_reads_and_changes_nothing(serve: Serve, archive: Archive) -> None:
    served = await serve(PEOPLE)
    known = {"Authorization": "Bearer v"}
    async with archive.begin() as tx:
        when = {"starts_at": NOW, "ends_at": NOW + HOUR, "now": NOW}
        await add_silence(tx, match=Match(), **when)  # type: ignore[arg-type] - datetimes all
    assert (await served.ask(PATH, "POST", body=WANTED, **known)).status == 403
    assert (await served.ask(f"{PATH}/1", "DELETE", **known)).status == 403
    (one,) = (await served.ask(PATH, **known)).json["items"]
    assert (one["id"], one["state"]) == ("1", "active")


async def test_a_stranger_gets_no_route(serve: Serve) -> None:
    served = await serve(guard_of(*TOKENS))
    assert {path for _, path in served.routes()} == {PATH, PATH + "/{id}"}
    for method, path in served.routes():
        for refused in REFUSED:
            answer = await served.ask(path.replace("{id}", "1"), method, body=WANTED, **refused)
            assert answer.status == 401
            assert method == "HEAD" or answer.json == UNAUTHORIZED


async def test_without_tokens_a_page_of_somebody_else_adds_nothing(serve: Serve) -> None:
    served = await serve()
    answer = await served.ask(PATH, "POST", body=WANTED, Origin="https://evil.example")
    assert answer.status == 403
    # What a browser asks first for a DELETE or for JSON: nothing allows it.
    asked = await served.ask(
        PATH, "OPTIONS", Origin="https://evil.example", Access_Control_Request_Method="POST"
    )
    assert asked.status == 405
    assert not any(name.startswith("Access-Control") for name in asked.headers)
    assert (await served.ask(PATH)).json["items"] == []


async def test_answers_are_kept_by_nobody(serve: Serve) -> None:
    assert (await (await serve()).ask(PATH)).headers["Cache-Control"] == "no-store"
