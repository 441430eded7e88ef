"""A far end's program is found, skipped without, or demanded."""

from pathlib import Path

import pytest
from receivers import need_program


@pytest.fixture(autouse=True)
def _nobody_demands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("ALARMBRIDGE_REQUIRE_RECEIVERS", raising=False)


def test_a_program_is_found_where_the_search_path_leads() -> None:
    found = need_program("sh", "dash")
    assert found.is_absolute()
    assert found.name == "sh"


def test_a_daemon_is_found_beside_the_search_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = tmp_path / "trapcatcher"
    daemon.touch(mode=0o755)
    monkeypatch.setattr("receivers._ADMINISTRATORS", (str(tmp_path),))
    assert need_program("trapcatcher", "none") == daemon


def test_without_a_program_its_test_is_skipped_and_says_why() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no-such-daemon .* package no-such-package"):
        need_program("no-such-daemon", "no-such-package")


@pytest.mark.parametrize("demand", ["CI", "ALARMBRIDGE_REQUIRE_RECEIVERS"])
@pytest.mark.parametrize("value", ["1", "true"])
def test_where_all_must_be_there_a_missing_program_fails(
    monkeypatch: pytest.MonkeyPatch, demand: str, value: str
) -> None:
    monkeypatch.setenv(demand, value)
    with pytest.raises(pytest.fail.Exception, match="no-such-package"):
        need_program("no-such-daemon", "no-such-package")


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_a_demand_can_be_denied(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.skip.Exception):
        need_program("no-such-daemon", "no-such-package")
