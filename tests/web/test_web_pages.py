"""The pages as the server sends them, without a browser."""

import re

import pytest
from site_cases import HOSTILE, HOUR, NOW, Clock, make_site
from web_cases import Answer, Serve, Served

from alarmbridge.store.archive import Archive

PAGES = (
    "/",
    "/archive",
    "/alarms/00000002-0000",
    "/alarms/00000003-0000",
    "/alarms/00000005-0000",
    "/devices",
    "/devices/sbc-1",
    "/devices/sbc-2",
    "/deliveries",
    "/silences",
    "/charts",
    "/charts?span=7d",
)


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, on this machine alone, an hour after all that happened."""
    clock.at = NOW + HOUR
    return await serve(make_site(filled, clock))


async def shown(served: Served, path: str) -> str:
    """Ask for a page as a browser does; return its text."""
    answer = await served.ask(path, Accept="text/html")
    assert answer.status == 200, answer
    return answer.text


async def post(served: Served, path: str, body: bytes = b"", **other: str) -> Answer:
    """Send a form."""
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    return await served.ask(path, "POST", body=body, **(kind | other))


@pytest.mark.parametrize("path", PAGES)
async def test_no_text_of_a_device_is_anything_but_text(served: Served, path: str) -> None:
    text = await shown(served, path)
    assert "<script>alert" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\u2028]", text.replace("\n", ""))
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", text)
    assert not re.search(r"""(src|href)="?(https?:)?//""", text)


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_says_what_it_is_and_works_without_script(
    served: Served, path: str
) -> None:
    text = await shown(served, path)
    assert text.count("<h1>") == 1
    assert '<noscript><meta http-equiv="refresh"' in text
    assert '<a class="skip" href="#main">' in text
    assert len(set(re.findall(r'\sid="([^"]*)"', text))) == len(re.findall(r"\sid=", text))


async def test_what_stands_is_shown_the_worst_first(served: Served) -> None:
    text = await shown(served, "/")
    places = [text.index(f'href="/alarms/0000000{number}-0000">', 3500) for number in (2, 1, 4)]
    assert places == sorted(places)
    assert "/alarms/00000003-0000" not in text
    assert "<title>4 active " in text
    assert "unreachable, last read never" in text


