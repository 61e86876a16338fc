"""Conversations, messages, what was understood, feedback, flags and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import BigId, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=True),
        sa.Column("details", Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entry_action_id"), "audit_entry", ["action", "id"])
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor", "id"])
    op.create_index(op.f("ix_audit_entry_at_id"), "audit_entry", ["at", "id"])
    op.create_index(op.f("ix_audit_entry_subject_id"), "audit_entry", ["subject", "id"])

    op.create_table(
        "conversation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_message_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("turn_open_until", UtcDateTime, nullable=True),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("lowest_confidence", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conversation_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_conversation_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conversation_created_at"), "conversation", ["created_at"])
    op.create_index(
        op.f("ix_conversation_last_message_at_id"), "conversation", ["last_message_at", "id"]
    )
    op.create_index(
        op.f("ix_conversation_lowest_confidence_id"), "conversation", ["lowest_confidence", "id"]
    )

    op.create_index(
        "ix_conversation_expires_at_empty",
        "conversation",
        ["expires_at"],
        sqlite_where=sa.text("turns = 0"),
        postgresql_where=sa.text("turns = 0"),
    )
    op.create_table(
        "idempotent_request",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_idempotent_request_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "key", name=op.f("pk_idempotent_request")),
    )
    op.create_index(op.f("ix_idempotent_request_started_at"), "idempotent_request", ["started_at"])

    op.create_table(
        "message",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("redacted", Json, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(length=128), nullable=True),
        sa.Column("links", Json, nullable=True),
        sa.Column("sources", Json, nullable=True),
        sa.Column("checked_on", sa.String(length=10), nullable=True),
        sa.Column("contact", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_message_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_message_at_with_text",
        "message",
        ["at"],
        sqlite_where=sa.text("text IS NOT NULL"),
        postgresql_where=sa.text("text IS NOT NULL"),
    )
    op.create_index(op.f("ix_message_conversation_id_id"), "message", ["conversation_id", "id"])

    op.create_table(
        "choice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_choice_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_choice_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sa.UniqueConstraint(
            "conversation_id", "public_id", name=op.f("uq_choice_conversation_id_public_id")
        ),
    )
    op.create_index(op.f("ix_choice_message_id"), "choice", ["message_id"])

    op.create_table(
        "feedback",
        sa.Column("id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_feedback_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_feedback_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("message_id", name=op.f("uq_feedback_message_id")),
    )
    op.create_index(op.f("ix_feedback_conversation_id"), "feedback", ["conversation_id"])
    op.create_index(op.f("ix_feedback_helpful_id"), "feedback", ["helpful", "id"])

    op.create_table(
        "flag",
        sa.Column("id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_flag_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_flag_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("message_id", "name", name=op.f("uq_flag_message_id_name")),
    )
    op.create_index(op.f("ix_flag_conversation_id_name"), "flag", ["conversation_id", "name"])
    op.create_index(op.f("ix_flag_name_message_id"), "flag", ["name", "message_id"])

    op.create_table(
        "understanding",
        sa.Column("message_id", BigId, autoincrement=False, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(length=128), nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("ranking", Json, nullable=True),
        sa.Column("entities", Json, nullable=True),
        sa.Column("actions", Json, nullable=True),
        sa.Column("dialogue_topic", sa.String(length=64), nullable=True),
        sa.Column("nearest_text", sa.Text(), nullable=True),
        sa.Column("nearest_score", sa.Float(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("safety_kind", sa.String(length=16), nullable=True),
        sa.Column("safety_rule", sa.String(length=128), nullable=True),
        sa.Column("policy", sa.String(length=128), nullable=True),
        sa.Column("model", sa.String(length=128), nullable=True),
        sa.Column("bot_milliseconds", sa.Float(), nullable=True),
        sa.Column("milliseconds", sa.Float(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_understanding_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_understanding_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_understanding")),
    )
    op.create_index(op.f("ix_understanding_at_message_id"), "understanding", ["at", "message_id"])
    op.create_index(
        op.f("ix_understanding_confidence_message_id"),
        "understanding",
        ["confidence", "message_id"],
    )
    op.create_index(
        op.f("ix_understanding_conversation_id_message_id"),
        "understanding",
        ["conversation_id", "message_id"],
    )
    op.create_index(
        op.f("ix_understanding_intent_message_id"), "understanding", ["intent", "message_id"]
    )
    op.create_index(
        op.f("ix_understanding_kind_message_id"), "understanding", ["kind", "message_id"]
    )
    op.create_index(
        op.f("ix_understanding_topic_message_id"), "understanding", ["topic", "message_id"]
    )
    op.create_table(
        "pending_erasure",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_pending_erasure")),
    )


def downgrade() -> None:
    op.drop_table("pending_erasure")
    op.drop_table("understanding")
    op.drop_table("flag")
    op.drop_table("feedback")
    op.drop_table("choice")
    op.drop_table("message")
    op.drop_table("idempotent_request")
    op.drop_table("conversation")
    op.drop_table("audit_entry")
