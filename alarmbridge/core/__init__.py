"""Decides: from what is held, what was read and the time it is given, what has happened.

Promises: plain functions over frozen values, the same answer for the same arguments, output in a
deterministic order, no exception for anything a device may say. Standard library only.

Refuses: I/O, clocks, randomness, async. Whoever calls brings the time along.

On failure: there is none to have. What could not be read never gets here (a failed read has no
Snapshot), and what is doubtful says so in its type (Unsettled) and cannot clear by absence.

Where to start: `reading` and `alarm` are the nouns, `reconcile` is the verb. `pairing` explains
the history table, `settle` the clock of a device, `health` its silence; `routing`, `gate`,
`retry` and `lane` decide about deliveries; `catalogue` knows what an OID stands for; `payload`
says an event to programs, `wording` to people, and `telling` reads it again; `report` says how the
alarms of a period were, by what the archive counted.

Decision: noise is kept down by holding deliveries, never by changing events. `routing` holds one
as it is made, `gate` judges it again when its hold is over, by how the alarm stands then. Because
what was told must be known for its clear, so each sink's story has to be its own and in the
archive, with its reasons. Consequence: only a lane settles a delivery; whoever else has news of
its alarm has it judged anew.

Decision: instance ids and event ids are name-based (RFC 4122 version 5), not drawn.
Because reading the same thing again after a crash, or after an old database was restored, must
say the same event again and not a second one. Consequence: an instance that returns with the
same id, date, oid and source after it was cleared carries its occurrence in the name.
"""
