"""The bridge's own alarms: what it has to say about itself, as alarms like any other."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from alarmbridge.core.alarm import Alarm, ClearReason, Origin, State
from alarmbridge.core.decision import Decision, Held
from alarmbridge.core.event import (
    Changed,
    Cleared,
    Event,
    Raised,
    tell_changed,
    tell_cleared,
    tell_raised,
)
from alarmbridge.core.ids import alarm_id_of, identity_of
from alarmbridge.core.severity import Severity

SOURCE = "alarmbridge"

_NO_WORDS: Mapping[tuple[str, str], str] = MappingProxyType({})

DEVICE_UNREACHABLE = "deviceUnreachable"
DEVICE_LOGIN_FAILED = "deviceLoginFailed"
DEVICE_UNREADABLE = "deviceUnreadable"
HISTORY_LOST = "historyLost"
FIRMWARE_CHANGED = "firmwareChanged"
LICENSE_CHANGED = "licenseChanged"
CONFIGURATION_CHANGED = "configurationChanged"
HA_SWITCHOVER = "haSwitchover"
HA_NOT_OPERATIONAL = "haNotOperational"
CERTIFICATE_EXPIRING = "certificateExpiring"
CERTIFICATE_EXPIRED = "certificateExpired"
MEASUREMENT_HIGH = "measurementHigh"
MEASUREMENT_LOW = "measurementLow"
SINK_FAILING = "sinkFailing"
DELIVERY_DEAD = "deliveryDead"
SINK_TEST = "sinkTest"


@dataclass(frozen=True, slots=True)
class OwnAlarm:
    """What an alarm of the bridge's own says; event_type and cause are X.733's words.

    meaning, check: for people, as in the catalogue of the devices' alarms.
    """

    severity: Severity
    event_type: str
    probable_cause: str
    meaning: str
    check: str


CATALOGUE = {
    DEVICE_UNREACHABLE: OwnAlarm(
        Severity.MAJOR,
        "communicationsAlarm",
        "communicationsSubsystemFailure",
        "A device gives no answer, or none in time. Its alarms stay as they were, marked stale.",
        "Look whether the device runs, and at network, firewall and TLS on the way; the text says "
        "how it failed.",
    ),
    DEVICE_LOGIN_FAILED: OwnAlarm(
        Severity.MAJOR,
        "securityServiceOrMechanismViolation",
        "authenticationFailure",
        "A device refuses the user or the password. It is left alone for auth_retry, so that it "
        "does not lock the user out.",
        "Look whether user and password are right in the configuration, and on the device whether "
        "the user is blocked, expired or of too low a level. Restart alarmbridge with new ones.",
    ),
    DEVICE_UNREADABLE: OwnAlarm(
        Severity.MAJOR,
        "communicationsAlarm",
        "communicationsProtocolError",
        "Something answers at a device's URL, but not as the alarms API does; nothing of it is "
        "believed.",
        "Look what answers there: another service, a proxy, a firmware without the API.",
    ),
    HISTORY_LOST: OwnAlarm(
        Severity.WARNING,
        "processingErrorAlarm",
        "informationMissing",
        "A device overwrote or lost its history before it was read, so alarms that came and went "
        "in the time that the text names may be missing.",
        "Look in the device's syslog for that time, and why it was not read: an outage, a "
        "restart, a storm of alarms.",
    ),
    FIRMWARE_CHANGED: OwnAlarm(
        Severity.INDETERMINATE,
        "other",
        "other",
        "A device runs another software version than when it was last read. The alarm is over at "
        "once.",
        "Look whether somebody upgraded it, or whether an HA pair switched over to a unit with "
        "another version.",
    ),
    LICENSE_CHANGED: OwnAlarm(
        Severity.WARNING,
        "processingErrorAlarm",
        "configurationOrCustomizationError",
        "A device's license is another than when it was last read. The alarm is over at once.",
        "Compare what it allows now with what it has to carry: `alarmbridge device NAME license`.",
    ),
    CONFIGURATION_CHANGED: OwnAlarm(
        Severity.INDETERMINATE,
        "other",
        "other",
        "A device's configuration is another than when it was last fetched; the text begins with "
        "what changed. The alarm is over at once.",
        "See all of it with `alarmbridge device NAME ini diff`, and who was logged in then in the "
        "device's own log.",
    ),
    HA_SWITCHOVER: OwnAlarm(
        Severity.MAJOR,
        "qualityOfServiceAlarm",
        "outOfService",
        "The other unit of an HA pair has taken over. The alarm ends when the pair is operational "
        "again.",
        "Look at the alarms of the unit that was active before, whether it is back as the "
        "redundant one, and why it gave up.",
    ),
    HA_NOT_OPERATIONAL: OwnAlarm(
        Severity.MAJOR,
        "qualityOfServiceAlarm",
        "outOfService",
        "An HA pair that was operational is not: if the active unit fails, calls fail with it.",
        "Look whether the redundant unit runs and at the network between the two; on its alarms "
        "`Redundant#1` stands in the source.",
    ),
    CERTIFICATE_EXPIRING: OwnAlarm(
        Severity.MINOR,
        "securityServiceOrMechanismViolation",
        "keyExpired",
        "The certificate of a TLS context ends soon.",
        "Renew it: `alarmbridge device NAME tls request`, and load it with `tls put`. The text "
        "says which context and when.",
    ),
    CERTIFICATE_EXPIRED: OwnAlarm(
        Severity.CRITICAL,
        "securityServiceOrMechanismViolation",
        "keyExpired",
        "The certificate of a TLS context has ended: whoever checks it takes no more calls.",
        "Renew it: `alarmbridge device NAME tls request`, and load it with `tls put`.",
    ),
    MEASUREMENT_HIGH: OwnAlarm(
        Severity.WARNING,
        "qualityOfServiceAlarm",
        "thresholdCrossed",
        "A performance measurement is above the device's own high threshold. The alarm ends once "
        "it is clearly below.",
        "See how it goes on: `alarmbridge device NAME pm`, and the device's alarms of that time.",
    ),
    MEASUREMENT_LOW: OwnAlarm(
        Severity.WARNING,
        "qualityOfServiceAlarm",
        "thresholdCrossed",
        "A performance measurement is below the device's own low threshold. The alarm ends once "
        "it is clearly above.",
        "See how it goes on: `alarmbridge device NAME pm`, and the device's alarms of that time.",
    ),
    SINK_FAILING: OwnAlarm(
        Severity.MAJOR,
        "communicationsAlarm",
        "communicationsSubsystemFailure",
        "A sink accepts nothing. What it is owed waits, and is tried again.",
        "Look whether the far end runs and takes our credentials; `alarmbridge deliveries list` "
        "shows what it answered.",
    ),
    DELIVERY_DEAD: OwnAlarm(
        Severity.MAJOR,
        "processingErrorAlarm",
        "informationMissing",
        "A delivery was given up: the far end refused it for good, or give_up_after was over.",
        "See the reason in `alarmbridge deliveries list --state dead`, put it right, and owe it "
        "once more with `alarmbridge deliveries replay`.",
    ),
    SINK_TEST: OwnAlarm(
        Severity.WARNING,
        "other",
        "other",
        "Somebody tries a sink: `alarmbridge sinks test` raises this and clears it at once.",
        "Nothing.",
    ),
}


def raise_own(
    name: str, *, device: str, subject: str, words: str, sequence: int, now: datetime
) -> Raised:
    """Raise an alarm of the bridge's own.

    device: the one that is meant, "" for none. subject: what it is about (a sink's name, the
    bounds of a gap), which with name and time tells one instance from another.
    """
    own = CATALOGUE[name]
    identity = identity_of(
        device=device, device_alarm_id=f"{name}/{subject}", date=None, oid=None, source=SOURCE
    )
    alarm_id = alarm_id_of(identity=f"{identity}/{now.isoformat()}", occurrence=0)
    alarm = Alarm(
        id=alarm_id,
        device=device,
        origin=Origin.BRIDGE,
        severity=own.severity,
        description=words,
        source=SOURCE,
        name=name,
        device_alarm_id=subject,
        event_type=own.event_type,
        probable_cause=own.probable_cause,
        raised_at=now,
        seen_at=now,
    )
    return tell_raised(alarm, sequence=sequence, now=now)


def clear_own(alarm: Alarm, *, words: str, sequence: int, now: datetime) -> Cleared:
    """Clear an alarm of the bridge's own, saying in words what has become well."""
    closed = replace(
        alarm,
        state=State.CLEARED,
        cleared_at=now,
        clear_description=words,
        clear_reason=ClearReason.DEVICE,
    )
    return tell_cleared(closed, sequence=sequence, now=now)


