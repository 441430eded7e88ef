"""What is counted, as Prometheus metrics; each program has its own set."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """The numbers that an operator asks for. Labels: event kinds, failures, sinks, states."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.quiet_polls = self._counter("quiet_polls", "Looks at lastChange that found nothing")
        self.syncs = self._counter("syncs", "Times that a device's tables were read whole")
        self.failed_reads = self._counter("failed_reads", "Reads of a device that failed", "kind")
        self.events = self._counter("events", "Events stored", "kind")
        self.unknown_oids = self._counter(
            "unknown_oids", "Alarms raised under an OID that the catalogue does not know"
        )
        self.deliveries = self._counter(
            "delivery_attempts", "Attempts to deliver, by what they came to", "sink", "outcome"
        )
        self.loop_errors = self._counter("loop_errors", "Steps that failed with a bug")
        self.store_errors = self._counter("store_errors", "Steps that the archive refused")
        self.devices = Gauge(
            "alarmbridge_devices",
            "Devices, by how reading them goes",
            ["health"],
            registry=self.registry,
        )
        self.pending = Gauge(
            "alarmbridge_deliveries_pending",
            "Deliveries owed to a sink",
            ["sink"],
            registry=self.registry,
        )

    def render(self) -> bytes:
        """Write all of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"alarmbridge_{name}", words, labels, registry=self.registry)
