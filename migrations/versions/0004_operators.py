"""What operators do, and the sessions of their browsers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("alarms", sa.Column("operator_closed_at", INSTANT))
    op.add_column("alarms", sa.Column("operator_closed_by", sa.Text()))
    _create_operator_actions()
    _create_sessions()


def _create_operator_actions() -> None:
    op.create_table(
        "operator_actions",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text()),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarms.id"], name=op.f("fk_operator_actions_alarm_id_alarms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_actions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_operator_actions_at"), "operator_actions", ["at"])
    op.create_index(op.f("ix_operator_actions_alarm_id_id"), "operator_actions", ["alarm_id", "id"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_ends_at"), "sessions", ["ends_at"])
