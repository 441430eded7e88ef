"""Failures of a sink, as errors of one kind: its refusal, what it broke off, a bug of its own."""

import asyncio
import logging
from typing import Any

from alarmbridge.core.errors import SinkError

_log = logging.getLogger(__name__)


def failure_of(task: asyncio.Task[Any], lane: str) -> SinkError | None:
    """Say how what a sink was asked has failed, None where it has not; the task is done.

    A sink of somebody else's may raise anything: that is logged as the bug it is. lane: its name.
    """
    if task.cancelled():
        return SinkError("the sink broke it off")
    failure = task.exception()
    if failure is None or isinstance(failure, SinkError):
        return failure
    error = SinkError(f"the sink failed with {type(failure).__name__}")
    _log.error("%s: %s", lane, error.reason, exc_info=failure)
    return error
