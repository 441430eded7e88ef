"""alarmbridge follows the alarms of AudioCodes Mediant devices and tells every raise and clear.

What happens to an alarm
------------------------
A Mediant keeps its alarms in two tables behind a REST API, and tells nobody who does not ask.
So a poller per device asks one small question, again and again: when did your alarms last
change? While the answer stands still, that is all. When it moves, the poller reads both tables,
the active alarms and the history, and reads whole what it has not seen before.

What was read becomes a snapshot, and the snapshot says in its type how far it may be believed.
A device's clock has one-second resolution, a table may change while it is paged, a reboot starts
all ids over. A settled snapshot proves what it lacks; an unsettled one proves only what it shows.
The core, which is plain functions over values, lays the snapshot beside what the archive holds
and decides: raised, changed, cleared, and nothing cleared without its proof.

One transaction stores the alarms, the events and a delivery for each sink that is to hear of
them. Only after the commit is anybody told. A lane per sink takes what it is owed, oldest first
for each alarm, asks the gate whether it goes now (a delay, a silence, an alarm that flaps may hold
it), and records what came of it; what fails is tried again for days, what is told twice bears the
same id. Kill the program at any instant: the archive knows what is still owed.

When a device cannot be read, that is an alarm as well, of the bridge's own, and the archive
remembers from when to when it was blind.

The layers
----------
Each knows only what stands below it, and nothing of what stands beside it; import-linter says so,
in `pyproject.toml`.

    cli                          a person's commands
    demo                         the daemon with devices and a receiver that are played
    app | trial                  put the parts together: all of them, or one sink's
    translation                  settings as the values that parts are given: no part knows settings
    system                       the real clock and dice
    settings | web | runtime     the configuration; probes, metrics, API and page; the loops
    store | mediant | sinks      the archive, in SQL; the device's REST API; one destination each
    telemetry | recurrence       the program's own log and metrics; when silences hold
    core                         decides; standard library only, no I/O

    simulator                    plays a farm of devices; stands apart: nothing of the daemon
                                 imports it, and it imports nothing of the daemon

Where to start reading
----------------------
`runtime/poller.py` and `runtime/sync.py` are the main path, a screen each. From there:
`core/reconcile.py` for what a sync means, `core/settle.py` and `core/pairing.py` for the two
hazards that shape it (one-second time, and a history that must be paired), `mediant/survey.py` for
how the tables are read, `runtime/recorder.py` and `runtime/dispatcher.py` for how the news leaves
the house, and `core/gate.py` for what keeps it in.
"""

__version__ = "0.1.0"
