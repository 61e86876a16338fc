"""What a candidate is compared on: held-out messages, the safety suite, and recent messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from content.reading import ContentError
from helpline.corrections.examples import read_file
from helpline.learning.comparison import HELD_OUT, LOOK_ALIKE, MESSAGE, SAFETY, Case
from helpline.store.base import utc_now
from helpline.store.models import Message, Understanding
from safety import ALARM_KINDS

RECENT = timedelta(weeks=4)
MOST_RECENT = 1000


def held_out(root: Path) -> Iterator[Case]:
    """Return the held-out messages of the checkout `root`.

    Raises:
        ContentError: a file cannot be read.
    """
    for path in sorted((root / "tests" / "nlu").glob("*.yml")):
        for example in read_file(path, "test"):
            yield Case(HELD_OUT, example.text, example.intent)


def safety_suite(root: Path) -> Iterator[Case]:
    """Return the cries for help and the look-alikes that the safety gate is tested with.

    Raises:
        ContentError: a file cannot be read.
    """
    folder = root / "tests" / "safety" / "cases"
    for kind in (*ALARM_KINDS, "look_alikes"):
        path = folder / f"{kind}.yml"
        try:
            groups = yaml.safe_load(path.read_text("utf-8"))
            texts = [str(text) for group in groups.values() for text in group]
        except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
            raise ContentError(path, f"cannot be read: {error}") from None
        for text in texts:
            if kind == "look_alikes":
                yield Case(LOOK_ALIKE, text)
            else:
                yield Case(SAFETY, text, kind)


def recent_messages(session: Session) -> list[Case]:
    """Return what visitors typed in the last weeks, each wording once, the newest first."""
    rows = session.execute(
        select(Message.id, Message.text)
        .join(Understanding, Understanding.message_id == Message.id)
        .where(
            Understanding.at >= utc_now() - RECENT,
            Understanding.model.is_not(None),
            Message.chosen.is_(False),
            Message.text.is_not(None),
        )
        .order_by(Understanding.at.desc(), Understanding.message_id.desc())
        .limit(MOST_RECENT)
    )
    found: dict[str, Case] = {}
    for key, text in rows:
        if text is None:
            continue
        found.setdefault(text, Case(MESSAGE, text, message=key))
    return list(found.values())
