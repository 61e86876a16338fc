"""Alembic's entry: compares or migrates over the connection that `helpline.store.migrate` gives."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

# The modules with tables: importing them adds their tables to the one metadata.
from helpline.store import (  # noqa: F401
    correction_models,
    day_counts,
    hidden_answers,
    kill_switch,
    learning_models,
    models,
    question_models,
    staff_models,
    stored_settings,
)
from helpline.store.base import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types by their short names into a new migration."""
    if kind == "type":
        for parent, name in ((UtcDateTime, "UtcDateTime"), (JSON, "Json"), (BigInteger, "BigId")):
            if isinstance(item, parent):
                return name
    return False


def include_name(name: str | None, _kind: str, _parents: Any) -> bool:
    """Leave out the search index: its tables and its expression are in no model."""
    return name is None or "message_search" not in name


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite does roll back tables; Alembic's default for it comes from an old driver.
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
