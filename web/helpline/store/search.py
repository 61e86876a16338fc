"""Searching what visitors wrote: SQLite's FTS5, PostgreSQL's text search (migration 0004).

The index follows the texts by itself (triggers, or an index on the column): what erasure or
retention takes out of `message` is not found any more.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from helpline.store.models import VISITOR, Conversation, Message

_TERM = re.compile(r'"([^"]*)"?|(\S+)')
# A row of the index: the conversation's key in the upper bits, the turn in the lower ones.
TURN_BITS = 20
MOST_TERMS = 20
_INDEX = table("message_search", column("rowid", Integer), column("message_search"))
# Spelled as in the migration, or the index would not be used.
_VECTOR: ColumnElement[Any] = literal_column("to_tsvector('helpline'::regconfig, message.text)")
# Spelled otherwise: for the few messages of a conversation PostgreSQL would read all that the index
# knows of a common word.
_UNINDEXED: ColumnElement[Any] = literal_column(
    "to_tsvector('helpline'::regconfig, coalesce(message.text, ''))"
)


@dataclasses.dataclass(frozen=True)
class Term:
    """Words that stand beside each other; `prefix`: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool


@dataclasses.dataclass(frozen=True)
class Walk:
    """A query for keys of conversations, newest first when ordered by `key`.

    The key of row `n` is `n * scale` or a little more.
    """

    query: Select[Any]
    key: ColumnElement[int]
    # The conversation's key, for conditions beside the walk
    conversation: ColumnElement[int]
    scale: int = 1


def read_terms(typed: str) -> tuple[Term, ...]:
    """Read what was typed: words that must all stand in one message, "in quotes" side by side, and
    with * at their end as the beginning of a word.

    Raises:
        ValueError: there is no word in it; the message says what to do.
    """
    terms = []
    for quoted, plain in _TERM.findall(typed):
        found = quoted or plain
        words = tuple(re.findall(r"\w+", found))
        if words:
            terms.append(Term(words, prefix=found.endswith("*")))
    if not terms:
        raise ValueError("Write at least one word to search for.")
    return tuple(terms[:MOST_TERMS])


def walk(session: Session, typed: str) -> Walk:
    """Return the conversations in which one message of the visitor holds the words."""
    terms = read_terms(typed)
    if _is_sqlite(session):
        row: ColumnElement[int] = _INDEX.c.rowid
        conversation = row.op(">>", return_type=Integer())(TURN_BITS)
        query = select(conversation).distinct().where(_fts5(terms))
        return Walk(query, row, conversation, scale=1 << TURN_BITS)
    key: Any = Message.conversation_id
    query = select(key).distinct().where(Message.author == VISITOR, _matches(terms))
    return Walk(query, key, key)


def first_matches(
    session: Session, typed: str, conversations: Sequence[int]
) -> dict[int, tuple[int, str | None]]:
    """Return conversation -> turn and text of its first message that holds the words."""
    terms = read_terms(typed)
    wanted = select(Message.conversation_id, Message.turn, Message.text).where(
        Message.author == VISITOR
    )
    if not _is_sqlite(session):
        rows = session.execute(
            wanted.where(Message.conversation_id.in_(conversations), _matches(terms, _UNINDEXED))
            .ext(distinct_on(Message.conversation_id))
            .order_by(Message.conversation_id, Message.id)
        )
        return {key: (turn, text) for key, turn, text in rows}
    conversation: Any = Conversation.id
    low = _lowest_row(conversation)
    first = select(func.min(_INDEX.c.rowid)).where(_fts5(terms), *_rows_from(low))
    found = session.execute(
        select(Conversation.id, first.correlate(Conversation).scalar_subquery()).where(
            Conversation.id.in_(conversations)
        )
    )
    turns = {key: row - (key << TURN_BITS) for key, row in found if row is not None}
    texts: dict[int, tuple[int, str | None]] = {}
    # The few other messages of these conversations are quicker read than each asked for.
    for key, turn, text in session.execute(
        wanted.where(Message.conversation_id.in_(turns)).order_by(
            Message.conversation_id, Message.id
        )
    ):
        if turn == turns[key]:
            texts.setdefault(key, (turn, text))
    return texts


def _lowest_row(conversation: ColumnElement[int]) -> ColumnElement[int]:
    return conversation.op("<<", return_type=Integer())(TURN_BITS)


def _rows_from(low: ColumnElement[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the bounds of the rows of the index that belong to one conversation."""
    return _INDEX.c.rowid >= low, _INDEX.c.rowid < low + (1 << TURN_BITS)


def holds(session: Session, typed: str, conversation: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a conversation is among those of `walk`."""
    terms = read_terms(typed)
    if _is_sqlite(session):
        return exists().where(_fts5(terms), *_rows_from(_lowest_row(conversation)))
    return exists().where(
        Message.conversation_id == conversation, Message.author == VISITOR, _matches(terms)
    )


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _fts5(terms: Sequence[Term]) -> ColumnElement[bool]:
    # Each word in quotes: none is an operator of FTS5.
    query = " ".join(f'"{" ".join(term.words)}"{"*" if term.prefix else ""}' for term in terms)
    return _INDEX.c.message_search.op("MATCH", is_comparison=True)(query)


def _matches(terms: Sequence[Term], vector: ColumnElement[Any] = _VECTOR) -> ColumnElement[bool]:
    config: ColumnElement[Any] = literal_column("'helpline'::regconfig")
    query: ColumnElement[Any] | None = None
    for term in terms:
        if term.prefix:
            words = " <-> ".join(f"'{word}'" for word in term.words)
            one = func.to_tsquery(config, literal(f"{words}:*"))
        else:
            one = func.phraseto_tsquery(config, literal(" ".join(term.words)))
        query = one if query is None else query.op("&&")(one)
    return vector.op("@@", is_comparison=True)(query)
