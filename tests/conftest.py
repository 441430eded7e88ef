"""What holds for all tests."""

import signal

# A shell starts what runs in its background without Ctrl-C, and tests that press it would hang.
signal.signal(signal.SIGINT, signal.default_int_handler)
