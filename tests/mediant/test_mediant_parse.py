import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.errors import BadAnswer
from alarmbridge.core.reading import Reading, Row
from alarmbridge.core.severity import Severity
from alarmbridge.mediant.parse import (
    MAX_TEXT,
    Resource,
    Version,
    clean_text,
    parse_complaint,
    parse_last_change,
    parse_page,
    parse_reading,
    parse_resources,
    parse_versions,
)
from alarmbridge.mediant.status import parse_status, parse_status_report

# The guide's own examples (8.1, 8.1.1), with the one superfluous brace of 8.1 left out.
PAGE = b"""{
  "alarms": [
    {"id": "1", "description": "Trunk is down", "url": "/api/v1/alarms/active/1"},
    {"id": "2", "description": "Device will explode in 15 min", "url": "/api/v1/alarms/active/2"}
  ],
  "cursor": {"after": "2", "before": "-1"}
}"""
READING = b"""{
  "id": "1",
  "description": "Trunk is down",
  "severity": "Major",
  "source": "Board#1",
  "date": "2010-03-01T23:00:00.000Z",
  "url": "/api/v1/alarms/active/1"
}"""


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def reading(**fields: object) -> Reading:
    return parse_reading(body({"id": "1", **fields}))


def status_of(raw: bytes) -> object:
    return parse_status(raw, asked_at=1.0, received_at=2.0)


PARSERS: list[Callable[[bytes], object]] = [
    parse_versions, partial(parse_resources, key="items"), parse_page, parse_reading,
    parse_last_change, status_of, parse_status_report,
]  # fmt: skip


def test_a_page_of_the_guide() -> None:
    page = parse_page(PAGE)
    assert page.rows == (Row("1", "Trunk is down"), Row("2", "Device will explode in 15 min"))
    assert (page.after, page.has_cursor) == ("2", True)


def test_a_reading_of_the_guide() -> None:
    found = parse_reading(READING)
    assert (found.id, found.description, found.source) == ("1", "Trunk is down", "Board#1")
    assert (found.severity, found.cleared, found.oid) == (Severity.MAJOR, False, None)
    assert found.date is not None
    assert found.date.raw == "2010-03-01T23:00:00.000Z"


def test_a_last_change_of_the_guide() -> None:
    found = parse_last_change(b'{"lastChange": "2016-06-09 19:00:00+03:00"}')
    assert found.raw == "2016-06-09 19:00:00+03:00"
    assert found.at is not None


def test_the_versions_and_the_tree_of_the_guide() -> None:
    versions = {"versions": [{"id": "v1", "status": "stable", "url": "/api/v1"}]}
    assert parse_versions(body(versions)) == (Version("v1", "stable"),)
    tree = {"items": [{"id": "alarms", "description": "Device alarms", "url": "/api/v1/actions"}]}
    assert parse_resources(body(tree), "items") == (Resource("alarms", "Device alarms"),)


@pytest.mark.parametrize("end", ["-1", -1])
def test_minus_one_ends_a_table(end: object) -> None:
    page = parse_page(body({"alarms": [], "cursor": {"after": end}}))
    assert (page.after, page.has_cursor) == (None, True)


