"""`/login` and `/logout`: a token shown once, a session from then on."""

import base64
import hashlib
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from alarmbridge.web.access import Guard, check_origin, comes_from_ours, cookie_of
from alarmbridge.web.outside import outside_of
from alarmbridge.web.pages.forms import back_to, is_ours, read_form
from alarmbridge.web.problems import RequestRefused
from alarmbridge.web.server import LOGIN, LOGOUT
from alarmbridge.web.templates import make_environment

_TEMPLATES = make_environment("pages/templates")
_STYLE = _TEMPLATES.get_template("login.css").render()
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_WRONG = "That did not work."
_HEADERS = {
    # A stranger is given no file of ours, so the form brings its style along.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "WWW-Authenticate": "Bearer",
}


class Login:
    """Lets browsers in and out. seconds: how long a session lasts."""

    def __init__(self, guard: Guard, *, seconds: int) -> None:
        self._guard = guard
        self._seconds = seconds

    def routes(self) -> list[web.RouteDef]:
        """List what this answers."""
        return [
            web.get(LOGIN, self._ask),
            web.post(LOGIN, self._let_in),
            web.post(LOGOUT, self._let_out),
        ]

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        if self._guard.admits(request):
            return back_to(request, "", "/")
        return ask_for_token(request)

    async def _let_in(self, request: web.Request) -> web.StreamResponse:
        if not comes_from_ours(request):
            return ask_for_token(request, place="")
        form = await read_form(request)
        token, place = form.get("token", "").strip(), form.get("next", "")
        person = None if self._guard.open or not token else self._guard.know(request, token)
        if person is None:
            if self._guard.open:
                return back_to(request, "", "/")
            return ask_for_token(request, place=place, words=_WRONG if token else "")
        number = await self._guard.open_session(token, person)
        response = back_to(request, place, "/")
        outside = outside_of(request)
        response.set_cookie(
            cookie_of(request),
            number or "",
            max_age=self._seconds,
            path=outside.link("/"),
            secure=outside.secure,
            httponly=True,
            samesite="Strict",
        )
        return response

    async def _let_out(self, request: web.Request) -> web.StreamResponse:
        if self._guard.who(request) is None:
            return ask_for_token(request, place="")
        check_origin(request, strict=True)
        await self._guard.end_session(request)
        response = back_to(request, "", "/")
        outside = outside_of(request)
        response.del_cookie(
            cookie_of(request),
            path=outside.link("/"),
            secure=outside.secure,
            httponly=True,
            samesite="Strict",
        )
        return response


def ask_for_token(
    request: web.Request,
    *,
    place: str | None = None,
    words: str = "",
    status: HTTPStatus = HTTPStatus.UNAUTHORIZED,
) -> web.Response:
    """Answer a stranger's browser with the form alone; raises RequestRefused for programs.

    place: where to go from there, None for what is asked now. words: what has gone wrong.
    """
    if not wants_page(request):
        raise RequestRefused(HTTPStatus.UNAUTHORIZED, "", headers={"WWW-Authenticate": "Bearer"})
    outside = outside_of(request)
    path = outside.inner(request.rel_url.path_qs) if place is None else place
    page = _TEMPLATES.get_template("login.html").render(
        style=_STYLE,
        action=outside.link(LOGIN),
        place=path if is_ours(path) and urlsplit(path).path != LOGIN else "",
        words=words,
    )
    return web.Response(text=page, status=status, content_type="text/html", headers=_HEADERS)


def wants_page(request: web.Request) -> bool:
    """Say whether it is a browser that asks for a page, and no program for data."""
    path = outside_of(request).inner(request.path)
    return "text/html" in request.headers.get("Accept", "") and not path.startswith("/api/")
