"""Logging in: a token shown once, a session from then on; and who may not use it."""

import logging
from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from site_cases import HOUR, NOW, TOKENS, Clock, make_site
from web_cases import Answer, Serve, Served

from alarmbridge.store.archive import Archive
from alarmbridge.store.operator_actions import list_actions
from alarmbridge.web.attempts import BURST
from alarmbridge.web.outside import Front

HTML = "text/html"
ACK = "/alarms/00000001-0000/ack"


@pytest.fixture
async def served(serve: Serve, filled: Archive, clock: Clock) -> Served:
    """The whole site, with a token of each role."""
    return await serve(make_site(filled, clock, tokens=TOKENS))


async def post(served: Served, path: str, **sent: str) -> Answer:
    """Send a form as a page of ours does; what begins with a capital letter is a header."""
    headers = {name: said for name, said in sent.items() if name[0].isupper()}
    fields = {name: said for name, said in sent.items() if not name[0].isupper()}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": HTML,
        "Origin": f"http://127.0.0.1:{served.port}",
    } | headers
    return await served.ask(path, "POST", body=urlencode(fields).encode(), **headers)


async def log_in(served: Served, role: str = "operator", **sent: str) -> str:
    """Log in; return the cookie."""
    answer = await post(served, "/login", token=f"canary-{role}", **sent)
    assert answer.status == 303
    return answer.headers["Set-Cookie"].partition(";")[0]


async def test_a_stranger_is_asked_for_a_token_whatever_page_he_wants(served: Served) -> None:
    for path in ("/", "/archive", "/nowhere", "/login", "/alarms/00000001-0000"):
        answer = await served.ask(path, Accept=HTML)
        assert (answer.status, answer.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
        assert 'name="token"' in answer.text
        assert "Trunk" not in answer.text
        assert "alarmbridge" not in answer.text.replace("/login", "")
    assert (await served.ask("/api/v1/alarms", Accept=HTML)).json["status"] == 401


async def test_a_token_opens_a_session_that_a_script_cannot_read(served: Served) -> None:
    answer = await post(served, "/login", token=" canary-operator\n", next="/archive?state=active")
    assert (answer.status, answer.headers["Location"]) == (303, "/archive?state=active")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    shown = await served.ask("/", Cookie=cookie.partition(";")[0], Accept=HTML)
    assert (shown.status, "operator (operator)" in shown.text) == (200, True)
    assert "canary" not in answer.text + str(answer.headers) + shown.text


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nX: y",
        "evil",
        "/%0a\n",
        "",
    ],
)
async def test_nobody_is_sent_elsewhere_after_it(served: Served, place: str) -> None:
    answer = await post(served, "/login", token="canary-viewer", next=place)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_a_wrong_token_is_told_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "alarmbridge")
    answer = await post(served, "/login", token="canary-nobody")
    assert (answer.status, "That did not work." in answer.text) == (401, True)
    assert "Set-Cookie" not in answer.headers
    assert "canary" not in answer.text + caplog.text


async def test_a_session_outlives_the_daemon_and_not_its_token(
    serve: Serve, filled: Archive, clock: Clock
) -> None:
    cookie = await log_in(await serve(make_site(filled, clock, tokens=TOKENS)))
    again = await serve(make_site(filled, clock, tokens=TOKENS))
    assert (await again.ask("/api/v1/alarms", Cookie=cookie)).status == 200
    without = [token for token in TOKENS if token.name != "operator"]
    later = await serve(make_site(filled, clock, tokens=without))
    assert (await later.ask("/api/v1/alarms", Cookie=cookie)).status == 401


async def test_a_session_ends_by_itself_and_when_somebody_logs_out(
    served: Served, clock: Clock
) -> None:
    first, second = await log_in(served), await log_in(served, "viewer")
    assert first != second
    assert (await post(served, "/logout", Cookie=second)).status == 303
    assert (await served.ask("/api/v1/alarms", Cookie=second)).status == 401
    assert (await served.ask("/api/v1/alarms", Cookie=first)).status == 200
    clock.at = NOW + 12 * HOUR
    assert (await served.ask("/api/v1/alarms", Cookie=first)).status == 401


async def test_a_cookie_that_somebody_planted_is_not_kept(served: Served) -> None:
    cookie = await log_in(served, Cookie="alarmbridge=planted")
    assert cookie != "alarmbridge=planted"
    for made_up in ("alarmbridge=planted", "alarmbridge=", "alarmbridge=" + "0" * 5000):
        assert (await served.ask("/api/v1/alarms", Cookie=made_up)).status == 401


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"},
    ],
)
async def test_a_page_from_elsewhere_changes_nothing_with_a_session(
    served: Served, sent: dict[str, str]
) -> None:
    cookie = await log_in(served)
    answer = await post(served, ACK, Cookie=cookie, **sent)
    assert answer.status == 403
    assert (await post(served, "/login", token="canary-admin", **sent)).status == 401
    assert (await post(served, "/logout", Cookie=cookie, **sent)).status == 403
    story = (await served.ask("/api/v1/alarms/00000001-0000", Cookie=cookie)).json
    assert story["operator_state"] == "none"