def events_of_gap(*, device: str, words: str, sequence: int, now: datetime) -> tuple[Event, ...]:
    """Tell of history that was overwritten."""
    return pass_by(
        HISTORY_LOST,
        device=device,
        subject="history",
        words=words,
        cleared="The table is followed again.",
        sequence=sequence,
        now=now,
    )


def pass_by(
    name: str,
    *,
    device: str,
    subject: str,
    words: str,
    cleared: str,
    sequence: int,
    now: datetime,
) -> tuple[Event, ...]:
    """Tell of what cannot go on: raised, and cleared at once with the words of `cleared`."""
    raised = raise_own(
        name, device=device, subject=subject, words=words, sequence=sequence, now=now
    )
    passing = replace(raised, alarm=replace(raised.alarm, transient=True))
    return passing, clear_own(passing.alarm, words=cleared, sequence=sequence + 1, now=now)


def keep_own(
    held: Held,
    wanted: Mapping[tuple[str, str], str],
    *,
    names: Collection[str],
    now: datetime,
    cleared: str = "It works again.",
    cleared_as: Mapping[tuple[str, str], str] = _NO_WORDS,
) -> Decision:
    """Make the alarms of these names stand exactly where they are wanted, and say what is said.

    wanted: by name and subject, the words. cleared_as: likewise what the end of one says;
    cleared: what that of any other does.
    """
    standing = {
        (alarm.name or "", alarm.device_alarm_id or ""): alarm
        for alarm in held.own
        if alarm.name in names
    }
    events: list[Event] = []
    for key, alarm in standing.items():
        sequence, words = held.sequence + len(events) + 1, wanted.get(key)
        if words is None:
            end = cleared_as.get(key, cleared)
            events.append(clear_own(alarm, words=end, sequence=sequence, now=now))
        elif words != alarm.description:
            events.append(_reword(alarm, words=words, sequence=sequence, now=now))
    for (name, subject), words in sorted(wanted.items()):
        if (name, subject) not in standing:
            sequence = held.sequence + len(events) + 1
            events.append(
                raise_own(
                    name,
                    device=held.device,
                    subject=subject,
                    words=words,
                    sequence=sequence,
                    now=now,
                )
            )
    return Decision(events=tuple(events))


def _reword(alarm: Alarm, *, words: str, sequence: int, now: datetime) -> Changed:
    revised = replace(alarm, description=words)
    return tell_changed(revised, previous_severity=alarm.severity, sequence=sequence, now=now)
