"""Resync: what a far end has to be told so that it shows what stands, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alarmbridge.core.alarm import Alarm, State
from alarmbridge.core.routing import Subscription, why_unwanted


class Step(StrEnum):
    """What is to be done about one alarm."""

    RESTATE = "restate"
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the ledger says of one alarm at one sink.

    told, closed: whether the far end accepted the alarm, and its clear. waiting: something of it
    is on its way. latest: the id of the event that says how it stands; latest_kind: raised or
    changed. delivery, clear: the deliveries of that event and of the clear, None for none.
    """

    alarm: Alarm
    tags: Mapping[str, str]
    told: bool
    closed: bool
    waiting: bool
    latest: str
    latest_kind: str
    delivery: int | None
    clear: int | None


@dataclass(frozen=True, slots=True)
class Resync:
    """One thing to do, and why."""

    step: Step
    account: Account
    reason: str


def plan_resync(accounts: Iterable[Account], subscription: Subscription) -> tuple[Resync, ...]:
    """Say what a sink has to be told once more, in the order of the accounts.

    What was told and stands is told again; what stands, is wanted and was not told is opened;
    what was told, stands no longer and was never closed is closed. What is on its way is left.
    """
    planned = (_plan(account, subscription) for account in accounts)
    return tuple(one for one in planned if one is not None)


def _plan(account: Account, subscription: Subscription) -> Resync | None:
    if account.waiting:
        return None
    if account.alarm.state is State.CLEARED:
        if not account.told or account.closed or account.clear is None:
            return None
        return Resync(Step.CLOSE, account, "told here, and cleared since")
    if account.told:
        return Resync(Step.RESTATE, account, "told here, and stands")
    if why_unwanted(account.alarm, subscription, account.tags) is None:
        return Resync(Step.OPEN, account, "stands, and was not told here")
    return None
