"""Who may do what: by token and role; without tokens, by what a browser says of its page."""

from collections.abc import Sequence

import pytest
from aiohttp import web
from web_cases import TOKENS, Start, guard_of

from alarmbridge.web.access import Guard, Role, Token

SAFE, CHANGING = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE")


class Everything:
    """Answers every method."""

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.route("*", "/page", self.answer)]

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(text="done")


@pytest.mark.parametrize("role", Role)
async def test_a_viewer_may_read_and_the_others_may_change(start: Start, role: Role) -> None:
    served = await start(guard_of(*TOKENS, role=role), Everything())
    known = {"Authorization": f"Bearer {TOKENS[0]}"}
    for method in SAFE:
        assert (await served.ask("/page", method, **known)).status == 200
    for method in CHANGING:
        answer = await served.ask("/page", method, **known)
        assert answer.status == (403 if role is Role.VIEWER else 200)
        if role is Role.VIEWER:
            assert answer.json["detail"] == (
                "The token n1 is a viewer's; to change something takes an operator's or an admin's."
            )


async def test_each_token_is_its_own_persons(start: Start) -> None:
    guard = Guard(
        [
            Token(name="screen", role=Role.VIEWER, token="a"),
            Token(name="noc", role=Role.OPERATOR, token="b"),
        ]
    )
    served = await start(guard, Everything())
    for token, status in (("a", 403), ("b", 200), ("c", 401)):
        answer = await served.ask("/page", "POST", Authorization=f"Bearer {token}")
        assert answer.status == status


async def test_with_a_token_a_page_of_another_origin_may_ask(start: Start) -> None:
    # No browser sends a token by itself, so whoever shows one means it; and a proxy before the
    # API has another name than the API knows.
    served = await start(guard_of(*TOKENS), Everything())
    known = {
        "Authorization": f"Bearer {TOKENS[0]}",
        "Host": "alarms.example",
        "Origin": "https://elsewhere.example",
    }
    assert (await served.ask("/page", "POST", **known)).status == 200


@pytest.mark.parametrize("method", CHANGING)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "",
    ],
)
async def test_without_tokens_a_page_of_another_origin_may_not_change_anything(
    start: Start, method: str, origin: str
) -> None:
    served = await start(guard_of(), Everything())
    answer = await served.ask("/page", method, Origin=origin.format(port=served.port))
    assert answer.status == 403
    assert answer.json["detail"] == "A page of another origin may not change anything here."


@pytest.mark.parametrize("method", CHANGING)
async def test_without_tokens_our_own_page_and_what_is_no_browser_may(
    start: Start, method: str
) -> None:
    served = await start(guard_of(), Everything())
    assert (await served.ask("/page", method)).status == 200
    for name in ("127.0.0.1", "localhost", "[::1]"):
        host = f"{name}:{served.port}"
        answer = await served.ask("/page", method, Origin=f"http://{host}", Host=host)
        assert answer.status == 200


@pytest.mark.parametrize("method", [*SAFE, *CHANGING])
@pytest.mark.parametrize(
    "host", ["evil.example:8480", "127.0.0.1.evil.example", "10.0.0.1", "", "[::1", "a@localhost.x"]
)
async def test_without_tokens_a_borrowed_name_for_this_machine_is_not_answered(
    start: Start, method: str, host: str
) -> None:
    # DNS rebinding: the page's own name leads here, so that its origin is the host it asks.
    served = await start(guard_of(), Everything())
    answer = await served.ask("/page", method, Host=host, Origin=f"http://{host}")
    assert answer.status == 421


async def test_who_names_no_host_is_no_browser(start: Start) -> None:
    served = await start(guard_of(), Everything())
    answer = await served.say(b"GET /page HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 200 ")


def test_tokens_are_not_kept() -> None:
    guard = guard_of(*TOKENS)
    assert "canary" not in repr(vars(guard))
    assert "canary" not in repr(Token(name="a", role=Role.ADMIN, token=TOKENS[0]))
