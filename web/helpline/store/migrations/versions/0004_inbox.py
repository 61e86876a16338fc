"""The inbox: queues with counts, search, filters; who reviews what; tags; links that set passwords.

SQLite: a migration that rebuilds `message` (batch mode) drops the triggers that keep the search
index, and must make them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpline.store.base import BigId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What a visitor's message is known by in the index: by conversation, then by turn, so that walking
# the index backwards meets the newest conversation first.
ROW = "{row}.conversation_id * 1048576 + {row}.turn"
NEW_ROW, OLD_ROW = ROW.format(row="NEW"), ROW.format(row="OLD")
NEW_HAS_TEXT = "NEW.author = 'visitor' AND NEW.text IS NOT NULL"
OLD_HAS_TEXT = "OLD.author = 'visitor' AND OLD.text IS NOT NULL"
ADD = f"""INSERT INTO message_search (rowid, text)
    SELECT {NEW_ROW}, NEW.text WHERE {NEW_HAS_TEXT};"""
REMOVE = f"""INSERT INTO message_search (message_search, rowid, text)
    SELECT 'delete', {OLD_ROW}, OLD.text WHERE {OLD_HAS_TEXT};"""
SQLITE_SEARCH = (
    # Keeps no text of its own: only which words stand in which message.
    """CREATE VIRTUAL TABLE message_search USING fts5 (
        text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
    )""",
    f"CREATE TRIGGER message_search_insert AFTER INSERT ON message BEGIN {ADD} END",
    f"CREATE TRIGGER message_search_delete AFTER DELETE ON message BEGIN {REMOVE} END",
    # One trigger: of two, nobody knows which fires first, and words in both texts would be lost.
    f"""CREATE TRIGGER message_search_update AFTER UPDATE OF text ON message
    BEGIN {REMOVE} {ADD} END""",
    """INSERT INTO message_search (rowid, text)
    SELECT conversation_id * 1048576 + turn, text FROM message
    WHERE author = 'visitor' AND text IS NOT NULL ORDER BY conversation_id, turn""",
)
POSTGRESQL_SEARCH = (
    # English endings, but no word is left out: "can I not" is a search, too.
    """CREATE TEXT SEARCH DICTIONARY helpline_english
    (TEMPLATE = pg_catalog.snowball, LANGUAGE = english)""",
    "CREATE TEXT SEARCH CONFIGURATION helpline (COPY = pg_catalog.english)",
    """ALTER TEXT SEARCH CONFIGURATION helpline
    ALTER MAPPING REPLACE pg_catalog.english_stem WITH helpline_english""",
    """CREATE INDEX ix_message_search ON message
    USING gin (to_tsvector('helpline'::regconfig, text)) WHERE author = 'visitor'""",
)

FILL = (
    # As it was worked out from review and turns until now
    """UPDATE conversation SET review_state = CASE
        WHEN EXISTS (SELECT 1 FROM review WHERE review.conversation_id = conversation.id
            AND review.state = 'later') THEN 'later'
        WHEN EXISTS (SELECT 1 FROM review WHERE review.conversation_id = conversation.id
            AND review.state = 'reviewed' AND review.turns >= conversation.turns) THEN 'reviewed'
        ELSE 'new' END
    WHERE turns > 0""",
    """UPDATE flag SET queue = CASE WHEN name IN ('emergency', 'abuse') THEN 'crisis'
        ELSE name END
    WHERE EXISTS (SELECT 1 FROM conversation WHERE conversation.id = flag.conversation_id
        AND conversation.review_state = 'new')""",
    """UPDATE understanding SET language = CASE
        WHEN answer = 'utter_other_language' THEN 'other'
        WHEN answer LIKE 'utter_other_language_%' THEN substr(answer, 22, 8)
        WHEN intent IS NOT NULL THEN 'en' END""",
    """UPDATE understanding SET treatment = substr(answer, 1, {find} - 1)
    WHERE answer LIKE '%/%' AND {find} <= 65""",
)


def upgrade() -> None:
    op.add_column("conversation", sa.Column("review_state", sa.String(length=16), nullable=True))
    op.add_column("understanding", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("understanding", sa.Column("treatment", sa.String(length=64), nullable=True))
    op.add_column("flag", sa.Column("queue", sa.String(length=24), nullable=True))
    op.create_table(
        "staff_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("purpose IN ('invite', 'reset')", name=op.f("ck_staff_link_purpose")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["staff_user.id"],
            name=op.f("fk_staff_link_user_id_staff_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_link_user_id")),
    )
    op.create_table(
        "claim",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_claim_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["staff_user.id"],
            name=op.f("fk_claim_user_id_staff_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_user_id"), "claim", ["user_id"])
    op.create_table(
        "tag",
        sa.Column("id", BigId, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_tag_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_tag_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("conversation_id", "name", name=op.f("uq_tag_conversation_id_name")),
    )
    op.create_index(op.f("ix_tag_name_conversation_id"), "tag", ["name", "conversation_id"])

    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in FILL:
        find = "instr(answer, '/')" if sqlite else "strpos(answer, '/')"
        op.execute(statement.format(find=find))
    op.create_index(
        op.f("ix_conversation_review_state_id"), "conversation", ["review_state", "id"]
    )
    for column in ("language", "treatment", "model"):
        op.create_index(
            op.f(f"ix_understanding_{column}_conversation_id"),
            "understanding",
            [column, "conversation_id"],
        )
    op.create_index(
        op.f("ix_review_user_id_conversation_id"), "review", ["user_id", "conversation_id"]
    )
    op.create_index(
        "ix_flag_queue",
        "flag",
        ["queue", "conversation_id"],
        sqlite_where=sa.text("queue IS NOT NULL"),
        postgresql_where=sa.text("queue IS NOT NULL"),
    )
    for statement in SQLITE_SEARCH if sqlite else POSTGRESQL_SEARCH:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER message_search_{name}")
        op.execute("DROP TABLE message_search")
    else:
        op.execute("DROP INDEX ix_message_search")
        op.execute("DROP TEXT SEARCH CONFIGURATION helpline")
        op.execute("DROP TEXT SEARCH DICTIONARY helpline_english")
    op.drop_index("ix_flag_queue", "flag")
    op.drop_index("ix_review_user_id_conversation_id", "review")
    for column in ("model", "treatment", "language"):
        op.drop_index(f"ix_understanding_{column}_conversation_id", "understanding")
    op.drop_index("ix_conversation_review_state_id", "conversation")
    op.drop_table("tag")
    op.drop_table("claim")
    op.drop_table("staff_link")
    op.drop_column("flag", "queue")
    op.drop_column("understanding", "treatment")
    op.drop_column("understanding", "language")
    op.drop_column("conversation", "review_state")
