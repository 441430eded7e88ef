"""Looks after what is within reach beside the alarms, where that is switched on, and never hurries.

Promises: nothing is asked that was not switched on, and nothing while the device's poller is in
trouble; what a user may not see is said once in the log and asked again as seldom as all else.
What is answered 401 though polls are accepted with the same credentials is asked no more in this
life, because each time would cost the device's alarms `auth_retry`.
Each finding is an alarm of the bridge's own, decided in `core` and stored like any other.

Where to start: `watcher` is the loop of one device. It goes its rounds: `certificates`, `license`,
`measurements`, `configuration`, each of which reads and then has something decided by `desk`.
"""
