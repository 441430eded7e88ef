"""The metrics: their names and labels, which dashboards depend on."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alarmbridge.telemetry.metrics import Metrics


def families(metrics: Metrics) -> dict[str, str]:
    """Read the rendered text; return name and kind of each metric, but for when it was made."""
    text = metrics.render().decode()
    return {
        family.name: family.type
        for family in text_string_to_metric_families(text)
        if not family.name.endswith("_created")
    }


def test_every_metric_is_there_from_the_start_under_its_name() -> None:
    assert families(Metrics()) == {
        "alarmbridge_quiet_polls": "counter",
        "alarmbridge_syncs": "counter",
        "alarmbridge_failed_reads": "counter",
        "alarmbridge_events": "counter",
        "alarmbridge_unknown_oids": "counter",
        "alarmbridge_delivery_attempts": "counter",
        "alarmbridge_loop_errors": "counter",
        "alarmbridge_store_errors": "counter",
        "alarmbridge_devices": "gauge",
        "alarmbridge_deliveries_pending": "gauge",
    }


@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        ("quiet_polls", ()),
        ("syncs", ()),
        ("failed_reads", ("kind",)),
        ("events", ("kind",)),
        ("unknown_oids", ()),
        ("deliveries", ("sink", "outcome")),
        ("loop_errors", ()),
        ("store_errors", ()),
        ("devices", ("health",)),
        ("pending", ("sink",)),
    ],
)
def test_no_label_names_an_alarm_or_a_device(metric: str, labels: tuple[str, ...]) -> None:
    # Otherwise a storm, or ten thousand devices, would be as many time series.
    assert getattr(Metrics(), metric)._labelnames == labels


def test_what_is_counted_is_shown() -> None:
    metrics = Metrics()
    metrics.events.labels("raised").inc()
    metrics.deliveries.labels("incidents", "delivered").inc(2)
    metrics.pending.labels("incidents").set(7)
    metrics.devices.labels("well").set_function(lambda: 3)
    lines = metrics.render().decode().splitlines()
    assert 'alarmbridge_events_total{kind="raised"} 1.0' in lines
    assert 'alarmbridge_delivery_attempts_total{outcome="delivered",sink="incidents"} 2.0' in lines
    assert 'alarmbridge_deliveries_pending{sink="incidents"} 7.0' in lines
    assert 'alarmbridge_devices{health="well"} 3.0' in lines


def test_each_program_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.syncs.inc()
    assert "alarmbridge_syncs_total 0.0" in other.render().decode().splitlines()


def test_a_sink_s_name_cannot_break_the_format() -> None:
    metrics = Metrics()
    metrics.pending.labels('in"ci\\dents\nevil 1').set(1)
    (family,) = [
        family
        for family in text_string_to_metric_families(metrics.render().decode())
        if family.name == "alarmbridge_deliveries_pending"
    ]
    assert [sample.labels["sink"] for sample in family.samples] == ['in"ci\\dents\nevil 1']
