"""The API against its own document: thousands of questions drawn from it, by schemathesis."""

import asyncio
import sys
from pathlib import Path

from site_cases import TOKENS, Clock, make_site
from web_cases import Serve

from alarmbridge.store.archive import Archive

# Whether a cursor is one of the list's, and whether a silence ends after it begins and not in the
# past, no schema can say: what is refused for that would count as wrongly refused.
LEFT_OUT = "positive_data_acceptance"


class Restless(Clock):
    """A clock by which a minute goes by at each look, so that no guess comes too early."""

    def monotonic(self) -> float:
        self.seconds += 60
        return self.seconds


async def test_no_question_is_answered_otherwise_than_the_document_says(
    serve: Serve, filled: Archive, tmp_path: Path
) -> None:
    served = await serve(make_site(filled, Restless(), tokens=TOKENS))
    run = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"http://127.0.0.1:{served.port}/openapi.json",
        "--header=Authorization: Bearer canary-admin",
        # A stream does not end.
        "--exclude-path=/api/v1/events/stream",
        f"--exclude-checks={LEFT_OUT}",
        "--max-examples=15",
        "--seed=1",
        "--no-color",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await run.communicate()
    assert run.returncode == 0, told.decode()[-8000:]
    assert "19" in told.decode().partition("Tested:")[2].splitlines()[0]
