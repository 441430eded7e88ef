"""Gauges of what pollers and lanes know by themselves, read when somebody asks for them."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain

from alarmbridge.core.delivery import DeliveryState
from alarmbridge.core.event import KINDS
from alarmbridge.core.health import TROUBLES
from alarmbridge.runtime.dispatcher import Dispatcher
from alarmbridge.runtime.poller import Poller
from alarmbridge.runtime.watch.certificates import CertificateRound
from alarmbridge.runtime.watch.measurements import MeasurementRound
from alarmbridge.runtime.watch.watcher import Watcher
from alarmbridge.telemetry.metrics import Metrics

WELL = "well"


def show_all(
    metrics: Metrics,
    *,
    version: str,
    pollers: Sequence[Poller],
    lanes: Sequence[Dispatcher],
    watchers: Sequence[Watcher],
    readers: Callable[[], float],
) -> None:
    """Show these parts' gauges, and every counter from 0 on: a rate needs what was before."""
    metrics.build.labels(version).set(1)
    metrics.stream_readers.set_function(readers)
    _show_pollers(metrics, pollers)
    _show_lanes(metrics, lanes)
    _show_watchers(metrics, watchers)
    for kind in KINDS.values():
        metrics.events.labels(kind)


def _show_pollers(metrics: Metrics, pollers: Sequence[Poller]) -> None:
    for trouble in TROUBLES:
        metrics.failed_reads.labels(trouble)
    for health in (WELL, *TROUBLES):
        metrics.devices.labels(health).set_function(partial(_count, pollers, health))
    metrics.last_good_poll.read = lambda: ((one.name, _last_good(one)) for one in pollers)
    metrics.oldest_good_poll.set_function(
        lambda: min((_last_good(one) for one in pollers), default=0.0)
    )


def _show_lanes(metrics: Metrics, lanes: Sequence[Dispatcher]) -> None:
    for lane in lanes:
        metrics.delivery_latency.labels(lane.destination)
        for state in DeliveryState:
            metrics.deliveries.labels(lane.destination, state.value)
    metrics.sink_failing.read = lambda: (
        (lane.destination, float(lane.lane.failing or lane.lane.shut is not None)) for lane in lanes
    )


def _show_watchers(metrics: Metrics, watchers: Sequence[Watcher]) -> None:
    rounds = [one for watcher in watchers for one in watcher.rounds]
    certificates = [one for one in rounds if isinstance(one, CertificateRound)]
    measurements = [one for one in rounds if isinstance(one, MeasurementRound)]
    metrics.certificate_days.read = lambda: chain.from_iterable(
        one.days_left() for one in certificates
    )
    metrics.measurements.read = lambda: chain.from_iterable(one.values() for one in measurements)


def _count(pollers: Sequence[Poller], health: str) -> int:
    return sum((poller.health.trouble or WELL) == health for poller in pollers)


def _last_good(poller: Poller) -> float:
    good_at = poller.health.good_at
    return good_at.timestamp() if good_at is not None else 0.0
