"""Flags, drills, quotes of comments; couples that educators write, and their editions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NEW = (("sessions", "flags", 200), ("sessions", "drill", 80), ("notes", "quote", 500))


def upgrade() -> None:
    # Plain columns, not a batch: see 0002.
    for table, column, length in _NEW:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR({length}) NOT NULL DEFAULT ''")
    op.create_index("ix_sessions_drill", "sessions", ["drill"])
    about = [
        sa.Column("author", sa.String(80), nullable=False), sa.Column("files", sa.JSON, nullable=False),
    ]  # fmt: skip
    op.create_table(
        "manuscripts", sa.Column("id", sa.String(80), primary_key=True), sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False), *about,
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_table(
        "editions", sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("couple_id", sa.String(80), nullable=False), sa.Column("published", sa.Boolean, nullable=False),
        *[c.copy() for c in about], sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )  # fmt: skip
    op.create_index("ix_editions_couple_id", "editions", ["couple_id"])


def downgrade() -> None:
    op.drop_table("editions")
    op.drop_table("manuscripts")
    op.drop_index("ix_sessions_drill", "sessions")
    for table, column, _ in _NEW:
        op.drop_column(table, column)
