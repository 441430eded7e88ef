"""Speaks Alertmanager's API v2: what stands, and silences, to tools that know no other.

Promises: amtool, karma and whatever else reads an Alertmanager find each active alarm as an alert,
with the labels that the sink `alertmanager` gives it, and `severity` and `origin` beside them; and
every silence as one of theirs. A silence that they make silences what it says, no more.

Refuses: alerts that are pushed; a silence that cannot be said as a match of ours (a negation, a
regular expression that is more than alternatives with `.*` and `.+`, severities that are not all
from one upwards), with the reason; ending a silence of the configuration.

On failure: a JSON text with the status, as an Alertmanager answers.

Where to start: `api` has the routes, `alerts` makes alerts of alarms, `matchers` reads and writes
what is matched, `silences` turns one kind of silence into the other.
"""