@pytest.mark.parametrize("cursor", [None, {}, {"after": None}, {"after": ""}])
def test_a_page_without_a_cursor_says_so(cursor: object) -> None:
    page = parse_page(body({"alarms": [{"id": 7}], "cursor": cursor}))
    assert page.rows == (Row("7", ""),)
    assert (page.after, page.has_cursor) == (None, False)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"<html><body>Please log in</body></html>",
        b'{"alarms": null}',
        b'{"alarms": {}}',
        b'{"alarms": [1]}',
        b'{"alarms": [], "cursor": []}',
        b'{"alarms": [], "cursor": {"after": true}}',
        b'{"alarms": [], "cursor": {"after": "\\ud800"}}',
        b'{"alarms": [], "alarms": []}',
        b'{"alarms": [], "x": NaN}',
        b'{"alarms": [], "x": 1e400}',
        b'{"alarms": [], "x": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        '{"alarms": []}'.encode("utf-16"),
        b'{"alarms": [{"id": "1", "description": []}]}',
        b'{"alarms": [{"description": "x"}]}',
        b'{"alarms": [{"id": true}]}',
        b'{"alarms": [{"id": "../status"}]}',
        b'{"alarms": [{"id": "\\u0661"}]}',
        b'{"alarms": [{"id": ""}]}',
        b'{"alarms": [{"id": "1\\n"}]}',
        b'{"alarms": [{"id": "' + b"1" * 65 + b'"}]}',
    ],
)
def test_a_page_that_is_none_is_a_bad_answer(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_page(raw)


def test_an_html_page_is_called_by_its_name() -> None:
    with pytest.raises(BadAnswer, match="HTML"):
        parse_page(b"\r\n<!DOCTYPE html><title>Hotel WLAN</title>")


@pytest.mark.parametrize("junk", [None, 5, [], {}, True, ""])
def test_a_detail_survives_junk_in_its_fields(junk: object) -> None:
    found = reading(severity=junk, source=junk, date=junk, oid=junk, description=junk, new=junk)
    assert found == Reading(id="1", description="", severity=Severity.INDETERMINATE)


@pytest.mark.parametrize("word", ["Cleared", "cleared", " CLEARED ", "Clear", "noAlarm"])
def test_severity_cleared_marks_a_clear(word: str) -> None:
    found = reading(severity=word)
    assert (found.cleared, found.severity) == (True, Severity.INDETERMINATE)


def test_a_date_that_names_no_moment_is_kept_as_written() -> None:
    found = reading(date="0000-00-00T00:00:60")
    assert found.date is not None
    assert (found.date.raw, found.date.at) == ("0000-00-00T00:00:60", None)


@pytest.mark.parametrize("raw", [b"{}", b'{"lastChange": null}', b'{"lastChange": 5}'])
def test_a_last_change_that_says_nothing_is_a_bad_answer(raw: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_last_change(raw)


def test_one_text_in_another_encoding_hides_no_other() -> None:
    names = b"Proxy Set M\xfcnchen down", "Proxy Set Köln down".encode(), b"\tcut \xe2\x82"
    alarms = b", ".join(
        b'{"id": "%d", "description": "%s"}' % (place, name) for place, name in enumerate(names)
    )
    page = parse_page(b'\xef\xbb\xbf{"alarms": [%s]}' % alarms)
    assert [row.description for row in page.rows] == [
        "Proxy Set München down",
        "Proxy Set Köln down",
        "\tcut \u00e2\u201a",
    ]


def test_a_complaint_is_read_if_there_is_one() -> None:
    assert parse_complaint(b'{"description": "HA synchronization"}') == "HA synchronization"
    assert parse_complaint(b'{"Description": "busy Gr\xfc\xdfe \x1b[1m"}') == "busy Grüße \x1b[1m"
    assert parse_complaint(b"Device is busy\r\n") == "Device is busy"
    for silent in (b"<html>", b" ", b"{}", b"[1, 2]", b'{"description": 7}', b'{"description": "'):
        assert parse_complaint(silent) is None


def test_texts_are_made_fit_to_be_stored() -> None:
    assert clean_text("a\0b\ud800c") == "ab\ufffdc"
    assert clean_text("\u20ac" * MAX_TEXT) == "\u20ac" * (MAX_TEXT // 3 - 1) + "…"
    assert clean_text("x" * MAX_TEXT) == "x" * MAX_TEXT


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = ["id", "alarms", "cursor", "after", "description", "severity", "date", "lastChange"]
SHAPED = st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES)
ROWS = st.fixed_dictionaries(
    {
        "alarms": st.lists(
            st.fixed_dictionaries({"id": st.integers(), "description": st.text(st.characters())})
        )
    },
    optional={"cursor": SHAPED},
)


@given(st.binary() | (JSON_VALUES | SHAPED | ROWS).map(lambda value: json.dumps(value).encode()))
def test_nothing_but_a_bad_answer_escapes(raw: bytes) -> None:
    for parse in PARSERS:
        try:
            found = parse(raw)
        except BadAnswer as error:
            str(error).encode()
        else:
            repr(found).encode()


@given(st.text(st.characters(), max_size=4000))
def test_a_cleaned_text_can_be_stored_and_is_the_same_when_cleaned_again(text: str) -> None:
    cleaned = clean_text(text)
    assert len(cleaned.encode()) <= MAX_TEXT
    assert "\0" not in cleaned
    assert clean_text(cleaned) == cleaned
