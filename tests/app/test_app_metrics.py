"""What a running program shows at /metrics, judged by Prometheus' own tool."""

import subprocess
from pathlib import Path

from app_parts import Receiver, fetch, running, settings_for, until
from prometheus_client.parser import text_string_to_metric_families
from receivers import need_program

from alarmbridge.simulator.farm import Farm


def lint(text: str) -> tuple[int, bytes]:
    """Have promtool judge names, units and help texts; return its status and what it found."""
    program = need_program("promtool", "prometheus")
    found = subprocess.run(
        [program, "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )
    return found.returncode, found.stdout + found.stderr


def samples_of(text: str) -> dict[str, float]:
    """Each series by its name and labels."""
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_an_alarm_and_its_delivery_are_seen_by_who_scrapes(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings) as program:
        farm.devices["sim-1"].model.raise_alarm(farm.clock(), n=1)
        await until(lambda: receiver.told("raised"))
        metrics = program._metrics.registry.get_sample_value

        def is_told() -> bool:
            labels = {"sink": settings.sinks[0].name}
            return bool(metrics("alarmbridge_delivery_latency_seconds_count", labels))

        await until(is_told)
        await until(lambda: metrics("alarmbridge_oldest_good_poll_timestamp_seconds"))
        program._census.bell.ring()
        await until(lambda: metrics("alarmbridge_active_alarms", {"severity": "major"}))
        status, text = await fetch(settings, "/metrics")
    assert status == 200
    assert lint(text) == (0, b"")
    samples = samples_of(text)
    named = "alarmbridge_device_last_good_poll_timestamp_seconds[('device', '{}')]"
    assert all(samples[named.format(device.name)] > 1e9 for device in settings.devices)
    assert samples["alarmbridge_oldest_good_poll_timestamp_seconds[]"] > 1e9
    assert samples["alarmbridge_archive_size_bytes[]"] > 0
    assert samples["alarmbridge_sync_duration_seconds_count[]"] > 0


async def test_openmetrics_is_there_for_who_asks(
    database: Path, farm: Farm, receiver: Receiver
) -> None:
    settings = settings_for(database, farm, receiver)
    async with running(settings):
        accept = "application/openmetrics-text; version=1.0.0"
        status, text = await fetch(settings, "/metrics", Accept=accept)
    assert (status, text.endswith("# EOF\n")) == (200, True)
