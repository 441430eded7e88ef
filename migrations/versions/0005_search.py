"""Full-text search, and the questions that people ask."""

import hashlib
import re
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 1000
_TEXTS = (
    "description",
    "clear_description",
    "source",
    "name",
    "oid",
    "event_type",
    "probable_cause",
)


def upgrade() -> None:
    op.create_table(
        "alarm_texts",
        sa.Column("number", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarms.id"], name=op.f("fk_alarm_texts_alarm_id_alarms")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_alarm_texts")),
        sa.UniqueConstraint("alarm_id", name=op.f("uq_alarm_texts_alarm_id")),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["severity", "seen_at", "id"],
        ["device_id", "severity", "seen_at", "id"],
        ["dated_at", "id"],
        ["severity", "dated_at", "id"],
        ["device_id", "severity", "dated_at", "id"],
    ):
        op.create_index(op.f(f"ix_alarms_{'_'.join(columns)}"), "alarms", columns)
    active = sa.text("state = 'active'")
    for name, columns in (
        ("severity", ["severity", "seen_at", "id"]),
        ("dated", ["dated_at", "id"]),
        ("severity_dated", ["severity", "dated_at", "id"]),
        ("device_dated", ["device_id", "dated_at", "id"]),
    ):
        op.create_index(
            f"ix_alarms_active_{name}",
            "alarms",
            columns,
            sqlite_where=active,
            postgresql_where=active,
        )
    op.drop_index(op.f("ix_alarms_dated_at"), "alarms")
    op.drop_index(op.f("ix_alarms_device_id_seen_at_id"), "alarms")
    if op.get_bind().dialect.name == "sqlite":
        # Our own words are parted by blanks; all that is not ASCII belongs to one.
        op.execute(
            "CREATE VIRTUAL TABLE alarm_words USING fts5("
            "words, detail = none, tokenize = \"ascii tokenchars '_'\")"
        )
    else:
        op.execute("CREATE TABLE alarm_words (rowid bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_alarm_words_words ON alarm_words USING gin (words)")
    _fill()


def _fill() -> None:
    bind = op.get_bind()
    said = ":said" if bind.dialect.name == "sqlite" else "CAST(CAST(:said AS text) AS tsvector)"
    bind.execute(
        sa.text("INSERT INTO alarm_texts (alarm_id) SELECT id FROM alarms ORDER BY seen_at, id")
    )
    columns = ", ".join(f"alarms.{one}" for one in (*_TEXTS, "severity", "state", "dated_at"))
    page = sa.text(
        f"SELECT number, devices.name AS device, {columns} FROM alarm_texts"  # noqa: S608 - names of columns
        " JOIN alarms ON alarms.id = alarm_texts.alarm_id"
        " JOIN devices ON devices.id = alarms.device_id"
        f" WHERE number > :after ORDER BY number LIMIT {_BATCH}"
    )
    add = sa.text(f"INSERT INTO alarm_words (rowid, words) VALUES (:number, {said})")  # noqa: S608 - see above
    after = 0
    while rows := bind.execute(page, {"after": after}).mappings().all():
        bind.execute(add, [{"number": row["number"], "said": _words(row)} for row in rows])
        after = rows[-1]["number"]


def _words(row: sa.RowMapping) -> str:
    """Say as the program did when this was written what an alarm is found by."""
    words: dict[str, None] = {}
    for text in (row["device"], *(row[one] for one in _TEXTS)):
        for word in re.findall(r"[^\W_]+", (text or "").casefold()):
            words[word[:64]] = None
    device = hashlib.sha256(row["device"].encode()).hexdigest()[:16]
    at = row["dated_at"]
    day = (at.astimezone(UTC).date().isoformat() if isinstance(at, datetime) else at[:10]).replace(
        "-", ""
    )
    facets = (
        f"_severity{row['severity']}",
        f"_state{row['state']}",
        f"_device{device}",
        f"_day{day}",
        f"_month{day[:6]}",
    )
    return " ".join((*list(words)[:1000], *facets))
