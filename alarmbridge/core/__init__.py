"""Decides: from what is held, what was read and the time it is given, what has happened.

Promises: plain functions over frozen values, the same answer for the same arguments, output in a
deterministic order, no exception for anything a device may say. Standard library only.

Refuses: I/O, clocks, randomness, async. Whoever calls brings the time along.

On failure: there is none to have. What could not be read never gets here (a failed read has no
Snapshot), and what is doubtful says so in its type (Unsettled) and cannot clear by absence.

Where to start: `reading` and `alarm` are the nouns, `reconcile` is the verb. `pairing` explains
the history table, `settle` the clock of a device, `health` its silence; `routing`, `retry` and
`lane` decide about deliveries; `catalogue` knows what an OID stands for; `payload` words an event
for the outside.

Decision: instance ids and event ids are name-based (RFC 4122 version 5), not drawn.
Because reading the same thing again after a crash, or after an old database was restored, must
say the same event again and not a second one. Consequence: an instance that returns with the
same id, date, oid and source after it was cleared carries its occurrence in the name.
"""
