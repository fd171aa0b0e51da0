"""An index that holds all that lists and counts of sessions ask for."""

from alembic import op

revision = "0004"
down_revision = "0003"

_COLUMNS = (
    "owner_id", "submitted", "created", "id", "drill", "couple_id", "flags", "parent_id", "scenario_id", "scenario_hash",
)  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_sessions_listed", "sessions", list(_COLUMNS))


def downgrade() -> None:
    op.drop_index("ix_sessions_listed", "sessions")
