"""The dashboard and the alert rules in `config/`: they parse, ask for what there is, and work."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from receivers import need_program

from alarmbridge.telemetry.metrics import Metrics

CONFIG = Path(__file__).parents[1] / "config"
RULES = CONFIG / "prometheus-rules.yml"
CASES = Path(__file__).with_name("prometheus") / "rules_cases.yml"
DASHBOARD = json.loads((CONFIG / "grafana-dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
SHOWING = [panel for panel in PANELS if panel["type"] != "row"]
FOREIGN = {"up"}
NAMES = re.compile(r"\b(?:alarmbridge|process)_[a-z_]+|\bup\b(?=\{)")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}


def promtool(*arguments: str | Path, given: bytes = b"") -> str:
    """Run promtool; it must find nothing."""
    program = need_program("promtool", "prometheus")
    done = subprocess.run([program, *arguments], input=given, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    return said


def exposed() -> set[str]:
    """The names of all series that a daemon shows."""
    families = text_string_to_metric_families(Metrics().render()[0].decode())
    return {
        family.name + suffix for family in families for suffix in SUFFIXES.get(family.type, ("",))
    }


def rules() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]


def queries() -> Iterator[str]:
    for panel in SHOWING:
        yield from (target["expr"] for target in panel["targets"])


def test_every_metric_that_a_rule_or_a_panel_asks_for_exists() -> None:
    asked = [rule["expr"] for rule in rules()] + list(queries())
    assert len(asked) > 30
    unknown = {
        (name, query)
        for query in asked
        for name in NAMES.findall(query)
        if name not in exposed() | FOREIGN
    }
    assert unknown == set()
    assert [query for query in asked if not NAMES.findall(query)] == []


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    shown = set(NAMES.findall("\n".join(queries())))
    ours = {name for name in exposed() if name.startswith("alarmbridge_")}
    unseen = {name for name in ours if not name.endswith(("_count", "_sum"))} - shown
    # It is for whoever has too many devices to scrape; the dashboard asks each.
    assert unseen == {"alarmbridge_oldest_good_poll_timestamp_seconds"}


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


def test_the_alerts_come_when_they_should_and_not_otherwise(tmp_path: Path) -> None:
    for file in (RULES, CASES):
        shutil.copy(file, tmp_path)
    assert "SUCCESS" in promtool("test", "rules", tmp_path / CASES.name)


def test_each_alert_has_a_case_in_which_it_comes() -> None:
    tested = {
        case["alertname"]
        for test in yaml.safe_load(CASES.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert tested == {rule["alert"] for rule in rules()}


def test_each_alert_says_what_is_and_how_bad() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_prometheus_takes_every_query_of_the_dashboard(tmp_path: Path) -> None:
    plain = [
        re.sub(r"\$__rate_interval", "5m", re.sub(r'"\$\w+"', '".*"', one)) for one in queries()
    ]
    assert "$" not in "".join(plain)
    rules = [{"record": f"panel:{at}", "expr": query} for at, query in enumerate(plain)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", file)


def test_no_datasource_is_anybody_s_own() -> None:
    named = re.findall(r'"uid": "([^"]*)"', json.dumps(DASHBOARD))
    assert set(named) == {"${datasource}", "alarmbridge"}
    assert DASHBOARD["uid"] == "alarmbridge"
    kinds = {one["name"]: one["type"] for one in DASHBOARD["templating"]["list"]}
    assert kinds == {
        "datasource": "datasource",
        "job": "query",
        "instance": "query",
        "sink": "query",
    }
    used = set(re.findall(r"\$(\w+)", "\n".join(queries()))) - {"__rate_interval"}
    assert used == set(kinds) - {"datasource"}


@pytest.mark.parametrize("panel", SHOWING, ids=lambda panel: str(panel["id"]))
def test_each_panel_answers_a_question(panel: dict[str, Any]) -> None:
    assert panel["title"].endswith("?")
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    references = [target["refId"] for target in panel["targets"]]
    assert references == sorted(set(references))
    assert all(target["legendFormat"] for target in panel["targets"])


def test_panels_are_numbered_once_and_do_not_lie_on_each_other() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    places = [
        (x, y)
        for grid in (panel["gridPos"] for panel in PANELS)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
