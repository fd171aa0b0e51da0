"""Documents, sessions, turns and scores."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("couple_id", sa.String(80), nullable=False),
        sa.Column("couple_version", sa.String(40), nullable=False),
        sa.Column("couple_hash", sa.String(64), sa.ForeignKey("documents.hash"), nullable=False),
        sa.Column("scenario_id", sa.String(80), nullable=False),
        sa.Column("scenario_version", sa.String(40), nullable=False),
        sa.Column("scenario_hash", sa.String(64), sa.ForeignKey("documents.hash"), nullable=False),
        sa.Column("rubric_version", sa.String(80), nullable=False),
        sa.Column("rubric_hash", sa.String(64), nullable=False),
        sa.Column("engine_version", sa.String(40), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("difficulty", sa.String(20), nullable=False),
        sa.Column("coached", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
    )
    op.create_index("ix_sessions_created", "sessions", ["created"])
    op.create_index("ix_sessions_couple_id", "sessions", ["couple_id"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("session_id", sa.String(36), sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("speaker", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("move", sa.String(40), nullable=False),
        sa.Column("mood", sa.String(40), nullable=False),
        sa.Column("to", sa.String(80), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.UniqueConstraint("session_id", "index"),
    )
    op.create_index("ix_turns_session_id", "turns", ["session_id"])
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("turn_id", sa.Integer, sa.ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rubric_version", sa.String(80), nullable=False),
        sa.Column("engine_version", sa.String(40), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
    )
    op.create_index("ix_scores_turn_id", "scores", ["turn_id"])


def downgrade() -> None:
    for table in ("scores", "turns", "sessions", "documents"):
        op.drop_table(table)
