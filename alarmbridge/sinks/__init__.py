"""Tells: one destination each. A sink reports facts; the core decides what follows from them.

Promises: `deliver` returns once the far end has accepted, and otherwise raises one SinkError that
says whether trying again can help and how long the far end asked us to wait. The same notice is
the same bytes under the same id at every attempt. Nothing secret, which for many far ends is the
whole URL, stands in an error, a repr or a log line; what a far end sends back is not shown
either, because it may echo what it was sent.

Refuses: to retry, sleep, count, read settings or touch the archive; to follow a redirect, take a
proxy from the environment, keep a cookie; to have side effects in a constructor. Sinks do not
know each other. Only `registry` knows their names, and it loads one when it is asked for.

On failure: whatever is not a clear refusal is worth another try. A sink that raises anything else
than SinkError has a bug; the dispatcher logs it and tries again all the same.

Where to start: `base` is the seam, `webhook` the sink to imitate. `http` and `answers` are what
every sink that posts over HTTP shares, `alerts` what an alarm is to Prometheus and its kin,
`details` an event's facts as a flat map, `templates` a user's own words, `threads` what a library
that blocks is called in, `fields` the kinds of value that configuration holds (here and in
`settings`, which stands above). To add a sink: the five steps that CONTRIBUTING.md numbers.

Decision: the status line alone says whether an answer accepts, unless a sink asks for more
(`FarEnd.send`). Because a far end that has said 200 has it, and waiting for a body that drips
would hold the lane. Consequence: `FarEnd.post` reads a body a little way only to keep the
connection; a far end that refuses by its body (ServiceNow's `__status`) has a sink of its own,
which waits for the body as long as for the answer and never shows it.

Decision: a webhook's secret is `whsec_` and base64 of 24 to 64 bytes, and nothing else is
taken. Because a receiver's library would decode any other string as base64 and never agree with
us, which is better found at start than at the first alarm.

Decision: Apprise is for people to read, and what has a sink that can close is refused to it.
Because it knows messages and no alarms, and answers for all of them with one boolean. Consequence:
what it is refused by is shown where it can be overheard, and never judged by; its services wait
between two messages as their makers ask, and take a proxy from the environment, as no other sink
does.
"""
