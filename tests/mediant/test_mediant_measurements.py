"""A measurement's values and names: what is none of its kind is left out."""

import pytest

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.measurements import Measured, parse_measured, parse_names


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12.0),
        ("-1", -1.0),
        ("1.5", 1.5),
        ('"7"', 7.0),
        ('"nan"', None),
        ('"-inf"', None),
        ('"x"', None),
        ("true", None),
        ("null", None),
        ("[]", None),
        ("1" * 400, None),
        ("9223372036854775808", None),
    ],
)
def test_a_value_is_a_number_or_nothing(written: str, value: float | None) -> None:
    body = f'{{"value": {written}, "rate": {written}}}'.encode()
    found = parse_measured(body, "pm", index=3, interval=1)
    assert found == Measured(
        name="pm", index=3, interval=1, value=value, minimum=None, maximum=None, average=None,
        others={} if value is None else {"rate": value},
    )  # fmt: skip


def test_names_that_can_be_in_no_path_are_left_out() -> None:
    body = b'{"items": ["a", "../b", 5, null, "c d", "", "e"]}'
    assert parse_names(body) == ("a", "e")
    for other in (b'{"items": {}}', b"{}", b'["a"]'):
        with pytest.raises(BadAnswer):
            parse_names(other)
