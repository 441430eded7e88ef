"""Speaks Alertmanager's API v2: what stands, and silences, to tools that know no other.

Promises: amtool, karma and whatever else reads an Alertmanager find each active alarm as an alert,
with the labels that the sink `alertmanager` gives it, and `severity` and `origin` beside them; and
every silence as one of theirs. A silence that they make silences what it says, no more and no less.

Refuses: alerts that are pushed; a silence that no match of ours says exactly, with the reason;
ending a silence of the configuration. A parameter that nobody knows is passed over, unlike
elsewhere in the API: tools of all versions ask, and an Alertmanager does so too.

On failure: a JSON text with the status, as an Alertmanager answers.

Where to start: `api` has the routes, `alert_lists` finds what stands and writes it piece by piece,
`alerts` makes alerts of alarms, `matchers` reads what is matched, `translation` turns that into a
match of ours and back with the globs of `patterns`, `silences` reads and writes silences.
"""
