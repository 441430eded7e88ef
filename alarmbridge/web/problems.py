"""Problem documents (RFC 9457): how everything that goes wrong is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from alarmbridge.core.errors import AlarmbridgeError

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with what was asked.

    place: the name of a parameter of the query, or the steps to a value in the body.
    """

    place: str | tuple[str | int, ...]
    words: str

    @property
    def name(self) -> str:
        """What people call the place: `limit`, `match.devices.0`."""
        return self.place if isinstance(self.place, str) else ".".join(map(str, self.place))

    def as_json(self) -> dict[str, str]:
        """Name the place as RFC 9457's own example does, by a JSON pointer where it is one."""
        if isinstance(self.place, str):
            return {"parameter": self.place, "detail": self.words}
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.place)
        return {"pointer": "".join(["#", *(f"/{step}" for step in steps)]), "detail": self.words}


class RequestRefused(AlarmbridgeError):
    """What was asked is not done, and why; the server answers it."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers

    @property
    def mistakes(self) -> Sequence[Mistake]:
        """What is wrong with the question, where that is why."""
        return ()


class BadRequest(RequestRefused):
    """What was asked has mistakes in it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        named = (f"{one.name}: {one.words}" if one.name else one.words for one in mistakes)
        super().__init__(HTTPStatus.BAD_REQUEST, "; ".join(named))
        self._mistakes = mistakes

    @property
    def mistakes(self) -> Sequence[Mistake]:
        """All of them."""
        return self._mistakes


def answer_problem(
    status: int,
    detail: str = "",
    *,
    mistakes: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Build a problem document; the status says what kind of problem it is."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        document["detail"] = detail
    if mistakes:
        document["errors"] = [mistake.as_json() for mistake in mistakes]
    return web.json_response(document, status=status, headers=headers, content_type=PROBLEM)


def answer_refusal(_: web.Request, refused: RequestRefused) -> web.Response:
    """Answer a request that is refused with a problem document, whoever asks."""
    return answer_problem(
        refused.status, str(refused), mistakes=refused.mistakes, headers=refused.headers
    )
