"""What goes wrong, as a page for people and as a problem document for programs."""

from http import HTTPStatus

from aiohttp import web

from alarmbridge.web.access import Guard
from alarmbridge.web.pages.login import ask_for_token, wants_page
from alarmbridge.web.pages.renderer import Renderer
from alarmbridge.web.problems import RequestRefused, answer_refusal

_WORDS = {
    400: "Something is wrong with what was asked.",
    403: "This may not be done.",
    404: "There is nothing here.",
    405: "This cannot be done here.",
    409: "This cannot be done now.",
    429: "Too many wrong tokens came from here. Wait a little, then try again.",
    500: "This went wrong in alarmbridge. Its log says more; please report it.",
    503: "The archive does not answer.",
}


class Failures:
    """Answers requests that are refused."""

    def __init__(self, renderer: Renderer, guard: Guard) -> None:
        self._renderer = renderer
        self._guard = guard

    def explain(self, request: web.Request, refused: RequestRefused) -> web.StreamResponse:
        """Answer one in the form that whoever asks can read."""
        if not wants_page(request):
            return answer_refusal(request, refused)
        if refused.status is HTTPStatus.UNAUTHORIZED:
            return ask_for_token(request)
        words = _WORDS.get(refused.status, refused.status.phrase)
        if self._guard.who(request) is None:
            # Our own page would tell a stranger of what there is.
            response = ask_for_token(request, words=words, status=refused.status)
            response.headers.update(refused.headers or {})
            return response
        response = self._renderer.page(
            request,
            "failure.html",
            status=refused.status,
            person=self._guard.who(request),
            words=words,
            title=refused.status.phrase,
            detail=str(refused),
        )
        response.headers.update(refused.headers or {})
        return response
