"""A person's commands. `main` is the console script.

Promises: `--help` everywhere; tables for people on standard output, `--json` for programs; what
went wrong in plain words on standard error, without a traceback; exit 0 done, 1 failed, 2 usage
or configuration.

Refuses: anything that `app`, `store` or the simulator can do itself.

On failure: the words of the error, each mistake of a configuration on a line of its own.
"""

from alarmbridge.cli.main import main

__all__ = ["main"]
