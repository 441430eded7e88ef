"""A device: the model behind its front door, with login, faults and a count of what was asked."""

import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from alarmbridge.simulator.bodies import JSON, Answer, refusal
from alarmbridge.simulator.faults import (
    Bomb,
    CutOff,
    Drip,
    Drop,
    Fault,
    Faults,
    Huge,
    Loop,
    Redirect,
    Rubbish,
    Silence,
    Slow,
    Status,
)
from alarmbridge.simulator.login import Login
from alarmbridge.simulator.model import Mediant, endpoint_of
from alarmbridge.simulator.request import Sent
from alarmbridge.simulator.resources import OTHERS, RESOURCES
from alarmbridge.simulator.rubbish import spoil

_UNAUTHORIZED = Answer(401, {"WWW-Authenticate": 'Basic realm="Realm"'})
_FORBIDDEN = Answer(403)
_NOT_ACCEPTABLE = Answer(406)
_NOTHING = Answer(0)
_DOWN = Drop()
_FRESH_ROWS = 20


class Reply(NamedTuple):
    """What a request gets: an answer, and how it comes to grief on the way, if it does.

    fault: None, or one that no plain answer can show (Silence, Drop, CutOff, Slow, Drip, Huge,
    Bomb). For Silence, Drop, Huge and Bomb the answer means nothing, and has status 0.
    """

    answer: Answer
    fault: Fault | None = None


@dataclass(slots=True)
class Counters:
    """What was asked of one device, so that tests can tell whether a bridge is gentle.

    requests: by endpoint. unauthorized: 401 answers; unauthorized_at: when, the last hundred.
    not_get: requests with another method. faults: by the class that befell a request.
    in_flight, max_in_flight: requests being answered at once, now and at most.
    """

    requests: Counter[str] = field(default_factory=Counter)
    unauthorized: int = 0
    unauthorized_at: deque[float] = field(default_factory=lambda: deque(maxlen=100))
    not_get: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    max_in_flight: int = 0

    @property
    def total(self) -> int:
        """Requests of any kind."""
        return sum(self.requests.values())

    def enter(self) -> None:
        """Count a request in; whoever brings requests calls it, and `leave` when it is over."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self) -> None:
        """Count a request out, answered or not."""
        self.in_flight -= 1


class Device:
    """One device as it is met from outside; pure like its model, for sockets and simulations."""

    def __init__(self, model: Mediant, login: Login) -> None:
        self.model = model
        self.login = login
        self.faults = Faults()
        self.counters = Counters()
        self._fresh = 10**9

    @property
    def name(self) -> str:
        """Its name in the farm."""
        return self.model.name

    def handle(
        self,
        path: str,
        query: Mapping[str, str],
        now: float,
        *,
        method: str = "GET",
        authorization: str | None = None,
        accept: str = "*/*",
        body: Sent | None = None,
    ) -> Reply:
        """Answer a request at a moment (UTC seconds). While the device boots it drops everybody.

        Faults come before the login, because a device that is ill does not get as far as that;
        but whoever would get a right answer late or in pieces has to be logged in.
        """
        endpoint = endpoint_of(path)
        self.counters.requests[endpoint] += 1
        if now >= self.model.due_at:
            self.model.settle(now)
        if now < self.model.down_until:
            return Reply(_NOTHING, _DOWN)
        fault = self.faults.take(endpoint) if self.faults else None
        if fault is not None:
            self.counters.faults[type(fault).__name__] += 1
            early = self._befall(fault, path, now)
            if early is not None:
                return early
        refused = self._refuse(endpoint, method, authorization, accept, now)
        if refused is not None:
            return Reply(refused, fault if isinstance(fault, Slow | Drip | CutOff) else None)
        if isinstance(fault, Loop):
            again = self._fresh_page(endpoint) if fault.fresh else self._again(path, query, now)
            return Reply(again)
        answer = self.model.answer(path, query, now, method=method, body=body)
        if endpoint == "web" and answer.status == HTTPStatus.UNAUTHORIZED:
            return Reply(self._unauthorized(now))
        if isinstance(fault, Rubbish):
            answer, fault = spoil(answer, fault.what), None
        return Reply(answer, fault)

    def _befall(self, fault: Fault, path: str, now: float) -> Reply | None:
        match fault:
            case Silence() | Drop() | Huge() | Bomb():
                return Reply(_NOTHING, fault)
            case Status(code=401):
                return Reply(self._unauthorized(now))
            case Status(code=code, retry_after=None):
                return Reply(Answer(code))
            case Status(code=code, retry_after=seconds):
                return Reply(Answer(code, {"Retry-After": str(seconds)}))
            case Redirect(to=to, code=code):
                return Reply(Answer(code, {"Location": to + path}))
        return None

    def _refuse(
        self, endpoint: str, method: str, authorization: str | None, accept: str, now: float
    ) -> Answer | None:
        if method != "GET":
            self.counters.not_get += 1
        # A token in the query opens the web page instead of a login.
        if endpoint == "web":
            return None if method == "GET" else self._wrong_method(endpoint)
        if not self.login.admit(authorization, now):
            return self._unauthorized(now)
        octets = False
        if method != "GET" or endpoint in RESOURCES:
            resource = RESOURCES.get(endpoint, OTHERS)
            if method not in resource.methods:
                return self._wrong_method(endpoint)
            if not resource.permits(self.login.level, method):
                return _FORBIDDEN
            octets = method in resource.octets
        if accept != "*/*" and not _acceptable(accept, octets=octets):
            return _NOT_ACCEPTABLE
        return None

    def _wrong_method(self, endpoint: str) -> Answer:
        if endpoint == "unknown":
            return refusal(404, self.model.habits)
        return Answer(405, {"Allow": ", ".join(RESOURCES.get(endpoint, OTHERS).methods)})

    def _unauthorized(self, now: float) -> Answer:
        self.counters.unauthorized += 1
        self.counters.unauthorized_at.append(now)
        return _UNAUTHORIZED

    def _again(self, path: str, query: Mapping[str, str], now: float) -> Answer:
        first = {name: value for name, value in query.items() if name not in {"after", "before"}}
        answer = self.model.answer(path, first, now)
        if answer.status != HTTPStatus.OK:
            return answer
        page = json.loads(answer.body)
        if page.get("alarms"):
            page["cursor"]["after"] = page["alarms"][-1]["id"]
        return Answer(200, JSON, json.dumps(page).encode())

    def _fresh_page(self, endpoint: str) -> Answer:
        first = self._fresh
        self._fresh += _FRESH_ROWS
        rows = [
            {"id": str(n), "description": f"row {n}", "url": f"/api/v1/alarms/{endpoint}/{n}"}
            for n in range(first, self._fresh)
        ]
        page = {"alarms": rows, "cursor": {"after": rows[-1]["id"], "before": "-1"}}
        return Answer(200, JSON, json.dumps(page).encode())


def _acceptable(accept: str, *, octets: bool) -> bool:
    return "*/*" in accept or ("octet-stream" if octets else "json") in accept