async def test_a_browser_that_does_not_say_where_it_is_changes_nothing(served: Served) -> None:
    cookie = await log_in(served)
    body, kind = b"", {"Content_Type": "application/x-www-form-urlencoded"}
    assert (await served.ask(ACK, "POST", body=body, Cookie=cookie, **kind)).status == 403
    said = kind | {"Sec_Fetch_Site": "same-origin"}
    assert (await served.ask(ACK, "POST", body=body, Cookie=cookie, **said)).status == 303


async def test_a_viewers_session_changes_nothing(served: Served) -> None:
    cookie = await log_in(served, "viewer")
    assert (await post(served, ACK, Cookie=cookie)).status == 403
    page = (await served.ask("/alarms/00000001-0000", Cookie=cookie, Accept=HTML)).text
    assert "Acknowledge" not in page


async def test_who_guesses_has_to_wait_and_who_knows_has_not(served: Served) -> None:
    known = {"Authorization": "Bearer canary-viewer"}
    assert (await served.ask("/api/v1/alarms", **known)).status == 200
    for number in range(BURST):
        wrong = {"Authorization": f"Bearer wrong-{number}"}
        assert (await served.ask("/api/v1/alarms", **wrong)).status == 401
    answer = await served.ask("/api/v1/alarms", Authorization="Bearer wrong")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "6")
    assert (await post(served, "/login", token="wrong")).status == 429
    assert (await served.ask("/api/v1/alarms")).status == 401
    assert (await served.ask("/api/v1/alarms", **known)).status == 200


async def test_a_stranger_who_has_to_wait_is_shown_the_form_and_nothing_of_ours(
    served: Served,
) -> None:
    for number in range(BURST):
        await post(served, "/login", token=f"wrong-{number}", Accept=HTML)
    answer = await post(served, "/login", token="wrong", Accept=HTML)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "6")
    assert "Too many wrong tokens" in answer.text
    for told in ("/static/", "/docs", "/live", "script"):
        assert told not in answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/logout"), ("PUT", "/login")])
async def test_a_stranger_does_not_learn_which_methods_there_are(
    served: Served, method: str, path: str
) -> None:
    for accept in (HTML, "*/*"):
        answer = await served.ask(path, method=method, Accept=accept)
        assert (answer.status, "Allow" in answer.headers) == (401, False)


async def test_a_probe_is_answered_whoever_guesses(served: Served) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    for _ in range(BURST + 1):
        assert (await served.ask("/readyz", **wrong)).status == 200
    assert (await served.ask("/api/v1/alarms", **wrong)).status == 429


async def test_a_proxy_may_ask_for_a_password_of_its_own(served: Served) -> None:
    basic = {"Authorization": "Basic bm9jOnNlY3JldA=="}
    assert (await served.ask("/", Accept=HTML, **basic)).status == 401
    cookie = await log_in(served, **basic)
    assert (await served.ask("/", Accept=HTML, Cookie=cookie, **basic)).status == 200
    answer = await post(served, ACK, Cookie=cookie, Origin="https://evil.example", **basic)
    assert answer.status == 403


async def test_it_is_noted_who_came_and_went(served: Served, filled: Archive) -> None:
    cookie = await log_in(served)
    await post(served, ACK, Cookie=cookie, comment="looking")
    await post(served, "/logout", Cookie=cookie)
    async with filled.read() as tx:
        done = (await list_actions(tx)).items
    assert [(one.who, one.action) for one in done] == [
        ("operator", "logout"),
        ("operator", "ack"),
        ("operator", "login"),
    ]


async def test_behind_a_proxy_links_and_cookies_are_the_outsides(
    serve: Serve, filled: Archive, clock: Clock
) -> None:
    front = Front(prefix="/alarms-of", proxies=(ip_network("127.0.0.1"),))
    served = await serve(make_site(filled, clock, tokens=TOKENS, front=front))
    said = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "noc.example"}
    answer = await post(
        served, "/alarms-of/login", token="canary-viewer", Origin="https://noc.example", **said
    )
    cookie = answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == "/alarms-of/"
    assert cookie.startswith("__Secure-alarmbridge=")
    assert {"Secure", "Path=/alarms-of/"} <= set(cookie.split("; "))
    for left in ("/alarms-of", ""):
        stranger = await served.ask(f"{left}/archive?q=x", Accept=HTML, **said)
        assert 'name="next" value="/archive?q=x"' in stranger.text
        assert (await served.ask(f"{left}/api/v1/alarms", Accept=HTML, **said)).json
    for path in ("/alarms-of/", "/"):
        page = await served.ask(path, Cookie=cookie.partition(";")[0], Accept=HTML, **said)
        assert (page.status, 'href="/alarms-of/archive"' in page.text) == (200, True)
        assert 'href="/alarms-of/" aria-current="page"' in page.text
    document = await served.ask("/openapi.json", Cookie=cookie.partition(";")[0], **said)
    assert document.json["servers"] == [{"url": "/alarms-of/"}]
