"""Deliveries by device, sink and state; active alarms counted by device and severity."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("device_id", ROW_ID))
    op.execute(
        "UPDATE deliveries SET device_id ="
        " (SELECT device_id FROM alarms WHERE alarms.id = deliveries.alarm_id)"
    )
    for columns in (["device_id", "state", "id"], ["sink", "state", "id"]):
        op.create_index(op.f(f"ix_deliveries_{'_'.join(columns)}"), "deliveries", columns)
    dropped = sa.text("state = 'dropped'")
    op.create_index(
        "ix_deliveries_dropped",
        "deliveries",
        ["id", "sink"],
        sqlite_where=dropped,
        postgresql_where=dropped,
    )
    active = sa.text("state = 'active'")
    op.drop_index("ix_alarms_active", "alarms")
    op.create_index(
        "ix_alarms_active",
        "alarms",
        ["device_id", "seen_at", "id", "severity"],
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index(
        "ix_alarms_active_origin",
        "alarms",
        ["origin", "seen_at", "id"],
        sqlite_where=active,
        postgresql_where=active,
    )
