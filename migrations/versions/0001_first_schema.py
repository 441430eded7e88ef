"""The first schema: devices, alarms, events, deliveries, history marks, blind spells."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _create_devices()
    _create_alarms()
    _create_blind_spells()
    _create_history_marks()
    _create_events()
    _create_deliveries()
    # The bridge itself, for alarms that mean no device.
    op.execute(
        "INSERT INTO devices (name, first_seen_at) VALUES ('', '1970-01-01T00:00:00.000000Z')"
    )


def _create_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("product", sa.Text()),
        sa.Column("version", sa.Text()),
        sa.Column("serial_number", sa.Text()),
        sa.Column("uptime", sa.BigInteger()),
        sa.Column("high_availability", sa.Text()),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("newest_last", sa.Boolean()),
        sa.Column("login_refused_at", INSTANT),
        sa.Column("login_refused", sa.Text()),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.Column("claim", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("name", name=op.f("uq_devices_name")),
    )


def _create_alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("clear_description", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("oid", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("event_type", sa.Text()),
        sa.Column("probable_cause", sa.Text()),
        sa.Column("device_alarm_id", sa.Text()),
        sa.Column("device_date", sa.Text()),
        sa.Column("raised_at", INSTANT),
        sa.Column("dated_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT),
        sa.Column("cleared_raw", sa.Text()),
        sa.Column("clear_reason", sa.Text()),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("transient", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("raise_row", sa.Text()),
        sa.Column("clear_row", sa.Text()),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_alarms_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(
        "ix_alarms_active",
        "alarms",
        ["device_id", "seen_at", "id"],
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "ix_alarms_active_seen",
        "alarms",
        ["seen_at", "id"],
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "ix_alarms_closed",
        "alarms",
        ["closed_at", "id"],
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_alarms_dated_at", "alarms", ["dated_at"])
    op.create_index("ix_alarms_device_id_seen_at_id", "alarms", ["device_id", "seen_at", "id"])
    op.create_index("ix_alarms_identity", "alarms", ["identity"])
    op.create_index(
        "ix_alarms_loose",
        "alarms",
        ["device_id", "closed_at"],
        sqlite_where=sa.text("(clear_row IS NULL OR raise_row IS NULL) AND closed_at IS NOT NULL"),
        postgresql_where=sa.text(
            "(clear_row IS NULL OR raise_row IS NULL) AND closed_at IS NOT NULL"
        ),
    )
    op.create_index("ix_alarms_seen_at_id", "alarms", ["seen_at", "id"])


def _create_blind_spells() -> None:
    op.create_table(
        "blind_spells",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_blind_spells_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_spells")),
    )
    op.create_index("ix_blind_spells_device_id", "blind_spells", ["device_id"])
    op.create_index(
        "uq_blind_spells_open",
        "blind_spells",
        ["device_id", "kind"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _create_history_marks() -> None:
    op.create_table(
        "history_marks",
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("history_id", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("firm", sa.Boolean(), nullable=False),
        sa.Column("date", sa.Text()),
        sa.Column("clears", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_history_marks_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("device_id", "history_id", name=op.f("pk_history_marks")),
        sqlite_with_rowid=False,
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("position", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarms.id"], name=op.f("fk_events_alarm_id_alarms")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_events_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint("device_id", "sequence", name=op.f("uq_events_device_id_sequence")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_alarm_id_position", "events", ["alarm_id", "position"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("head", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint("NOT head OR state = 'pending'", name=op.f("ck_deliveries_head")),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarms.id"], name=op.f("fk_deliveries_alarm_id_alarms")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_deliveries_event_id_events")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("event_id", "sink", name=op.f("uq_deliveries_event_id_sink")),
    )
    op.create_index("ix_deliveries_alarm_id_sink_id", "deliveries", ["alarm_id", "sink", "id"])
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["id", "sink"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_deliveries_heads",
        "deliveries",
        ["sink", "next_at", "id"],
        sqlite_where=sa.text("head = 1"),
        postgresql_where=sa.text("head"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["id", "sink"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
