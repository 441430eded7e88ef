"""Remembers: devices, alarms, events, deliveries and blind spells, in SQLite or PostgreSQL.

Promises: what a transaction wrote is there whole or not at all, and there after a power cut
(SQLite with synchronous=FULL, PostgreSQL as it is configured). A change of state is a
compare-and-set that says whether it won. Aware UTC instants and text come back as they went in.
A poll that found nothing new writes nothing. Answers are in a stated, repeatable order, and long
ones come in pages whose cost does not grow with how far one has read.

Refuses: the clock (every `now` is handed in), the network inside a transaction, an ORM session,
committing (whoever opened a transaction ends it), and a database of another revision.

On failure: every failure of a driver is a StoreError in plain words with its cause; nothing of
the transaction remains. A lost race is StaleClaim: load again and decide anew. Trying the same
transaction again after an unknown outcome cannot store anything twice.

Where to start: `archive` opens, `transaction` is what all functions take, `tables` is the schema,
`decisions` is the main path, `lanes` what the dispatcher asks. `schema` and `lock` are for start.

Decision: SQLAlchemy Core, no ORM. Because the core's values are frozen and complete, so that an
identity map would only be a second truth; and because a storm goes through here, at the cost of
a few executemany. Consequence: rows become values by hand, in one place for each kind.

Decision: an event's body is stored as the text that is sent. Because a repeat after a crash, a
replay after a year and the API must say the same bytes under the same id, whatever the program,
the tags or the device's version are by then. Consequence: about one kilobyte for each event.

Decision: whoever writes a device compares its `sequence` (and `claim`) first, in the same
statement that moves it on. Because a decision is true only of what it was made from, and this
one row is a lock that needs no lock: two pollers, a zombie after a pause, a retry after an
unknown commit all fail there. `claim` is room for the fencing number of several daemons.

Decision: which holes among events' positions may yet be filled is asked of PostgreSQL's locks.
Because position 11 may be seen before 10, and a stream that told it would never tell 10. A
snapshot's bounds do not say it: its upper one may be below a transaction that holds 10, and its
lower one is held back by anybody who reads for long. Consequence: whoever writes events inserts
into `events`, whose lock is held from before a position is taken until after it can be seen.

Decision: which delivery is next is a flag (`head`), not a question asked of all rows each time.
Because one alarm that flaps behind a poisoned delivery would make every look at the lane read
all that waits, and no alarm may hold up another. Consequence: `heads` has rules about locks.

Decision: a list asks each device and severity for its newest alone and lays what they give together
(`branches`), after a look at the newest alarms of all. Because no index has every filter in the
order of a list, and ten million alarms are an ordinary size. Lists of events and deliveries ask for
each of several values alone in the same way. Consequence: a dozen indexes of alarms, those of what
stands being small.

Decision: words are found by the database's own index of words, in the order in which alarms were
entered, and what lists are filtered by stands among the words (`word_facets`). Because one question
to one index is quick however common a word and however rare a severity. Consequence: a list of
hits is in another order than a list of alarms, and words are whole, or begin so (`trunk*`).
"""
