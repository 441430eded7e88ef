"""Shows: for now the probes of an orchestrator and the metrics; the API and the page come here.

Promises: `/healthz` answers while the process lives; `/readyz` answers 200 only when schema,
database and loops are all well, else 503 and says which is not; `/metrics` is Prometheus' text.
With tokens configured, whoever has none gets 401 on everything but the two probes, and learns
from `/readyz` only whether it is.

Refuses: to change anything; to be reached from other machines without tokens (the configuration
is refused then, before this package is asked).

On failure: an answer is 500 with no detail, the detail is in the log.
"""
