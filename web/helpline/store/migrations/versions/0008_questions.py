"""Groups of unknown questions, and ideas for topics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import BigId, Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_groups",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=True),
        sa.Column("made_at", UtcDateTime, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("groups", Json, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_question_groups_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_groups")),
    )
    op.create_table(
        "topic_idea",
        sa.Column("id", BigId, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("noted_by", sa.String(length=64), nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=True),
        sa.Column("done_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_idea")),
    )


def downgrade() -> None:
    op.drop_table("topic_idea")
    op.drop_table("question_groups")
