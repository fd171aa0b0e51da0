"""Accounts, groups, notes, reviews and the audit log; sessions get an owner."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _when(name: str, *, null: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _text(name: str, size: int) -> "sa.Column[Any]":
    return sa.Column(name, sa.String(size), nullable=False)


def _id() -> "sa.Column[Any]":
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _session() -> "sa.Column[Any]":
    return sa.Column("session_id", sa.String(36), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False)


def _user(
    name: str = "user_id", *, null: bool = False, gone: str | None = "CASCADE", key: bool = False
) -> "sa.Column[Any]":
    return sa.Column(name, sa.Integer, sa.ForeignKey("users.id", ondelete=gone), nullable=null, primary_key=key)


def upgrade() -> None:
    op.create_table(
        "users", _id(), sa.Column("name", sa.String(80), nullable=False, unique=True), _text("role", 20),
        _text("password", 200), _when("created"), sa.Column("disabled", sa.Boolean, nullable=False),
    )  # fmt: skip
    op.create_table("memberships", sa.Column("group", sa.String(80), primary_key=True), _user(key=True))
    op.create_table(
        "logins", sa.Column("token", sa.String(64), primary_key=True), _user(), _when("created"), _when("expires")
    )
    op.create_index("ix_logins_user_id", "logins", ["user_id"])
    op.create_table(
        "throttles", sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False), _when("until"),
    )  # fmt: skip
    op.create_table("audit", _id(), _when("at"), _text("actor", 80), _text("action", 40), _text("subject", 120))
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "notes", _id(), _session(), sa.Column("turn", sa.Integer, nullable=False),
        _user("author_id", null=True, gone=None), _text("author", 80), _text("kind", 20),
        sa.Column("text", sa.Text, nullable=False), _when("created"),
    )  # fmt: skip
    op.create_index("ix_notes_session_id", "notes", ["session_id"])
    op.create_table(
        "reviews", _id(), _session(), _user("author_id", null=True, gone=None), _text("author", 80), _when("created"),
        sa.Column("blind", sa.Boolean, nullable=False), sa.Column("summary", sa.Text, nullable=False),
        _when("signed", null=True), sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("session_id", "author"),
    )  # fmt: skip
    op.create_index("ix_reviews_session_id", "reviews", ["session_id"])
    op.create_table(
        "judgements", _id(),
        sa.Column("review_id", sa.Integer, sa.ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False), _text("skill", 40), _text("verdict", 20),
        sa.Column("level", sa.Integer), _text("code", 60), sa.Column("reason", sa.Text, nullable=False),
        sa.Column("engine_level", sa.Integer), _text("rubric_version", 80), _when("created"),
    )  # fmt: skip
    op.create_index("ix_judgements_review_id", "judgements", ["review_id"])
    # Not in a batch: SQLite would make the table anew, and dropping the old one deletes every turn with it.
    for column in (
        "owner_id INTEGER REFERENCES users (id)", "submitted TIMESTAMP WITH TIME ZONE", "parent_id VARCHAR(36)",
        "parent_length INTEGER NOT NULL DEFAULT 0",
    ):  # fmt: skip
        if op.get_bind().dialect.name == "sqlite":
            column = column.replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
        op.execute(f"ALTER TABLE sessions ADD COLUMN {column}")
    for name in ("owner_id", "submitted", "parent_id"):
        op.create_index(f"ix_sessions_{name}", "sessions", [name])


def downgrade() -> None:
    # The newest columns stay away from SQLite's batch mode for the same reason as above.
    for column in ("owner_id", "submitted", "parent_id"):
        op.drop_index(f"ix_sessions_{column}", "sessions")
    for column in ("owner_id", "submitted", "parent_id", "parent_length"):
        op.drop_column("sessions", column)
    for table in ("judgements", "reviews", "notes", "audit", "throttles", "logins", "memberships", "users"):
        op.drop_table(table)
