"""The configuration: read once, whole, and every mistake in it told at once.

Promises: what comes out is frozen and complete (each device has its defaults merged in, each
sink the `Config` of its type), or a ConfigError holds one line for every mistake, with its path
and its place in the file. No line shows a value that could be a secret, and every secret is a
SecretStr. Nothing is read after the start, and no default is hidden outside `models`.

Refuses: to guess. A key nobody knows, a key that stands twice, a secret that is given both as
itself and as a file, a variable of an unknown section: all are mistakes and not warnings. It
opens no connection and changes nothing.

On failure: the program ends with 2 before any device is asked. `Settings.warnings` tells what
works and should not stay so.

Where to start: `loading` is the way in; `models` is every key there is, with `silences` for those.
`document` reads YAML, `environment` the variables, `shape` names unknown keys and reads secret
files, `checks` compares what no model sees alone, `times` reads moments and zones, `mistakes` and
`words` say what was found.

Decision: a scalar in the file is text until the model that wants it says otherwise. Because YAML
would read the password 0123 as 83, the tag `no` as false and 1e5 as a float. Consequence: file and
environment follow the same rules, and a sink's model must be able to read its numbers from text.

Decision: pydantic-settings reads the environment, not the file. Because its YAML source neither
notices a key that stands twice nor knows a line, and its settings model stops at the first
section whose check fails. Consequence: sections are validated one by one, and mistakes gathered.

Decision: what is null is not given. Because a section whose keys are all commented out is null.
Consequence: only where null is a value of its own (`ca_file`) does it override a default.
"""
