"""Corrections, answers that staff have hidden, and settings that staff have changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import BigId, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("destination", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=False),
        sa.Column("proposed_at", UtcDateTime, nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("exported_at", UtcDateTime, nullable=True),
        sa.CheckConstraint(
            "verdict IN ('good', 'intent', 'clarify')", name=op.f("ck_correction_verdict")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'sent_back', 'exported', 'withdrawn')",
            name=op.f("ck_correction_state"),
        ),
        sa.CheckConstraint(
            "destination IN ('training', 'test')", name=op.f("ck_correction_destination")
        ),
        sa.CheckConstraint(
            "(verdict = 'clarify') = (intent IS NULL)", name=op.f("ck_correction_intent")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_correction_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff_user.id"], name=op.f("fk_correction_decided_by_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_correction_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["staff_user.id"], name=op.f("fk_correction_proposed_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("message_id", name=op.f("uq_correction_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_correction_public_id")),
    )
    op.create_index(op.f("ix_correction_state_id"), "correction", ["state", "id"])
    op.create_index(
        op.f("ix_correction_conversation_id_id"), "correction", ["conversation_id", "id"]
    )
    op.create_table(
        "hidden_answer",
        sa.Column("answer", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hidden_by", sa.String(length=64), nullable=False),
        sa.Column("hidden_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("answer", name=op.f("pk_hidden_answer")),
    )
    op.create_table(
        "stored_setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stored_setting")),
    )


def downgrade() -> None:
    op.drop_table("stored_setting")
    op.drop_table("hidden_answer")
    op.drop_table("correction")
