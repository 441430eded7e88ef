"""Wording: how a text is cut to what a wire takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.wording import shorten_units


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_text_cut_to_units_fits_and_is_a_beginning_of_what_it_was(text: str, limit: int) -> None:
    cut = shorten_units(text, limit)
    assert units(cut) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("down", 4, "down"),
        ("downs", 4, "dow…"),
        ("😀😀", 4, "😀😀"),
        ("😀😀😀", 4, "😀…"),
        ("ab", 1, "…"),
    ],
)
def test_a_character_beyond_the_first_plane_counts_twice_and_is_never_halved(
    text: str, limit: int, cut: str
) -> None:
    assert shorten_units(text, limit) == cut
