"""Shows how the program itself is doing: its log and its metrics.

Promises: one line per change of state, on stderr, readable as it is or as JSON; device text in
a line can forge neither another line nor a terminal's colours; label sets are bounded.

Refuses: deciding anything; knowing devices, sinks or the archive.

On failure: a line that cannot be written is lost, and nothing else is.
"""
