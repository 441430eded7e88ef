"""Box: a device's answers to all but its alarms (guide 5, 6, 7, 10, 11), and their state."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from alarmbridge.simulator.actions import Actions
from alarmbridge.simulator.bodies import Answer, described, refusal
from alarmbridge.simulator.certificates import Certificates
from alarmbridge.simulator.configuration import Configuration
from alarmbridge.simulator.files import Files
from alarmbridge.simulator.license import License
from alarmbridge.simulator.measurements import Measurements
from alarmbridge.simulator.request import Asked, Refused
from alarmbridge.simulator.unit import Unit

BUSY = "Device is currently performing HA synchronization"
"""What a device says that refuses a change with 409 for a while (guide 5.1)."""

_ALWAYS = frozenset({"authToken"})


class Box:
    """All of one device that is no alarm; made when it is first asked for.

    Pure like the model: each `Asked` brings its time along.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.configuration = Configuration(unit)
        self.actions = Actions(unit, self.configuration)
        self.files = Files(unit, self.configuration)
        self.certificates = Certificates(unit, self.configuration)
        self.measurements = Measurements(unit)
        self.license = License(unit)
        self._handlers = self._wired()

    def answer(self, asked: Asked) -> Answer:
        """Answer a request with a method that its resource takes."""
        habits = self._unit.habits
        handler = self._handlers.get((asked.endpoint, asked.method))
        if handler is None:
            return refusal(404, habits)
        try:
            self._check_idle(asked)
            return handler(asked)
        except Refused as refused:
            if not refused.description or refused.status == HTTPStatus.NOT_FOUND:
                return refusal(refused.status, habits)
            return described(refused.status, refused.description, habits)

    def restart(self) -> None:
        """Forget what a reboot forgets, and run what was loaded for it."""
        self.configuration.restart()
        self.actions.forget_tokens()
        self.files.restart()
        self.license.restart()

    def _check_idle(self, asked: Asked) -> None:
        changing = asked.method != "GET" and asked.endpoint not in _ALWAYS
        if changing and self._unit.synchronising(asked.now):
            raise Refused(409, BUSY)

    def _wired(self) -> Mapping[tuple[str, str], Callable[[Asked], Answer]]:
        actions, files, tls = self.actions, self.files, self.certificates
        return {
            ("actions", "GET"): actions.show,
            ("reset", "POST"): actions.reset,
            ("saveConfiguration", "POST"): actions.save,
            ("authToken", "POST"): actions.give_token,
            ("web", "GET"): actions.enter_web,
            ("files", "GET"): files.show,
            ("ini", "GET"): files.read_ini,
            ("ini", "PUT"): files.load_ini,
            ("ini/incremental", "PUT"): files.add_ini,
            ("cliScript", "GET"): files.read_script,
            ("cliScript", "PUT"): files.load_script,
            ("cliScript/incremental", "PUT"): files.run_script,
            ("software", "PUT"): files.load_software,
            ("software/hitless", "PUT"): files.load_hitless,
            ("additional", "PUT"): files.load_additional,
            ("tls", "GET"): tls.show,
            ("tls/id", "GET"): tls.show_one,
            ("privateKey", "GET"): tls.read_key,
            ("privateKey", "PUT"): tls.load_key,
            ("privateKey/generate", "POST"): tls.generate_key,
            ("certificate", "GET"): tls.read_certificate,
            ("certificate", "PUT"): tls.load_certificate,
            ("certificate/generate", "POST"): tls.generate_certificate,
            ("certificate/request", "POST"): tls.request_certificate,
            ("trustedRoot", "GET"): tls.read_roots,
            ("trustedRoot", "PUT"): tls.load_roots,
            ("trustedRoot/incremental", "PUT"): tls.add_root,
            ("performance", "GET"): self.measurements.show,
            ("performance/name", "GET"): self.measurements.show_one,
            ("license", "GET"): self.license.show,
            ("license", "PUT"): self.license.load,
        }
