"""An index with all that the statistics count of a turn, so that they do not read the wide rows."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_understanding_counted",
        "understanding",
        ["conversation_id", "kind", "topic", "milliseconds"],
    )


def downgrade() -> None:
    op.drop_index("ix_understanding_counted", table_name="understanding")