async def test_more_than_a_page_of_newer_alarms_hides_no_worse_one(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alarmbridge.web.pages.active._MOST", 1)
    text = await shown(served, "/")
    assert "/alarms/00000002-0000" in text
    assert "/alarms/00000004-0000" not in text
    assert "Only the worst are shown here" in text
    assert "Only the worst" not in await shown(served, "/?severity=critical")


async def test_what_is_asked_for_stands_in_the_address_and_in_the_fields(served: Served) -> None:
    text = await shown(served, "/?device=sbc-2&tag=site%3Aber&min_severity=minor&source=")
    assert "/alarms/00000004-0000" in text
    assert "/alarms/00000001-0000" not in text
    assert 'value="sbc-2"' in text
    assert 'value="site:ber"' in text
    assert '<option value="minor" selected>' in text


async def test_what_is_closed_by_an_operator_still_shows(served: Served) -> None:
    assert (await post(served, "/alarms/00000001-0000/close", b"comment=known")).status == 303
    text = await shown(served, "/")
    assert text.index("Closed by operators, still active") < text.index("/alarms/00000001-0000")


async def test_a_story_tells_who_was_told_and_what_they_answered(served: Served) -> None:
    await post(served, "/alarms/00000002-0000/comment", b"comment=carrier+called")
    text = await shown(served, "/alarms/00000002-0000")
    for words in (
        "could not be told of the raise",
        "HTTP 400: no such thing",
        "Tell it once more",
        "carrier called",
        "An Ethernet port of the device has no link.",
        "All 5,059 characters",
    ):
        assert words in text
    cleared = await shown(served, "/alarms/00000003-0000")
    assert "Trunk 3 is up" in cleared


async def test_the_archive_goes_on_page_by_page(served: Served) -> None:
    first = await shown(served, "/archive?limit=3&severity=major&severity=minor&state=")
    [older] = re.findall(r'rel="next" href="([^"]*)"', first)
    assert "severity=major&amp;severity=minor" in older
    rest = await shown(served, older.replace("&amp;", "&"))
    assert "/alarms/00000001-0000" in rest
    assert "/alarms/00000004-0000" not in rest
    assert '/api/v1/alarms.csv?severity=major&amp;severity=minor"' in first


async def test_a_silence_is_added_and_ended(served: Served) -> None:
    answer = await post(served, "/silences", b"devices=sbc-1%2C+gw-*&for=2h&comment=upgrade")
    assert (answer.status, answer.headers["Location"]) == (303, "/silences")
    listed = (await served.ask("/api/v1/silences")).json["items"]
    assert listed[0]["match"] == {"devices": ["sbc-1", "gw-*"]}
    assert "device sbc-1 or gw-*" in await shown(served, "/silences")
    assert (await post(served, f"/silences/{listed[0]['id']}/expire")).status == 303
    assert "device sbc-1 or gw-*" not in await shown(served, "/silences")
    assert "device sbc-1 or gw-*" in await shown(served, "/silences?all=true")
    assert 'rel="next"' in await shown(served, "/silences?all=true&limit=1")


async def test_the_page_of_deliveries_keeps_what_it_was_asked_for(served: Served) -> None:
    first = await shown(served, "/deliveries?state=pending&state=dead&limit=1")
    assert re.search(r"/deliveries\?limit=1&amp;state=pending&amp;state=dead&amp;after=\w+", first)
    anybody = await shown(served, "/deliveries?state=&limit=1")
    assert re.search(r"/deliveries\?limit=1&amp;after=\w+&amp;state=", anybody)


async def test_what_died_is_told_once_more_by_a_button(served: Served) -> None:
    [number] = re.findall(r'action="/deliveries/(\d+)/replay"', await shown(served, "/deliveries"))
    answer = await post(served, f"/deliveries/{number}/replay", b"back=/deliveries%3Fstate%3Ddead")
    assert (answer.status, answer.headers["Location"]) == (303, "/deliveries?state=dead")
    assert "There are no dead deliveries." in await shown(served, "/deliveries")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is nothing here."),
        ("/alarms/x", 404, "There is no such alarm."),
        ("/alarms/%00", 404, "There is no such alarm."),
        ("/devices/%E2%80%AEx", 404, "There is no such device."),
        ("/archive?colour=red", 400, "colour: is no parameter of this"),
        ("/archive?after=x", 400, "is no cursor of this list"),
        ("/deliveries?after=x", 400, "is no cursor of this list"),
    ],
)
async def test_what_goes_wrong_is_a_page_for_people(
    served: Served, path: str, status: int, words: str
) -> None:
    answer = await served.ask(path, Accept="text/html")
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert words in answer.text.replace("&#39;", "'")
    program = await served.ask(path)
    assert program.json["status"] == status


async def test_a_form_that_is_none_is_refused(served: Served) -> None:
    for kind in ("text/plain", "multipart/form-data", "application/json"):
        answer = await post(served, "/alarms/00000001-0000/ack", b"{}", Content_Type=kind)
        assert answer.status == 415


async def test_files_are_kept_as_long_as_they_are_the_same(served: Served) -> None:
    text = await shown(served, "/")
    for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', text):
        answer = await served.ask(path)
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True)
        assert (await served.ask(path.partition("?")[0])).headers["Cache-Control"] == "no-cache"
    assert (await served.ask("/static/..%2Frenderer.py")).status == 404


async def test_charts_say_the_same_as_their_tables(served: Served) -> None:
    text = await shown(served, "/charts")
    heights = re.findall(
        r'<rect class="(\w+)" x="221" y="[\d.]+" width="8" height="([\d.]+)"', text
    )
    assert heights == [("critical", "50.0"), ("major", "100.0"), ("minor", "50.0")]
    assert "<td>1</td><td>2</td><td>1</td><td>0</td><td>0</td><td>4</td>" in text
    assert "Up to 4 an hour." in text
    assert "Nobody had acknowledged them" in text


def test_the_hostile_text_is_hostile() -> None:
    assert re.search("[\x1b\u202e\u2028]", HOSTILE)
