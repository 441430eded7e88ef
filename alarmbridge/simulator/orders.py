"""Orders: what the control surface can have done to a device, verb by verb."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, get_args

from alarmbridge.simulator.device import Device
from alarmbridge.simulator.farm import Farm
from alarmbridge.simulator.faults import KINDS
from alarmbridge.simulator.habits import altered
from alarmbridge.simulator.ini import Ini, parse_ini
from alarmbridge.simulator.login import Level

Outcome = dict[str, object]


@dataclass(frozen=True, slots=True)
class Order:
    """One order: the farm, the name of one of its devices, and the JSON object that came along."""

    farm: Farm
    name: str
    body: Mapping[str, Any]

    @property
    def device(self) -> Device:
        """The device that is meant."""
        return self.farm.devices[self.name]

    @property
    def now(self) -> float:
        """The farm's clock."""
        return self.farm.clock()


def _raise(order: Order) -> Outcome:
    """{kind?, n?, m?, severity?, source?, description?, clear_description?, oid?}"""
    number = order.device.model.raise_alarm(order.now, **order.body)
    return {"alarm": number, **_latest(order)}


def _clear(order: Order) -> Outcome:
    """{alarm, description?}"""
    order.device.model.clear(order.now, **order.body)
    return _latest(order)


def _change(order: Order) -> Outcome:
    """{alarm, description?, severity?}"""
    order.device.model.change(order.now, **order.body)
    return _latest(order)


def _escalate(order: Order) -> Outcome:
    """{alarm, severity, description?}"""
    number = order.device.model.escalate(order.now, **order.body)
    return {"alarm": number, **_latest(order)}


def _reboot(order: Order) -> Outcome:
    """{keep?: true, false, or numbers}"""
    return {"kept": order.device.model.reboot(order.now, **order.body)}


def _serial(order: Order) -> Outcome:
    """{serial_number?, keep?, anew?, uptime?}"""
    kept = order.device.model.change_serial(order.now, **order.body)
    return {"kept": kept, "serial_number": order.device.model.identity.serial_number}


def _clock(order: Order) -> Outcome:
    """{seconds?: step of the device's clock, utc_offset?: minutes}"""
    order.device.model.clock_step(order.body.get("seconds", 0))
    if "utc_offset" in order.body:
        order.device.model.change_zone(order.body["utc_offset"])
    return {"device_second": order.device.model.device_second(order.now)}


def _habits(order: Order) -> Outcome:
    """{any field of Habits}"""
    model = order.device.model
    model.habits = altered(model.habits, order.body)
    return asdict(model.habits)


def _fault(order: Order) -> Outcome:
    """{fault: a word of faults.KINDS, endpoints?: [...], times?, and the fault's own fields}"""
    options = dict(order.body)
    word = options.pop("fault")
    if word not in KINDS:
        raise ValueError(f"unknown fault {word!r}; known are {', '.join(KINDS)}")
    if "endpoints" in options:
        options["endpoints"] = frozenset(options["endpoints"])
    order.device.faults.add(KINDS[word](**options))
    return _faults(order)


def _login(order: Order) -> Outcome:
    """{password?, fail_count?, block_for?: seconds, level?: admin, operator or monitor}"""
    login = order.device.login
    if "password" in order.body:
        login.change_password(order.body["password"])
    login.fail_count = order.body.get("fail_count", login.fail_count)
    login.block_for = order.body.get("block_for", login.block_for)
    level = order.body.get("level", login.level)
    if level not in get_args(Level):
        raise ValueError(f"level must be one of {', '.join(get_args(Level))}, not {level!r}")
    login.level = level
    return {"fail_count": login.fail_count, "block_for": login.block_for, "level": level}


def _pair(order: Order) -> Outcome:
    """{operational?: true for one of a high-availability pair, false for a device on its own}"""
    order.device.model.pair(**order.body)
    return {"high_availability": order.device.model.identity.high_availability}


def _synchronise(order: Order) -> Outcome:
    """{seconds: how long it refuses changes with 409 because of its redundant unit}"""
    order.device.model.synchronise(order.now, order.body["seconds"])
    return {"synchronising": order.device.model.synchronising(order.now)}


