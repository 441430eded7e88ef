"""What an answer means before its body is read: it has one, or the device said no."""

from collections.abc import Callable, Collection
from typing import TypeVar

from alarmbridge.core.errors import BadAnswer, Conflict, Forbidden, Refused
from alarmbridge.mediant.parse import parse_complaint
from alarmbridge.mediant.strict_json import parse_json
from alarmbridge.mediant.transport import Answer

OK, NO_CONTENT, BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT = 200, 204, 400, 403, 404, 409
SUCCESSES = range(200, 300)

_LONGEST_COMPLAINT = 200
_KINDS: dict[int, type[Refused]] = {FORBIDDEN: Forbidden, CONFLICT: Conflict}

_Parsed = TypeVar("_Parsed")


def understand(
    answer: Answer,
    *,
    device: str,
    path: str,
    parse: Callable[[bytes], _Parsed],
    statuses: Collection[int] = (OK,),
) -> _Parsed:
    """Read the body of an answer; raises Refused, or BadAnswer in the device's name.

    statuses: those that are no refusal.
    """
    if answer.status not in statuses:
        raise refused(answer, device=device, path=path)
    return parse_as(answer.body, device, path, parse)


def parse_as(body: bytes, device: str, path: str, parse: Callable[[bytes], _Parsed]) -> _Parsed:
    """Read what a device sent; raises BadAnswer in its name."""
    try:
        return parse(body)
    except BadAnswer as error:
        raise BadAnswer(f"{device}: answer to {path} not understood: {error}") from error


def understand_list(
    answer: Answer, *, device: str, path: str, parse: Callable[[bytes], tuple[_Parsed, ...]]
) -> tuple[_Parsed, ...]:
    """Read a list, as `understand` does; a device may say 204 for an empty one (guide 12)."""
    if answer.status == NO_CONTENT:
        return ()
    return understand(answer, device=device, path=path, parse=parse)


def refused(answer: Answer, *, device: str, path: str) -> Refused:
    """Say what a device refused, with its own words where it has any (guide 5.1, 12)."""
    said = " ".join((parse_complaint(answer.body) or "").split())[:_LONGEST_COMPLAINT]
    words = f"{device} answered {path} with HTTP {answer.status}{': ' if said else ''}{said}"
    return _KINDS.get(answer.status, Refused)(words, status=answer.status, said=said)


def is_absence(answer: Answer) -> bool:
    """Whether this is the device's own 404, and not some page of whatever stands before it."""
    if answer.status != NOT_FOUND:
        return False
    body = answer.body.strip()
    kind = answer.content_type.partition(";")[0].strip().lower()
    if not body:
        return True
    if kind == "text/plain":
        return not body.startswith(b"<")
    if kind not in {"", "application/json", "text/json"}:
        return False
    try:
        parse_json(body)
    except BadAnswer:
        return False
    return True
