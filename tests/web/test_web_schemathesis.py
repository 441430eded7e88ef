"""The API against its own document: thousands of questions drawn from it, by schemathesis."""

import asyncio
import os
import re
import sys
from pathlib import Path

from site_cases import TOKENS, Clock, make_site
from web_cases import Serve

from alarmbridge.store.archive import Archive

HERE = Path(__file__).parent


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
        "--max-examples=15",
        "--seed=1",
        "--no-color",
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "schemathesis_hooks"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await run.communicate()
    assert run.returncode == 0, told.decode()[-8000:]
    asked = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", told.decode())
    assert asked is not None
    assert int(asked[1]) == int(asked[2]) - 1 == int(asked[3])
