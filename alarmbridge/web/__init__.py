"""Shows: the page, the API, the metrics, and the probes of an orchestrator.

Promises: `/healthz` answers while the process lives; `/readyz` answers 200 only when schema,
database and loops are all well, else 503 and says which is not; `/metrics` is Prometheus' text.
With tokens configured, whoever has none gets 401 on everything but the two probes, and learns
from `/readyz` only whether it is. Whatever goes wrong is a problem document (RFC 9457), and what
is wrong with a question is told all at once, each by its name. Who follows the stream of events has
each once and in order, also across breaks, however many follow and however slow some of them are.

Refuses: to be reached from other machines without tokens (the configuration is refused then,
before this package is asked); to change anything for a viewer, or for a page of another origin;
a parameter or a key that nobody knows.

On failure: an answer is 500 with no detail, the detail is in the log; 503 where the archive has
failed.

Where to start: `site` puts all parts together; `server` lets in and answers what goes wrong,
`access` says who may; `pages` is what people see, `alertmanager` the API for tools that know no
other; each other module is some routes, or how they read (`questions`) and answer (`shapes`,
`problems`).

Decision: who follows a stream has a position and no queue. Because a queue for each grows with the
slowest, or loses. `news` reads what is new once for all, keeps the latest as they are sent, and
whoever is further behind reads the archive in pages, two readers at a time. Consequence: an event
is written once, and five hundred readers cost what the kernel takes for copying it to each.
"""
