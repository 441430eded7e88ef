"""Events by device, in the order of all events."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("ix_events_device_id_position", "events", ["device_id", "position"])
