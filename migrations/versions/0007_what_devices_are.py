"""Licenses and configurations of devices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "licenses",
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("serial_number", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_licenses_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_licenses")),
    )
    op.create_table(
        "configurations",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("device_id", ROW_ID, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_configurations_device_id_devices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configurations")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_configurations_device_id_id"), "configurations", ["device_id", "id"])
