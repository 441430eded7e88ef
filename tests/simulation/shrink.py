"""Makes a failing plan smaller: ddmin over its operations, keeping the broken invariant."""

from collections.abc import Callable

from .daemon import Parts
from .plan import Op, Plan
from .world import World

_MOST_RUNS = 400


def shrink(
    plan: Plan,
    *,
    parts: Parts | None = None,
    invariant: str | None = None,
    tell: Callable[[str], object] = print,
) -> Plan:
    """Find a plan with fewer operations that breaks the same invariant as the first one broken."""
    found = World(plan, parts=parts).run().violations
    if not found:
        return plan
    wanted = invariant or found[0].invariant
    runs = 0

    def fails(ops: tuple[Op, ...]) -> bool:
        nonlocal runs
        runs += 1
        report = World(plan.only(ops), parts=parts).run()
        return any(violation.invariant == wanted for violation in report.violations)

    ops, pieces = plan.ops, 2
    while len(ops) >= 2 and runs < _MOST_RUNS:
        size = max(1, len(ops) // pieces)
        for start in range(0, len(ops), size):
            fewer = ops[:start] + ops[start + size :]
            if runs < _MOST_RUNS and fails(fewer):
                ops, pieces = fewer, max(2, pieces - 1)
                tell(f"{wanted}: {len(ops)} operations after {runs} runs")
                break
        else:
            if size == 1:
                break
            pieces = min(len(ops), pieces * 2)
    return plan.only(ops)
