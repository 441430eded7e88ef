"""Whatever a report advises loads as it is written, and means the alarm that it is about."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

import pytest
from core.report_figures_cases import (
    NOON,
    actor,
    all_figures,
    figures,
    listed,
    standing,
    texts,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alarmbridge.core import report_advice
from alarmbridge.core.alarm import Alarm
from alarmbridge.core.report import make_report
from alarmbridge.core.report_advice import Advice, Place
from alarmbridge.core.report_figures import Figures
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import Settings
from alarmbridge.translation import calendar_of, match_of

BASE = """\
defaults: {username: monitor, password: canary}
devices:
  - {name: sbc-1, url: "https://192.0.2.10"}
"""
SINKS: Mapping[Place, str] = {
    Place.SINK: "sinks:\n  - name: one\n    type: log\n",
    Place.PEOPLE: "sinks:\n  - name: one\n    type: apprise\n    url: json://192.0.2.1\n",
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a configuration is written to, again and again."""
    return tmp_path_factory.mktemp("advice") / "alarmbridge.yaml"


def load(file: Path, advice: Advice) -> Settings:
    """Paste advice where it says that it belongs."""
    if advice.place is Place.FILE:
        text = f"{BASE}{advice.yaml}\n"
    else:
        text = f"{BASE}{SINKS[advice.place]}{indent(advice.yaml, '    ')}\n"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ={})


@given(all_figures())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_all_that_a_report_advises_loads(file: Path, counted: Figures) -> None:
    for finding in make_report(counted).findings:
        for advice in finding.advice:
            load(file, advice)


@given(texts, texts, texts)
@example('a: "b" # [c]*', None, "\u202e\x00\x85\n- x: y")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_exclusion_means_its_alarm(
    file: Path, name: str | None, source: str | None, description: str | None
) -> None:
    one = actor(name=name, source=source, description=description)
    for advice in report_advice.on_frequent(figures(frequent=listed(one))):
        [exclusion] = load(file, advice).sinks[0].exclude
        meant = Alarm(
            id="1",
            device=one.device,
            name=name,
            source=source,
            description=description or "",
            severity=one.worst,
            seen_at=NOON,
        )
        assert match_of(exclusion).fits(meant, {})


@given(texts, texts, st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_silence_means_its_alarm(
    file: Path, name: str | None, source: str | None, description: str
) -> None:
    one = standing(name=name, source=source, description=description)
    counted = figures(standing=listed(one))
    for advice in report_advice.on_standing(counted):
        [silence] = calendar_of(load(file, advice)).at(counted.now)
        meant = Alarm(
            id="1",
            device=one.device,
            name=name,
            source=source,
            description=description,
            severity=one.severity,
            seen_at=NOON,
        )
        assert silence.match.fits(meant, {})
