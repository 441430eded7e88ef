"""Incident tools as alarmbridge meets them, to the letter of what each one's documents say.

Each is an HTTP server of its own with the incidents that are open there, by key. It answers what
the real one answers to good and to bad requests, and notes every breach of its contract in
`violations`, which a test expects to be empty. `desk` is what they share.

From the sinks' tests: `from incidents.pagerduty import receive_pagerduty`; from elsewhere:
`from sinks.incidents.pagerduty import receive_pagerduty`.
"""
