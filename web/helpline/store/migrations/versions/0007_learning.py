"""Candidates that were trained, and switches of the model in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import BigId, Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training_run",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.Column("cancelled_by", sa.String(length=64), nullable=True),
        sa.Column("step", sa.String(length=128), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("model_id", sa.String(length=128), nullable=True),
        sa.Column("comparison", Json, nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'training', 'comparing', 'done', 'failed', 'cancelled')",
            name=op.f("ck_training_run_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_training_run_public_id")),
        sa.UniqueConstraint("running", name=op.f("uq_training_run_running")),
    )
    op.create_table(
        "model_switch",
        sa.Column("id", BigId, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("before_sha256", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'starting', 'moving', 'done', 'failed')",
            name=op.f("ck_model_switch_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_switch")),
        sa.UniqueConstraint("running", name=op.f("uq_model_switch_running")),
    )


def downgrade() -> None:
    op.drop_table("model_switch")
    op.drop_table("training_run")
