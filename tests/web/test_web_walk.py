"""Every route there is, as a stranger and as each role; and the document of them."""

import re

import pytest
from site_cases import TOKENS, Clock, make_site
from web_cases import UNAUTHORIZED, Serve, Served

from alarmbridge.store.archive import Archive

PARTS = {"id": "00000001-0000", "name": "sbc-1"}
OPEN = {"/healthz", "/readyz"}
BEARER = {token.name: {"Authorization": f"Bearer {token.token}"} for token in TOKENS}
STREAMS = {"/live", "/api/v1/events/stream"}


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, with a token of each role."""
    return await serve(make_site(filled, clock, tokens=TOKENS))


def path_of(route: str) -> str:
    """Fill in the parts of a route's path."""
    if route.startswith("/static/"):
        return "/static/page.css"
    return re.sub(r"\{(\w+)[^}]*\}", lambda part: PARTS.get(part[1], "1"), route)


async def test_a_stranger_gets_in_nowhere_but_at_the_probes(served: Served) -> None:
    walked = set()
    for method, route in served.routes():
        if route in OPEN:
            continue
        walked.add(route)
        answer = await served.ask(path_of(route), method)
        assert answer.status == 401, route
        if method != "HEAD":
            assert answer.json == UNAUTHORIZED, route
    assert {"/api/v1/alarms", "/metrics", "/openapi.json", "/docs"} <= walked
    for path in ("/nowhere", "/api/v1/nowhere", "/static/page.css"):
        assert (await served.ask(path)).json == UNAUTHORIZED


async def test_a_viewer_reads_everything_and_changes_nothing(served: Served) -> None:
    for method, route in served.routes():
        if route in STREAMS or (method, route) == ("POST", "/login"):
            continue
        answer = await served.ask(path_of(route), method, **BEARER["viewer"])
        if method not in {"GET", "HEAD"}:
            assert answer.status == 403, route
        elif route == "/devices/{name}/web":
            assert answer.status == 403
        elif route == "/api/v1/actions":
            assert (await served.ask(route, **BEARER["admin"])).status == 200
            assert answer.status == 403
        elif "/silence/" in route or "silences/" in route:
            assert answer.status == 404
        else:
            assert answer.status in {200, 303}, (route, answer)


async def test_every_route_of_the_api_is_described_and_nothing_else(served: Served) -> None:
    document = (await served.ask("/openapi.json", **BEARER["viewer"])).json
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    served_ones = {
        (method, re.sub(r"\{(\w+)[^}]*\}", r"{\1}", route))
        for method, route in served.routes()
        if method != "HEAD" and route.startswith(("/api/v1", "/openapi", "/docs"))
    }
    assert described == served_ones


async def test_the_document_is_shown_to_people_with_nothing_from_elsewhere(served: Served) -> None:
    answer = await served.ask("/docs", **BEARER["viewer"])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Acknowledge an alarm" in answer.text
    assert not re.search(r"(src|href)=.?(https?:)?//", answer.text)
    assert set(re.findall(r'href="#(.+?)"', answer.text)) <= set(
        re.findall(r' id="(.+?)"', answer.text)
    )
    assert "integer, minimum 1, maximum 1000, default 100" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
