"""Plays a device: a farm of simulated Mediants for the demo, the tests and the benchmarks.

Promises: all that the guide shows (LTRT-41762), its alarms in every way that a device might
reasonably do it, and a list of what truly happened to hold a bridge's word against. What a request
changes stays changed: a configuration until a reset unless it was saved, a certificate for good.
The same seed gives the same devices, the same habits, the same alarms in the same order, in any
process, whatever PYTHONHASHSEED says; private keys alone are drawn anew.

Refuses: to know anything of alarmbridge. It has words of its own, because a simulator that
shares a parser or a severity with the program would share its mistakes. It does not refuse what
the guide is silent about: an unknown parameter of a configuration is kept, software is whatever
begins with `files.MAGIC`. It is no place for secrets; those of its configurations are drawn from
the seed, and whoever reaches its control port may do anything to its devices.

On failure: a misuse (clearing what is not active, an unknown kind of alarm) raises ValueError at
once, and the control surface says it with 400. Misbehaviour towards the bridge is never a failure
but a fault somebody asked for.

Where to start: `model` is one device, pure and synchronous, with `habits` for what the guide
leaves open, `truth` for what happened, `tables`, `paging` and `bodies` for what it shows; its
`lifecycle` boots it. All that is no alarm is in its `box`, made when it is first asked for:
`actions`, `files` (over `configuration`, `ini` and `commands`), `certificates` (over `keys`),
`measurements`, `license`; `resources` says at which path each is and who may do what to it.
`device` is the front door: the login, the count of what was asked, the `faults` (`rubbish` among
them). Everything up to here takes the time as an argument, and is what a simulation in virtual
time calls. `farm` puts many devices behind sockets, `intake` reads what is sent to them, `misdeed`
does there what no plain answer can, and `control` lets another process pull the strings that
`orders` lists. `repertoire` holds alarms of the field, `script` says in `steps` what happens when,
and `player` carries it out.

Decision: one socket may carry every device, each known by the loopback address it was called on
(127.1.0.1, 127.1.0.2, …). Because a thousand listening sockets cost a thousand descriptors, and
because a bridge that is given nothing but base URLs must be able to reach them. Consequence: that
mode wants an operating system that owns all of 127.0.0.0/8, as Linux does; elsewhere each device
has its own port, which is the default.
"""
