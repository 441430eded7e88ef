"""Many things posted in few requests, though the far end may refuse a request for one of them."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from alarmbridge.core.errors import SinkError

MOST_REFUSED = 10
"""When so many stand refused alone, no more are looked for: perhaps everything is refused."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of it. accepted: whether anything was. refused: those refused for good, alone.

    failure: why not everything was accepted; permanent where that is the refused ones' own fault.
    """

    accepted: bool
    refused: tuple[T, ...]
    failure: SinkError | None


async def post_in_batches(
    things: Sequence[T], post: Callable[[Sequence[T]], Awaitable[object]], *, at_once: int
) -> Outcome[T]:
    """Post all. One batch that fails keeps no other back, a second one ends it.

    A batch that is refused for good is halved until what is refused stands alone, so what it
    holds may be posted again, whatever the far end took of it.
    Raises SinkError when the far end wants no more, asks for a pause, or fails a second time.
    """
    batches = deque(things[first : first + at_once] for first in range(0, len(things), at_once))
    refused: list[T] = []
    accepted, failure, refusal = False, None, None
    while batches:
        batch = batches.popleft()
        try:
            await post(batch)
            accepted = True
        except SinkError as error:
            if error.permanent and len(batch) == 1:
                refused.append(batch[0])
                refusal = error
            elif error.permanent and len(refused) < MOST_REFUSED:
                middle = len(batch) // 2
                batches.extendleft((batch[middle:], batch[:middle]))
            elif failure or error.gone or error.retry_after is not None:
                raise
            else:
                failure = error
    return Outcome(accepted, tuple(refused), failure or refusal)
