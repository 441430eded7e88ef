"""The schema: what the archive keeps, as tables."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from alarmbridge.store.column_types import Instant, RowId

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Words in the conditions of partial indexes stand in the SQL itself: no planner finds such an
# index for a parameter.
ACTIVE = literal_column("'active'", Text)
PENDING = literal_column("'pending'", Text)
DEAD = literal_column("'dead'", Text)
DROPPED = literal_column("'dropped'", Text)

# The row named "" is the bridge itself, for alarms that mean no device. sequence is that of the
# latest event and what every writer compares; claim is the fencing number of whoever may write.
# login_refused: a digest of the credentials that were refused, by which they are known again.
devices = Table(
    "devices",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False, server_default=""),
    Column("tags", JSON, nullable=False, server_default="{}"),
    Column("product", Text),
    Column("version", Text),
    Column("serial_number", Text),
    Column("uptime", BigInteger),
    Column("high_availability", Text),
    Column("sequence", BigInteger, nullable=False, server_default="0"),
    Column("read_at", Instant),
    Column("newest_last", Boolean),
    Column("login_refused_at", Instant),
    Column("login_refused", Text),
    Column("first_seen_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("claim", BigInteger, nullable=False, server_default="0"),
)

# identity: what it was raised as, never changed after. dated_at: raised_at, or seen_at where the
# device gave none. closed_at: when the bridge wrote its clear, on our clock, which retention goes
# by. device_date: raw, for it is read anew each time.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device_id", RowId, ForeignKey("devices.id"), nullable=False),
    Column("identity", Text, nullable=False, index=True),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("clear_description", Text),
    Column("source", Text),
    Column("oid", Text),
    Column("name", Text),
    Column("event_type", Text),
    Column("probable_cause", Text),
    Column("device_alarm_id", Text),
    Column("device_date", Text),
    Column("raised_at", Instant),
    Column("dated_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("cleared_raw", Text),
    Column("clear_reason", Text),
    Column("seen_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("transient", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("raise_row", Text),
    Column("clear_row", Text),
    Column("stale", Boolean, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Column("operator_closed_at", Instant),
    Column("operator_closed_by", Text),
    Index(None, "seen_at", "id"),
    Index(None, "severity", "seen_at", "id"),
    Index(None, "device_id", "severity", "seen_at", "id"),
    Index(None, "dated_at", "id"),
    Index(None, "severity", "dated_at", "id"),
    Index(None, "device_id", "severity", "dated_at", "id"),
)


def _partial(name: str, *columns: Column[object], where: object) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# severity: so that a device's are counted by it without a look at the alarms themselves.
_partial(
    "ix_alarms_active",
    alarms.c.device_id,
    alarms.c.seen_at,
    alarms.c.id,
    alarms.c.severity,
    where=alarms.c.state == ACTIVE,
)
_partial("ix_alarms_active_seen", alarms.c.seen_at, alarms.c.id, where=alarms.c.state == ACTIVE)
_partial(
    "ix_alarms_active_severity",
    alarms.c.severity,
    alarms.c.seen_at,
    alarms.c.id,
    where=alarms.c.state == ACTIVE,
)
# Otherwise what stands since long ago would be looked for among all that was cleared since.
_partial("ix_alarms_active_dated", alarms.c.dated_at, alarms.c.id, where=alarms.c.state == ACTIVE)
_partial(
    "ix_alarms_active_severity_dated",
    alarms.c.severity,
    alarms.c.dated_at,
    alarms.c.id,
    where=alarms.c.state == ACTIVE,
)
_partial(
    "ix_alarms_active_device_dated",
    alarms.c.device_id,
    alarms.c.dated_at,
    alarms.c.id,
    where=alarms.c.state == ACTIVE,
)
# Not of the bridge's own alone: SQLite keeps no count of an index that is empty, and shuns it.
_partial(
    "ix_alarms_active_origin",
    alarms.c.origin,
    alarms.c.seen_at,
    alarms.c.id,
    where=alarms.c.state == ACTIVE,
)
_partial("ix_alarms_closed", alarms.c.closed_at, alarms.c.id, where=alarms.c.closed_at.is_not(None))
_partial(
    "ix_alarms_loose",
    alarms.c.device_id,
    alarms.c.closed_at,
    where=(alarms.c.clear_row.is_(None) | alarms.c.raise_row.is_(None))
    & alarms.c.closed_at.is_not(None),
)

# position is never given out twice, because streams resume by it.
events = Table(
    "events",
    metadata,
    Column("position", RowId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("alarm_id", Text, ForeignKey("alarms.id"), nullable=False),
    Column("device_id", RowId, ForeignKey("devices.id"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("device_id", "sequence"),
    Index(None, "alarm_id", "position"),
    Index(None, "device_id", "position"),
    sqlite_autoincrement=True,
)

# head: no earlier delivery of the same alarm to the same sink is pending, so this one may go.
# held_by, held_until: what it waits for, or waited for last. accepted_at: the far end has had it,
# also when it is owed again. credential: a secret, never shown. device_id: that of the alarm.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("event_id", Text, ForeignKey("events.id"), nullable=False),
    Column("alarm_id", Text, ForeignKey("alarms.id"), nullable=False),
    Column("sink", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("head", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("reason", Text),
    Column("answer", Text),
    Column("held_by", Text),
    Column("held_until", Instant),
    Column("note", Text),
    Column("credential", Text),
    Column("accepted_at", Instant),
    Column("forced", Boolean, nullable=False, server_default=false()),
    Column("device_id", RowId),
    UniqueConstraint("event_id", "sink"),
    CheckConstraint("NOT head OR state = 'pending'", name="head"),
    Index(None, "alarm_id", "sink", "id"),
    Index(None, "device_id", "state", "id"),
    Index(None, "sink", "state", "id"),
)
_partial(
    "ix_deliveries_heads",
    deliveries.c.sink,
    deliveries.c.next_at,
    deliveries.c.id,
    where=deliveries.c.head,
)
_partial(
    "ix_deliveries_pending", deliveries.c.id, deliveries.c.sink, where=deliveries.c.state == PENDING
)
_partial("ix_deliveries_dead", deliveries.c.id, deliveries.c.sink, where=deliveries.c.state == DEAD)
_partial(
    "ix_deliveries_dropped", deliveries.c.id, deliveries.c.sink, where=deliveries.c.state == DROPPED
)

# For far ends that know an alarm by a key that several instances share, one after the other.
_partial(
    "ix_deliveries_keys",
    deliveries.c.sink,
    deliveries.c.key,
    deliveries.c.id,
    where=deliveries.c.state == PENDING,
)
_partial(
    "ix_deliveries_held",
    deliveries.c.held_by,
    deliveries.c.id,
    where=(deliveries.c.state == PENDING) & deliveries.c.held_by.is_not(None),
)

# What befell a delivery on its way: it was held, an attempt failed, it was owed again.
delivery_remarks = Table(
    "delivery_remarks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", RowId, ForeignKey("deliveries.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "delivery_id", "id"),
)

# key: see core's `flapping`. recent: moments of the latest raises, as text.
flaps = Table(
    "flaps",
    metadata,
    Column("sink", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("recent", JSON, nullable=False),
    Column("since", Instant),
    Column("told", Text),
    Column("last_at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

history_marks = Table(
    "history_marks",
    metadata,
    Column("device_id", RowId, ForeignKey("devices.id"), primary_key=True),
    Column("history_id", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("firm", Boolean, nullable=False),
    Column("date", Text),
    Column("clears", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

blind_spells = Table(
    "blind_spells",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("device_id", RowId, ForeignKey("devices.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("reason", Text, nullable=False),
)
Index(
    "uq_blind_spells_open",
    blind_spells.c.device_id,
    blind_spells.c.kind,
    unique=True,
    sqlite_where=blind_spells.c.until.is_(None),
    postgresql_where=blind_spells.c.until.is_(None),
)

# An id is never given out twice, because deliveries name the silence that they waited for.
silences = Table(
    "silences",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("match", JSON, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("comment", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# Who changed what, by whichever way. action: an OperatorAction where it is about an alarm, else
# what was done (`silence.add`); target: to what, where that is no alarm.
operator_actions = Table(
    "operator_actions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("alarm_id", Text, ForeignKey("alarms.id")),
    Column("target", Text, nullable=False, server_default=""),
    Column("comment", Text, nullable=False, server_default=""),
    Index(None, "alarm_id", "id"),
    sqlite_autoincrement=True,
)

# id: a digest of what the browser holds. proof: that it was opened with a token, which nobody can
# find out without it.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("proof", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)

# number: rises as alarms are entered; see `alarm_words`, which has the words by it.
alarm_texts = Table(
    "alarm_texts",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("alarm_id", Text, ForeignKey("alarms.id"), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

# What a device's license was when it was last read; digest: of its key.
licenses = Table(
    "licenses",
    metadata,
    Column("device_id", RowId, ForeignKey("devices.id"), primary_key=True),
    Column("serial_number", Text),
    Column("digest", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# body: the INI file with its secrets masked, by zlib. checked_at: when it was last found the same.
configurations = Table(
    "configurations",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("device_id", RowId, ForeignKey("devices.id"), nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "device_id", "id"),
    sqlite_autoincrement=True,
)
