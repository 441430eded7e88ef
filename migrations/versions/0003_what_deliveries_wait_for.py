"""What deliveries wait for and what befell them, flapping, acknowledgement."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _extend_alarms()
    _extend_deliveries()
    _create_delivery_remarks()
    _create_flaps()


def _extend_alarms() -> None:
    op.add_column("alarms", sa.Column("acknowledged_at", INSTANT))
    op.add_column("alarms", sa.Column("acknowledged_by", sa.Text()))


def _extend_deliveries() -> None:
    for column in (
        sa.Column("held_by", sa.Text()),
        sa.Column("held_until", INSTANT),
        sa.Column("note", sa.Text()),
        sa.Column("credential", sa.Text()),
        sa.Column("accepted_at", INSTANT),
        sa.Column("forced", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("deliveries", column)
    op.execute("UPDATE deliveries SET accepted_at = settled_at WHERE state = 'delivered'")
    pending = sa.text("state = 'pending'")
    op.create_index(
        "ix_deliveries_keys",
        "deliveries",
        ["sink", "key", "id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    held = sa.text("state = 'pending' AND held_by IS NOT NULL")
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["held_by", "id"],
        sqlite_where=held,
        postgresql_where=held,
    )


def _create_delivery_remarks() -> None:
    op.create_table(
        "delivery_remarks",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("delivery_id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_delivery_remarks_delivery_id_deliveries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_remarks")),
    )
    op.create_index(
        op.f("ix_delivery_remarks_delivery_id_id"), "delivery_remarks", ["delivery_id", "id"]
    )


def _create_flaps() -> None:
    op.create_table(
        "flaps",
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("since", INSTANT),
        sa.Column("told", sa.Text()),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sink", "key", name=op.f("pk_flaps")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_flaps_last_at"), "flaps", ["last_at"])
