"""The report as JSON and as a page."""

import re

import pytest
from pydantic import TypeAdapter
from site_cases import HOSTILE, HOUR, NOW, Clock, alarm_of, make_site, tell
from web_cases import Serve, Served

from alarmbridge.core.severity import Severity
from alarmbridge.store.archive import Archive
from alarmbridge.web.report_shapes import ReportShape


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, on this machine alone, an hour after all that happened."""
    clock.at = NOW + HOUR
    return await serve(make_site(filled, clock))


async def shown(served: Served, path: str) -> str:
    answer = await served.ask(path, Accept="text/html")
    assert answer.status == 200, answer
    return answer.text


async def test_the_report_is_of_the_last_week_and_has_its_shape(served: Served) -> None:
    report = (await served.ask("/api/v1/report")).json
    TypeAdapter(ReportShape).validate_python(report)
    assert report["until"] == "2026-11-23T22:10:00.000Z"
    assert report["since"] == "2026-11-16T22:00:00.000Z"
    assert (report["raised"], report["own"], report["devices"]) == (4, 1, 2)
    assert sum(one["raised"] for one in report["severities"].values()) == 4
    assert report["blind"]["items"][0]["device"] == "sbc-2"
    assert [one["topic"] for one in report["findings"]][:2] == ["rate", "floods"]
    assert report["verdict"] == "bad"


@pytest.mark.parametrize(
    ("query", "raised"),
    [
        ("for=30d", 4),
        ("since=2026-11-23T21:04:00Z", 4),
        ("since=2026-11-23T21:10:00Z", 0),
        ("until=2026-11-23T21:00:00Z&for=1d", 0),
        ("since=2026-11-23T20:00:00Z&for=2h", 4),
        ("device=sbc-2", 1),
        ("tag=site:ams&min_severity=critical", 1),
    ],
)
async def test_the_report_is_of_what_is_asked_for(served: Served, query: str, raised: int) -> None:
    assert (await served.ask(f"/api/v1/report?{query}")).json["raised"] == raised
    assert f": {raised} alarms of" in await shown(served, f"/report?{query}")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("for=5m", "for"),
        ("for=367d", "for"),
        ("for=x", "for"),
        ("since=2026-11-24T00:00:00Z", "since"),
        ("since=2024-01-01T00:00:00Z", "since"),
        ("until=1970-01-01T00:00:00Z&since=1970-01-01T00:00:00Z", "since"),
        ("until=1970-01-01T00:00:00Z&for=366d", None),
        ("since=2026-11-22T00:00:00Z&until=2026-11-23T00:00:00Z&for=1d", "for"),
        ("length=1d", "length"),
        ("colour=red", "colour"),
    ],
)
async def test_a_period_that_is_none_is_named(served: Served, query: str, name: str | None) -> None:
    answer = await served.ask(f"/api/v1/report?{query}")
    assert answer.status == (400 if name else 200), answer
    if name:
        assert [one["parameter"] for one in answer.json["errors"]] == [name]


async def test_the_page_shows_findings_first_and_hostile_texts_as_text(served: Served) -> None:
    text = await shown(served, "/report")
    assert text.count("<h1>") == 1
    assert text.index("Who makes the noise?") < text.index("The most frequent alarms")
    assert "<script>alert" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\u2028]", text.replace("\n", ""))
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", text)
    assert len(set(re.findall(r'\sid="([^"]*)"', text))) == len(re.findall(r"\sid=", text))


async def test_the_page_is_not_counted_anew_for_each_event(served: Served) -> None:
    text = await shown(served, "/report")
    assert " data-still>" in text
    assert "http-equiv" not in text
    assert " data-still>" not in await shown(served, "/")


async def test_advice_stands_on_the_page_to_be_pasted(
    served: Served, filled: Archive, clock: Clock
) -> None:
    many = [
        alarm_of(number, severity=Severity.MINOR, source=HOSTILE[:40], seen_at=NOW, raised_at=NOW)
        for number in range(100, 140)
    ]
    await tell(filled, clock, *many)
    text = await shown(served, "/report?for=2h")
    for words in ("exclude:", "flapping: {raises: 3, within: 1m, calm: 2m}", "urgent: critical"):
        assert words in text
    assert "\\x1B" in text or "alert(1)&lt;/script&gt;" in text
