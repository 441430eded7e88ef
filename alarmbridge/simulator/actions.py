"""Actions: reset, saving the configuration, and tokens for the web pages (guide 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from alarmbridge.simulator.bodies import HTML, Answer, encoded
from alarmbridge.simulator.configuration import Configuration
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

TOKEN_LIFE = 10.0
"""How long a token can be used, in seconds (guide 5.3)."""

_LEVELS = ("admin", "operator", "monitor")


@dataclass(frozen=True, slots=True)
class _Token:
    username: str
    level: str
    until: float


class Actions:
    """The actions of one device.

    calls_last: how many seconds the calls of the moment still take, for a reset that waits for
    them to end.
    """

    def __init__(self, unit: Unit, configuration: Configuration) -> None:
        self.calls_last = 5.0
        self._unit = unit
        self._configuration = configuration
        self._tokens: dict[str, _Token] = {}
        self._given = 0

    def show(self, _: Asked) -> Answer:
        """Answer what can be done."""
        names = {
            "reset": "Reset device",
            "saveConfiguration": "Save device configuration to NVRAM",
            "authToken": "Get authentication token",
        }
        return encoded({"actions": folder(names, "/api/v1/actions")})

    def reset(self, asked: Asked) -> Answer:
        """Reset once this is answered, or later (guide 5.1)."""
        wanted = asked.attributes("saveConfiguration", "gracefulTimeout")
        save = wanted.get("saveConfiguration", True)
        timeout = wanted.get("gracefulTimeout", 0)
        if not isinstance(save, bool):
            raise Refused(400, "Invalid value of 'saveConfiguration'")
        if not _whole(timeout) or timeout < 0:
            raise Refused(400, "Invalid value of 'gracefulTimeout'")

        def carry_out(now: float) -> None:
            if save:
                self._configuration.save()
            self._unit.reset(now)

        wait = self.calls_last if timeout == 1 else float(timeout)
        self._unit.schedule(asked.now + wait, carry_out)
        return encoded({"description": _announce(timeout)})

    def save(self, _: Asked) -> Answer:
        """Save the configuration (guide 5.2)."""
        self._configuration.save()
        return Answer(200)

    def give_token(self, asked: Asked) -> Answer:
        """Give a token for one login to the web pages (guide 5.3)."""
        wanted = asked.attributes("username", "privLevel", "sessionTimeout", "crossHost")
        _check_token(wanted)
        self._given += 1
        drawn = f"{self._unit.seed}/{self._unit.name}/{asked.now}/{self._given}"
        token = sha256(drawn.encode()).hexdigest()[:32]
        until = asked.now + TOKEN_LIFE
        self._tokens[token] = _Token(wanted["username"], wanted["privLevel"], until)
        described = "Authentication token successfully generated"
        return encoded({"authToken": token, "description": described})

    def enter_web(self, asked: Asked) -> Answer:
        """Show the web page to whoever has a token that lives; it serves once."""
        token = self._tokens.pop(asked.query.get("authToken", ""), None)
        if token is None or asked.now > token.until:
            return Answer(401)
        page = f"<html><body><h1>{escape(token.username)} ({token.level})</h1></body></html>"
        return Answer(200, HTML, page.encode())

    def forget_tokens(self) -> None:
        """Let no token count any more, as after a reboot."""
        self._tokens.clear()


def folder(names: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    """List resources as the guide's folders do: id, description, url."""
    return [
        {"id": name, "description": description, "url": f"{prefix}/{name}"}
        for name, description in names.items()
    ]


def _announce(timeout: int) -> str:
    match timeout:
        case 0:
            return "Device will reset now"
        case 1:
            return "Device will reset when all calls are finished"
    return f"Device will reset in {timeout} seconds"


def _check_token(wanted: Mapping[str, Any]) -> None:
    if not isinstance(wanted.get("username"), str) or not wanted["username"]:
        raise Refused(400, "Invalid value of 'username'")
    if wanted.get("privLevel") not in _LEVELS:
        raise Refused(400, "Invalid value of 'privLevel'")
    if not _whole(wanted.get("sessionTimeout", 1)) or wanted.get("sessionTimeout", 1) < 1:
        raise Refused(400, "Invalid value of 'sessionTimeout'")
    if not isinstance(wanted.get("crossHost", ""), str):
        raise Refused(400, "Invalid value of 'crossHost'")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
