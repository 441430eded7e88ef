"""Forms: what a page of ours sends, and back to where it was."""

from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from pydantic import BaseModel

from alarmbridge.core.texts import one_line
from alarmbridge.web.outside import outside_of
from alarmbridge.web.problems import RequestRefused

_TYPES = frozenset({"application/x-www-form-urlencoded"})


async def read_form(request: web.Request) -> dict[str, str]:
    """Read what a form sends, each field once; raises RequestRefused for what is none."""
    if request.content_type not in _TYPES:
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This takes what a form of ours sends."
        )
    fields = await request.post()
    return {name: text for name, text in fields.items() if isinstance(text, str)}


def comment_of(form: dict[str, str], longest: int) -> str:
    """Take a comment from a form: on one line, and not too long."""
    return one_line(form.get("comment", ""))[:longest]


def back_to(request: web.Request, place: str, fallback: str) -> web.Response:
    """Send a browser back to a page of ours, so that loading it anew repeats nothing."""
    path = place if is_ours(place) else fallback
    return web.Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": outside_of(request).link(path)}
    )


def is_ours(place: str) -> bool:
    """Say whether a place is a path here, and no other host's in disguise (`//host`, `/\\host`)."""
    if not place.startswith("/") or place.startswith(("//", "/\\")) or not place.isprintable():
        return False
    try:
        parts = urlsplit(place)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and "\\" not in place and " " not in place


def query_of(question: BaseModel, **other: str) -> str:
    """Write the parameters that a page was asked with, some of them otherwise."""
    asked = question.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return urlencode({**asked, **other}, doseq=True)
