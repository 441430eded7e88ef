"""The hour of each alarm among the words that it is found by."""

from alembic import op

revision = "0008"
down_revision = "0007"

_HOUR = {
    "sqlite": "' _hour' || replace(replace(substr(dated_at, 1, 13), '-', ''), 'T', '')",
    "postgresql": "array_to_tsvector(ARRAY["
    "'_hour' || to_char(dated_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24')])",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("DROP INDEX ix_alarm_words_words")
    op.execute(
        f"UPDATE alarm_words SET words = words || (SELECT {_HOUR[dialect]} FROM alarms"  # noqa: S608 - our own
        " JOIN alarm_texts ON alarm_texts.alarm_id = alarms.id"
        " WHERE alarm_texts.number = alarm_words.rowid)"
    )
    if dialect == "postgresql":
        op.execute("CREATE INDEX ix_alarm_words_words ON alarm_words USING gin (words)")
