"""Does: the loops. Start reading at `poller`, then `sync`, `recorder` and `dispatcher`.

    poller ─▶ sync ─decision─▶ recorder ─one transaction─▶ archive ─take─▶ dispatcher ─▶ sink
      ▲                            └──────────────── wake ─────────────────────▲
      └── sweeps, from `chores`

`engine` puts these together, `life` begins and ends their loops. Beside the poller of a device,
`watch` looks after what is no alarm, where that is switched on. What the dispatcher takes goes
through `gate`; `notices` words it, `throttle` keeps the rate, `refresh` says it again to far ends
that forget.

Promises: what a poll found is stored together with everything that follows from it, or not at
all; whoever is told was owed it in the archive first; an unchanged poll makes one request and
writes nothing; a device's trouble stays with the device and a sink's with the sink.

Refuses: clocks, dice and sockets of its own (`ports` hands them in), decisions (core makes
them), SQL (store knows it), network inside a transaction.

On failure: a failed read is counted in `Health` and nothing of it is believed; a transaction
that fails leaves everything as it was, and the next step begins again from the archive; a bug
in a step is logged with its traceback and the loop goes on after a pause.

Decision: nothing but hints lives in memory (the token last seen, the pause, who failed lately).
Because a kill at any instant must lose nothing. Consequence: each sync loads what is held, which
costs two reads, and memory does not grow with the number of alarms.

Decision: a write names what it was decided from (the device's sequence), and loses if somebody
moved the device on. Because one day several daemons share one archive; here it already lets the
operator's commands write beside the daemon.

Decision: a lane's transactions go before the pollers that queue for the archive. Because in a
storm the first delivery would otherwise be recorded after the last sync. To bound how many
pollers decide and record at once was measured as well, and changed nothing: what they wait for is
the reading, which is not bounded, so that slow devices hold up no other.

Decision: the first look at a device asks the archive whether these very credentials were refused
lately. Because a supervisor that restarts us again and again would else lock the user out.
"""
