"""What in a submitted session asks for an eye, the moment that a drill repeats, the words that a comment is about."""

from alembic import op

revision = "0003"
down_revision = "0002"

_NEW = (("sessions", "flags", 200), ("sessions", "drill", 80), ("notes", "quote", 500))


def upgrade() -> None:
    # Plain columns, not a batch: see 0002.
    for table, column, length in _NEW:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR({length}) NOT NULL DEFAULT ''")
    op.create_index("ix_sessions_drill", "sessions", ["drill"])


def downgrade() -> None:
    op.drop_index("ix_sessions_drill", "sessions")
    for table, column, _ in _NEW:
        op.drop_column(table, column)
