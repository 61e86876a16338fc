"""Tags: words that staff put on a conversation."""

from __future__ import annotations

import re

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpline.privacy.redaction import redact
from helpline.staff import audit
from helpline.staff.sessions import SignedIn
from helpline.store.base import utc_now
from helpline.store.models import Conversation
from helpline.store.staff_models import Tag

MOST = 10
_NAME = re.compile(r"[a-z][a-z0-9 -]{0,38}[a-z0-9]")


class TagError(ValueError):
    """A tag cannot be used; the message says why."""


def clean_name(raw: str) -> str:
    """Bring a typed tag into its form.

    Raises:
        TagError: it cannot be a tag.
    """
    name = re.sub(r"\s+", " ", raw).strip().casefold()
    if not _NAME.fullmatch(name):
        raise TagError(
            "A tag has 2 to 40 letters, digits, spaces and hyphens, and begins with a letter."
        )
    if redact(raw).kinds:
        raise TagError("This looks like personal data, which no tag may hold.")
    return name


def add(session: Session, staff: SignedIn, conversation: Conversation, name: str) -> None:
    """Put a tag on a conversation, which the caller has locked; one that it has stays.

    Raises:
        TagError: it has as many tags as it may have.
    """
    present = set(session.scalars(select(Tag.name).where(Tag.conversation_id == conversation.id)))
    if name in present:
        return
    if len(present) >= MOST:
        raise TagError(f"A conversation has at most {MOST} tags: take one away first.")
    session.add(
        Tag(conversation_id=conversation.id, name=name, user_id=staff.user_id, at=utc_now())
    )
    audit.record(session, staff.name, audit.TAGGED, conversation.public_id, {"added": name})


def remove(session: Session, staff: SignedIn, conversation: Conversation, name: str) -> None:
    """Take a tag off a conversation."""
    gone = session.execute(
        delete(Tag)
        .where(Tag.conversation_id == conversation.id, Tag.name == name)
        .returning(Tag.id)
    ).first()
    if gone is not None:
        audit.record(session, staff.name, audit.TAGGED, conversation.public_id, {"removed": name})
