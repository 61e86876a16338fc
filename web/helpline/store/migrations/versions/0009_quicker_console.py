"""What the console needs at a million messages: an index for the statistics, and for PostgreSQL
how common each word is.

Without that, PostgreSQL guesses that every word stands in one message of 200, and looks for one
that is in none by reading all of them: the index itself, being partial, tells its planner nothing.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # All that is counted of a turn, so that its wide row stays unread
    op.create_index(
        "ix_understanding_counted",
        "understanding",
        ["conversation_id", "kind", "topic", "milliseconds"],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE STATISTICS IF NOT EXISTS st_message_words
            ON (to_tsvector('helpline'::regconfig, text)) FROM message"""
        )
        op.execute("ANALYZE message")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS st_message_words")
    op.drop_index("ix_understanding_counted", table_name="understanding")