def _switch_over(order: Order) -> Outcome:
    """{seconds?: how long it synchronises afterwards}: of a pair only"""
    kept = order.device.model.switch_over(order.now, **order.body)
    return {"kept": kept, "serial_number": order.device.model.identity.serial_number}


def _reset(order: Order) -> Outcome:
    """{}: reboot as by the action, with nobody answered for a while; what is unsaved is lost"""
    return {"kept": order.device.model.reset(order.now, **order.body)}


def _measure(order: Order) -> Outcome:
    """{name, value: null to measure again, index?, interval?: 0, 1, 2; all without it}"""
    return {"name": order.device.model.box.measurements.fix(**order.body)}


def _license(order: Order) -> Outcome:
    """{key?, description?}: at once, without a reset"""
    held = order.device.model.box.license
    held.change(**order.body)
    return {"key": held.key, "description": held.description}


def _certificate(order: Order) -> Outcome:
    """{days: until it ends, negative if it has, context?}: a new one for that TLS context"""
    order.device.model.box.certificates.expire(order.now, **order.body)
    return {"days": order.body["days"]}


def _configure(order: Order) -> Outcome:
    """{ini?: a partial INI file, parameters?: values by name, save?: over a reboot too}"""
    configuration = order.device.model.box.configuration
    if "ini" in order.body:
        configuration.apply(parse_ini(order.body["ini"]))
    values = order.body.get("parameters", {})
    if values:
        configuration.apply(Ini({"": {name: str(value) for name, value in values.items()}}))
    if order.body.get("save", False):
        configuration.save()
    return {"save_needed": configuration.save_needed}


def _trap(order: Order) -> Outcome:
    """{endpoint, n?: after its n-th answer, verb: another of these, body?: what that one takes}"""
    verb = order.body["verb"]
    if verb not in VERBS:
        raise ValueError(f"unknown verb {verb!r}; known are {', '.join(VERBS)}")
    sprung = replace(order, body=order.body.get("body", {}))
    n = order.body.get("n", 1)
    order.device.model.trap(order.body["endpoint"], n, lambda _: VERBS[verb](sprung))
    return {"endpoint": order.body["endpoint"], "n": n}


async def _refuse(order: Order) -> Outcome:
    """{}: close the port (or cut the connections, where all share one) until it is healed"""
    await order.farm.refuse(order.name)
    return _faults(order)


async def _heal(order: Order) -> Outcome:
    """{fault?: lift this sort only; without it all are lifted and the port is open again}"""
    word = order.body.get("fault")
    if word is None:
        await order.farm.accept(order.name)
    elif word not in KINDS:
        raise ValueError(f"unknown fault {word!r}; known are {', '.join(KINDS)}")
    order.device.faults.lift(KINDS[word] if word else None)
    return _faults(order)


def _faults(order: Order) -> Outcome:
    return {"faults": [type(fault).__name__ for fault in order.device.faults]}


def _latest(order: Order) -> Outcome:
    return {"transition": asdict(order.device.model.truth[-1])}


VERBS: Mapping[str, Callable[[Order], Outcome]] = MappingProxyType(
    {
        "raise": _raise,
        "clear": _clear,
        "change": _change,
        "escalate": _escalate,
        "reboot": _reboot,
        "serial": _serial,
        "clock": _clock,
        "habits": _habits,
        "fault": _fault,
        "login": _login,
        "pair": _pair,
        "synchronise": _synchronise,
        "switch_over": _switch_over,
        "reset": _reset,
        "measure": _measure,
        "license": _license,
        "certificate": _certificate,
        "configure": _configure,
        "trap": _trap,
    }
)
"""What can be ordered, from a trap too; each docstring shows the JSON object it takes."""

SLOW_VERBS: Mapping[str, Callable[[Order], Awaitable[Outcome]]] = MappingProxyType(
    {"refuse": _refuse, "heal": _heal}
)
"""What can be ordered and has to do with sockets."""


async def perform(verb: str, order: Order) -> Outcome:
    """Do what an order says. LookupError: no such verb. ValueError, TypeError: not like that."""
    if verb in SLOW_VERBS:
        return await SLOW_VERBS[verb](order)
    if verb not in VERBS:
        raise LookupError(f"unknown verb {verb!r}; known are {', '.join([*VERBS, *SLOW_VERBS])}")
    return VERBS[verb](order)
