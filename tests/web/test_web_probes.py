"""The probes and the metrics, over a real socket."""

from collections.abc import Awaitable, Callable

import pytest
from web_cases import REFUSED, TOKENS, Served, Start, guard_of

from alarmbridge.telemetry.metrics import Metrics
from alarmbridge.web.probes import Probes


class Daemon:
    """What the probes are about."""

    def __init__(self) -> None:
        self.unwell: list[str] = []
        self.metrics = Metrics()

    async def find_unwell(self) -> list[str]:
        return self.unwell


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
def daemon() -> Daemon:
    """A daemon that is well."""
    return Daemon()


@pytest.fixture
def serve(start: Start, daemon: Daemon) -> Serve:
    """Starts its probes, with these tokens."""

    async def serve(*tokens: str) -> Served:
        guard = guard_of(*tokens)
        probes = Probes(metrics=daemon.metrics, readiness=daemon.find_unwell, guard=guard)
        return await start(guard, probes)

    return serve


async def test_a_process_that_lives_says_so(serve: Serve, daemon: Daemon) -> None:
    daemon.unwell = ["loop sbc-1 has stopped"]
    answer = await (await serve()).ask("/healthz")
    assert (answer.status, answer.text) == (200, "alive\n")


async def test_it_is_ready_when_nothing_is_unwell(serve: Serve) -> None:
    answer = await (await serve()).ask("/readyz")
    assert (answer.status, answer.text) == (200, "ready\n")


async def test_what_is_unwell_is_named_a_line_each(serve: Serve, daemon: Daemon) -> None:
    daemon.unwell = ["loop sbc-1 has stopped", "the disk is full"]
    answer = await (await serve()).ask("/readyz")
    assert (answer.status, answer.text) == (503, "loop sbc-1 has stopped\nthe disk is full\n")


async def test_a_stranger_learns_of_readiness_and_no_more(serve: Serve, daemon: Daemon) -> None:
    served = await serve(*TOKENS)
    daemon.unwell = ["loop sbc-1 has stopped"]
    for refused in REFUSED:
        answer = await served.ask("/readyz", **refused)
        assert (answer.status, answer.text) == (503, "not ready\n")
    answer = await served.ask("/readyz", Authorization=f"Bearer {TOKENS[1]}")
    assert (answer.status, answer.text) == (503, "loop sbc-1 has stopped\n")
    daemon.unwell = []
    assert (await served.ask("/readyz")).text == "ready\n"


async def test_a_page_under_a_borrowed_name_learns_of_readiness_and_no_more(
    serve: Serve, daemon: Daemon
) -> None:
    daemon.unwell = ["loop sbc-1 has stopped"]
    answer = await (await serve()).ask("/readyz", Host="evil.example:8480")
    assert (answer.status, answer.text) == (503, "not ready\n")


async def test_the_metrics_are_prometheus_text(serve: Serve, daemon: Daemon) -> None:
    daemon.metrics.quiet_polls.inc()
    answer = await (await serve()).ask("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'alarmbridge_polls_total{outcome="quiet"} 1.0' in answer.text.splitlines()


async def test_who_accepts_openmetrics_gets_it(serve: Serve) -> None:
    accept = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    answer = await (await serve()).ask("/metrics", Accept=accept)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


async def test_without_tokens_every_route_answers(serve: Serve) -> None:
    served = await serve()
    assert {path for _, path in served.routes()} == {"/healthz", "/readyz", "/metrics"}
    for method, path in served.routes():
        assert (await served.ask(path, method)).status == 200


@pytest.mark.parametrize("headers", REFUSED, ids=str)
async def test_a_stranger_gets_no_route_but_the_two_probes(
    serve: Serve, headers: dict[str, str]
) -> None:
    served = await serve(*TOKENS)
    for method, path in served.routes():
        status = (await served.ask(path, method, **headers)).status
        assert status == (200 if path in {"/healthz", "/readyz"} else 401)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
async def test_each_token_opens_everything(serve: Serve, scheme: str, token: str) -> None:
    served = await serve(*TOKENS)
    for method, path in served.routes():
        assert (await served.ask(path, method, Authorization=f"{scheme} {token}")).status == 200


async def test_only_questions_are_answered(serve: Serve) -> None:
    served = await serve()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await served.ask("/metrics", method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
