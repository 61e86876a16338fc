"""Counts of days for the statistics, and an index of the answers that took long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import Json, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", UtcDateTime, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_counts")),
    )
    op.create_index(
        "ix_understanding_slow",
        "understanding",
        ["conversation_id"],
        sqlite_where=sa.text("milliseconds > 1000"),
        postgresql_where=sa.text("milliseconds > 1000"),
    )


def downgrade() -> None:
    op.drop_index("ix_understanding_slow", table_name="understanding")
    op.drop_table("day_counts")
