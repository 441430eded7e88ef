"""A stream of Server-Sent Events, read in pieces that are cut anywhere."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.cli.messages import Messages
from alarmbridge.core.errors import AlarmbridgeError
from alarmbridge.web.sse import here, message

EVENT = message(event="alarm.raised", data='{"a": "\u00e9"}', place=7)
STREAM = b"retry: 2000\n\n" + here(6) + EVENT


@given(st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_it_makes_no_difference_where_a_stream_is_cut(cuts: list[int]) -> None:
    messages = Messages()
    edges = [0, *cuts, len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    told = [one for piece in pieces for one in messages.feed(piece)]
    assert told == [("7", {"a": "\u00e9"})]


def test_where_to_resume_is_known_without_any_event() -> None:
    messages = Messages()
    assert list(messages.feed(here(42))) == []
    assert messages.place == "42"


def test_an_event_may_have_several_lines_and_ends_of_another_kind() -> None:
    messages = Messages()
    assert list(messages.feed(b"id: 3\r\ndata: [1,\r\ndata: 2]\r\n\r\n")) == [("3", [1, 2])]


def test_what_a_broken_connection_left_half_is_forgotten() -> None:
    messages = Messages()
    assert list(messages.feed(b'id: 3\ndata: {"half')) == []
    assert messages.place is None
    messages.restart()
    assert list(messages.feed(b"data: 1\n\n")) == [(None, 1)]


def test_what_was_cut_off_is_asked_for_again() -> None:
    # The connection breaks after an event's id and before its end: it has not been told yet.
    messages = Messages()
    assert list(messages.feed(b"id: 3\ndata: 1\n\nid: 4\ndata: 2\n")) == [("3", 1)]
    assert messages.place == "3"


def test_an_id_that_is_no_place_is_not_sent_back() -> None:
    messages = Messages()
    assert list(messages.feed(b"id: x\r\nid: 1\xff\n\n")) == []
    assert messages.place is None


@pytest.mark.parametrize("stream", [b"data: {\n\n", b"data: " + b"[" * 100_000 + b"\n\n"])
def test_an_event_that_is_no_json_is_an_error(stream: bytes) -> None:
    with pytest.raises(AlarmbridgeError, match="no JSON"):
        list(Messages().feed(stream))


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    messages = Messages()
    for _ in range(16):
        assert list(messages.feed(b"x" * (1 << 20))) == []
    with pytest.raises(AlarmbridgeError, match="too long"):
        list(messages.feed(b"x"))
