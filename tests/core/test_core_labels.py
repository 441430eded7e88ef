"""Labels: what one says is what all of them say, and what stands may say more."""

from dataclasses import replace

import pytest
from core_cases import alarm
from hypothesis import given
from hypothesis import strategies as st

from alarmbridge.core.labels import STANDING_LABELS, build_labels, label_of

KEYS = st.sampled_from(["site", "cost-centre", "cost.centre", "severity", "device", "2nd"])


@given(st.dictionaries(KEYS, st.sampled_from(["", "a", "b\n", "x" * 300])))
def test_one_label_is_what_all_of_them_say(tags: dict[str, str]) -> None:
    one = alarm("1", name="acTrunk")
    for name in {"nothing", *build_labels(one, tags)} - {"severity", "origin"}:
        assert label_of(name, one, tags) == build_labels(one, tags).get(name, "")


@pytest.mark.parametrize(
    ("name", "said"),
    [("severity", "major"), ("origin", "device"), ("device", "sbc-1"), ("alertname", "alarm")],
)
def test_what_stands_goes_before_tags(name: str, said: str) -> None:
    one = replace(alarm("1"), name=None, oid=None)
    assert name in STANDING_LABELS
    assert label_of(name, one, {name: "x"}) == said
