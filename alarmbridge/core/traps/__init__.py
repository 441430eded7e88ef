"""What is known of each trap of a Mediant: the catalogue's entries, by what they are about.

Promises: plain values, made once at import; the words of a meaning and of what to check are ours.

Refuses: guesses. What no source says is None or empty, and the catalogue says that it is not
known. A wrong cause sends somebody to the wrong rack at three in the morning; a missing one does
not.

Decision: entries are Python, not a data file. Because core does no I/O, a mistyped field fails
in mypy, and a wheel cannot lack it.
"""
