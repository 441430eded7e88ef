"""Proves the promise: the whole daemon in a loop with virtual time, seeds, faults and kills.

`loop` is time and SIGKILL, `plan` says what is to happen, `device_world` and `far_end` are what
stands around the daemon, `daemon` is one life of it, `world` puts all together, `oracle` and
`sink_oracle` hold what came out against the truth, `bugs` proves that they would notice.
"""
