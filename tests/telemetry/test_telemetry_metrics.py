"""The metrics: their names and labels, which dashboards depend on."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alarmbridge.telemetry.metrics import Metrics

NAMES = {
    "active_alarms": ("gauge", ("severity",)),
    "archive_last_answer_timestamp_seconds": ("gauge", ()),
    "archive_size_bytes": ("gauge", ()),
    "build_info": ("gauge", ("version",)),
    "deliveries_dead": ("gauge", ("sink",)),
    "deliveries_held": ("gauge", ("sink", "cause")),
    "deliveries_pending": ("gauge", ("sink",)),
    "delivery_attempts": ("counter", ("sink", "outcome")),
    "delivery_latency_seconds": ("histogram", ("sink",)),
    "device_certificate_days_left": ("gauge", ("device", "context")),
    "device_last_good_poll_timestamp_seconds": ("gauge", ("device",)),
    "device_measurement": ("gauge", ("device", "measurement", "index")),
    "devices": ("gauge", ("health",)),
    "events": ("counter", ("kind",)),
    "failed_reads": ("counter", ("kind",)),
    "loop_errors": ("counter", ()),
    "oldest_good_poll_timestamp_seconds": ("gauge", ()),
    "oldest_pending_delivery_age_seconds": ("gauge", ("sink",)),
    "poll_duration_seconds": ("histogram", ()),
    "polls": ("counter", ("outcome",)),
    "refused_logins": ("counter", ()),
    "sink_failing": ("gauge", ("sink",)),
    "store_errors": ("counter", ()),
    "stream_readers": ("gauge", ()),
    "sync_duration_seconds": ("histogram", ()),
    "unknown_oids": ("counter", ()),
}


def text_of(metrics: Metrics) -> str:
    return metrics.render()[0].decode()


def test_every_metric_is_there_from_the_start_under_its_name() -> None:
    kinds = {
        family.name.removeprefix("alarmbridge_"): family.type
        for family in text_string_to_metric_families(text_of(Metrics()))
        if family.name.startswith("alarmbridge_")
    }
    assert kinds == {name: kind for name, (kind, _) in NAMES.items()}


def test_no_label_names_what_a_device_says() -> None:
    # Otherwise a storm would be as many time series. Devices, sinks and measurements are the
    # configuration's; an index is a number, a context too.
    labels: dict[str, set[str]] = {}
    metrics = Metrics()
    for part in vars(metrics).values():
        if hasattr(part, "_labelnames") and part._name.startswith("alarmbridge_"):
            labels[part._name.removeprefix("alarmbridge_")] = set(part._labelnames)
        elif hasattr(part, "_family"):
            labels[part._family[0].removeprefix("alarmbridge_")] = set(part._family[2])
    assert labels == {name: set(of) for name, (_, of) in NAMES.items()}


def test_what_is_counted_is_shown() -> None:
    metrics = Metrics()
    metrics.events.labels("raised").inc()
    metrics.deliveries.labels("incidents", "delivered").inc(2)
    metrics.pending.labels("incidents").set(7)
    metrics.devices.labels("well").set_function(lambda: 3)
    metrics.last_good_poll.read = lambda: [("sbc-1", 12.5)]
    lines = text_of(metrics).splitlines()
    assert 'alarmbridge_events_total{kind="raised"} 1.0' in lines
    assert 'alarmbridge_delivery_attempts_total{outcome="delivered",sink="incidents"} 2.0' in lines
    assert 'alarmbridge_deliveries_pending{sink="incidents"} 7.0' in lines
    assert 'alarmbridge_devices{health="well"} 3.0' in lines
    assert 'alarmbridge_device_last_good_poll_timestamp_seconds{device="sbc-1"} 12.5' in lines


def test_a_counter_is_one_series_and_not_also_the_time_of_its_making() -> None:
    assert "_created" not in text_of(Metrics())


def test_each_program_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.quiet_polls.inc()
    assert 'alarmbridge_polls_total{outcome="quiet"} 0.0' in text_of(other).splitlines()


@pytest.mark.parametrize("metric", ["pending", "last_good_poll"])
def test_a_configured_name_cannot_break_the_format(metric: str) -> None:
    hostile = 'in"ci\\dents\nevil 1'
    metrics = Metrics()
    if metric == "pending":
        metrics.pending.labels(hostile).set(1)
    else:
        metrics.last_good_poll.read = lambda: [(hostile, 1.0)]
    values = [
        value
        for family in text_string_to_metric_families(text_of(metrics))
        for sample in family.samples
        for value in sample.labels.values()
    ]
    assert hostile in values
