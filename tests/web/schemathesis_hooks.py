"""What schemathesis is told of the API that no schema can say."""

import json
from typing import Any

import schemathesis

UNSAYABLE = (
    "is no cursor of this list",
    "must have letters or digits in it",
    "must lie between the years",
    "must have 1 to 500 characters that can be printed",
    "must be one line",
    "is one too many beside",
    "must be a length of time of at most",
    "must be before the end",
    "must end after starts_at",
    "is needed, or for, and not both",
    "is needed; to silence every alarm",
    "is given, and everything is true as well",
)
"""Why something may be refused that fits its schema."""


@schemathesis.hook
def filter_failure(_: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ARG001 - the names are schemathesis' own
    """Say whether a failure is one: of what was refused, each mistake must be unsayable."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    mistakes = json.loads(response.content).get("errors", [])
    said = [any(words in one["detail"] for words in UNSAYABLE) for one in mistakes]
    return not (said and all(said))
