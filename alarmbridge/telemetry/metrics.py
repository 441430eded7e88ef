"""What is counted, as Prometheus metrics; each program has its own set.

Names and units follow Prometheus' rules ("Metric and label naming"). The values of a label are
words of the program's own, or names of the configuration: a storm, or what a device calls itself,
makes no time series. What is renamed or removed is gone with the next start.
"""

from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# Otherwise each counter would be two series, and nobody asks since when it counts.
disable_created_metrics()  # type: ignore[no-untyped-call]

_PREFIX = "alarmbridge_"
_POLL_TIMES = (0.05, 0.2, 1.0, 5.0)
_SYNC_TIMES = (0.2, 1.0, 5.0, 20.0, 60.0)
_LATENCIES = (0.5, 1.0, 5.0, 30.0, 120.0, 900.0, 3600.0)

Samples = Iterable[tuple[str | tuple[str, ...], float]]
"""What a gauge shows: the value of its label, or of each of its labels, and the number."""


class Read(Collector):
    """A gauge that is read when it is asked for. read: gives its samples, without any wait.

    Where a gauge of the library keeps an object for each of ten thousand devices, this keeps none.
    """

    def __init__(self, registry: CollectorRegistry, name: str, words: str, *labels: str) -> None:
        self._family = (_PREFIX + name, words, labels)
        self.read: Callable[[], Samples] = tuple
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Say what it is."""
        name, words, labels = self._family
        return [GaugeMetricFamily(name, words, labels=labels)]

    def collect(self) -> Iterable[Metric]:
        """Read it."""
        name, words, labels = self._family
        family = GaugeMetricFamily(name, words, labels=labels)
        for value, number in self.read():
            family.add_metric([value] if isinstance(value, str) else value, number)
        return [family]


class Metrics:
    """The numbers that an operator asks for, in the order of an alarm's way."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.build = self._gauge("build_info", "Always 1; which version runs", "version")
        self._count_polling()
        self._count_alarms()
        self._count_deliveries()
        self._count_archive()
        self._count_asking()

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """Write all of it; return that with its media type, the best of those that are accepted.

        accept: as the header says it; OpenMetrics where that is asked for, else Prometheus' text.
        """
        encode, media = choose_encoder(accept)
        return encode(self.registry), media

    def _count_polling(self) -> None:
        self.polls = self._counter("polls", "Looks at a device, by what came of them", "outcome")
        # Kept, because to look it up takes longer than to count it, and this is the hot path.
        self.quiet_polls = self.polls.labels("quiet")
        self.synced_polls = self.polls.labels("synced")
        self.failed_polls = self.polls.labels("failed")
        self.poll_duration = self._histogram(
            "poll_duration_seconds",
            "Time that a look at lastChange took which found nothing new",
            _POLL_TIMES,
        )
        self.sync_duration = self._histogram(
            "sync_duration_seconds",
            "Time to read a device's tables whole, decide, and store what follows",
            _SYNC_TIMES,
        )
        self.failed_reads = self._counter("failed_reads", "Reads of a device that failed", "kind")
        self.devices = self._gauge("devices", "Devices, by how reading them goes", "health")
        self.last_good_poll = Read(
            self.registry,
            "device_last_good_poll_timestamp_seconds",
            "When a device was last read without fault; 0 before the first time",
            "device",
        )
        self.oldest_good_poll = self._gauge(
            "oldest_good_poll_timestamp_seconds",
            "The earliest of all devices' last good polls; 0 while one has had none",
        )

        self.measurements = Read(
            self.registry,
            "device_measurement",
            "The latest value of a performance measurement that is watched",
            "device",
            "measurement",
            "index",
        )
        self.certificate_days = Read(
            self.registry,
            "device_certificate_days_left",
            "How many days the certificate of a TLS context is good, below 0 once it has ended",
            "device",
            "context",
        )

    def _count_alarms(self) -> None:
        self.active_alarms = self._gauge("active_alarms", "Alarms that stand", "severity")
        self.events = self._counter("events", "Events stored", "kind")
        self.unknown_oids = self._counter(
            "unknown_oids", "Alarms raised under an OID that the catalogue does not know"
        )

    def _count_deliveries(self) -> None:
        self.deliveries = self._counter(
            "delivery_attempts", "Attempts to deliver, by what they came to", "sink", "outcome"
        )
        self.delivery_latency = self._histogram(
            "delivery_latency_seconds",
            "Time from when a delivery was owed to when it was accepted, holds included",
            _LATENCIES,
            "sink",
        )
        self.pending = self._gauge("deliveries_pending", "Deliveries owed to a sink", "sink")
        self.held = self._gauge(
            "deliveries_held", "Those of the pending that are held back", "sink", "cause"
        )
        self.dead = self._gauge("deliveries_dead", "Deliveries that were given up", "sink")
        self.oldest_pending = Read(
            self.registry,
            "oldest_pending_delivery_age_seconds",
            "How long the oldest delivery is owed that nothing holds back; 0 when there is none",
            "sink",
        )
        self.sink_failing = Read(
            self.registry,
            "sink_failing",
            "1 while a sink takes nothing and is only probed, or is shut",
            "sink",
        )

    def _count_archive(self) -> None:
        self.archive_size = self._gauge("archive_size_bytes", "Size of the database")
        self.archive_answered = self._gauge(
            "archive_last_answer_timestamp_seconds", "When the database last answered"
        )
        self.loop_errors = self._counter("loop_errors", "Steps that failed with a bug")
        self.store_errors = self._counter("store_errors", "Steps that the archive refused")

    def _count_asking(self) -> None:
        self.stream_readers = self._gauge("stream_readers", "Who follows events and pages live")
        self.refused_logins = self._counter("refused_logins", "Wrong tokens that were shown")

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(_PREFIX + name, words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, bounds: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(_PREFIX + name, words, labels, registry=self.registry, buckets=bounds)
