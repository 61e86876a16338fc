"""Fills a store with made-up conversations, as many as a test or a benchmark wants.

`fill(engine, 50)` fills a migrated store; `python -m tests.factories 50000` the database of
DATABASE_URL, which it migrates first. The same seed gives the same conversations. Rows are
written in the order of time, as in life.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

import settings
from content.topics import load_labels, load_topics
from helpline.store.engine import open_engine
from helpline.store.migrate import upgrade
from helpline.store.models import (
    BOT,
    NEW,
    QUEUE_OF_FLAG,
    VISITOR,
    Choice,
    Conversation,
    Feedback,
    Flag,
    Message,
    Understanding,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BATCH = 500
GREETING = "Hello. This is the SPMS Helpline. I am a bot. Ask me about SPMS."
ANSWER = (
    "This is a made-up answer for tests. It has a first paragraph.\n\n"
    "- a point\n- another point\n\nAnd a last line."
)
SOURCE = {
    "title": "A page made up for tests",
    "publisher": "Nobody",
    "url": "https://example.org/page",
    "published": "2026",
}
CONTACT = {
    "name": "MS Navigator",
    "phone": "1-800-344-4867",
    "url": "https://example.org/contact",
    "for": "Talking to a person",
    "hours": None,
}
OPENINGS = ("", "Hi, ", "please tell me: ", "sorry to ask, ", "My wife wonders, ", "ok so ")
ENDINGS = ("?", "", " ??", " thank you", " please", ", I am tired and cannot find it")
VAGUE = ("hmm", "the other thing", "and that one with the letters", "idk", "what you said before")
# Kind of a turn, and how often it happens among a hundred
MIX = (
    ("answer", 66),
    ("clarify", 12),
    ("handoff", 8),
    ("smalltalk", 5),
    ("out_of_scope", 4),
    ("personal_advice", 3),
    ("unavailable", 1),
)
# One conversation in so many has a turn of this kind.
ALARMS = (("crisis", 90), ("emergency", 150), ("abuse", 300))
FLAG_OF = {
    "clarify": "not_understood",
    "handoff": "handoff",
    "unavailable": "error",
    "crisis": "crisis",
    "emergency": "emergency",
    "abuse": "abuse",
}


@dataclass
class _Rows:
    """Rows of one batch, by table."""

    conversations: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    understandings: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)


class Factory:
    """Makes conversations with growing keys; begins after the last key in the store."""

    def __init__(self, connection: Connection, seed: int = 1) -> None:
        """Look up the last keys of the store behind `connection`."""
        self._random = random.Random(seed)  # noqa: S311
        self._conversation = _last(connection, Conversation.id)
        self._message = _last(connection, Message.id)
        self._choice = _last(connection, Choice.id)
        self._topics = list(load_topics())
        self._labels = load_labels()
        # As in life, a few topics make up most of the questions.
        self._weights = [1 / (rank + 1) for rank in range(len(self._topics))]

    def batch(self, began: Sequence[datetime], turns: Sequence[int]) -> _Rows:
        """Make conversations that began at these moments and have these numbers of turns."""
        rows = _Rows()
        for moment, count in zip(began, turns, strict=True):
            self._add_conversation(rows, moment, count)
        return rows

    def _id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def _add_conversation(self, rows: _Rows, began: datetime, turns: int) -> None:
        self._conversation += 1
        row: dict[str, Any] = {
            "id": self._conversation,
            "public_id": self._id(),
            "token_hash": self._id() + self._id(),
            "created_at": began,
            "turns": turns,
            "lowest_confidence": None,
            "review_state": NEW if turns else None,
        }
        rows.conversations.append(row)
        first = self._message
        self._add_message(rows, 0, began, BOT, text=GREETING, kind="greeting")
        alarms = {
            self._random.randint(1, turns): kind
            for kind, one_in in ALARMS
            if turns and self._random.randrange(one_in) == 0
        }
        at = began
        for turn in range(1, turns + 1):
            at += timedelta(seconds=self._random.randint(8, 120))
            at = self._add_turn(rows, row, turn, at, alarms.get(turn))
        row["last_message_at"] = at
        row["expires_at"] = at + timedelta(hours=24)
        row["messages"] = self._message - first

    def _add_turn(
        self, rows: _Rows, row: dict[str, Any], turn: int, at: datetime, alarm: str | None
    ) -> datetime:
        pick = self._random
        kind = alarm or pick.choices([k for k, _ in MIX], [weight for _, weight in MIX])[0]
        topic = pick.choices(self._topics, self._weights)[0]
        chosen = kind == "answer" and turn > 1 and pick.random() < 0.3
        asked = self._add_message(
            rows, turn, at, VISITOR, text=self._question(kind, topic, chosen), chosen=chosen
        )
        rows.understandings.append(self._understanding(asked, at, kind, topic, chosen))
        confidence = rows.understandings[-1]["confidence"]
        if confidence is not None and confidence < (row["lowest_confidence"] or 2):
            row["lowest_confidence"] = confidence
        if kind in FLAG_OF:
            self._add_flag(rows, asked, at, FLAG_OF[kind])
        elif kind == "answer" and confidence is not None and confidence < 0.5:
            self._add_flag(rows, asked, at, "unsure")
        answered_at = at + timedelta(milliseconds=pick.randint(8, 60))
        answer = self._add_message(
            rows,
            turn,
            answered_at,
            BOT,
            text=self._answer(kind, topic),
            kind=kind,
            topic=_topic_of(kind, topic),
            answer=f"utter_{topic}",
            sources=[SOURCE] if kind == "answer" else None,
            checked_on="2026-11-22" if kind == "answer" else None,
            contact=CONTACT if kind in ("handoff", "crisis", "unavailable") else None,
        )
        for position in range(2 if kind in ("answer", "clarify") else 0):
            other = pick.choice(self._topics)
            self._choice += 1
            rows.choices.append(
                {
                    "id": self._choice,
                    "public_id": f"{self._choice:x}",
                    "conversation_id": self._conversation,
                    "message_id": answer,
                    "position": position,
                    "label": self._labels[other],
                    "payload": {"intent": other, "entities": {}},
                }
            )
        if pick.random() < 0.05:
            helpful = pick.random() < 0.7
            rows.feedback.append(
                {
                    "message_id": answer,
                    "conversation_id": self._conversation,
                    "at": answered_at,
                    "helpful": helpful,
                    "comment": None if helpful else "This is not what I asked.",
                }
            )
            if not helpful:
                self._add_flag(rows, asked, answered_at, "thumbs_down")
        return answered_at

    def _add_message(
        self, rows: _Rows, turn: int, at: datetime, author: str, **content: Any
    ) -> int:
        self._message += 1
        empty: dict[str, Any] = dict.fromkeys(
            ("redacted", "kind", "topic", "answer", "links", "sources", "checked_on", "contact")
        )
        rows.messages.append(
            {
                "id": self._message,
                "public_id": self._id(),
                "conversation_id": self._conversation,
                "turn": turn,
                "author": author,
                "at": at,
                "chosen": False,
                **empty,
                **content,
            }
        )
        return self._message

    def _add_flag(self, rows: _Rows, message: int, at: datetime, name: str) -> None:
        rows.flags.append(
            {
                "message_id": message,
                "conversation_id": self._conversation,
                "at": at,
                "name": name,
                "queue": QUEUE_OF_FLAG[name],
            }
        )

    def _answer(self, _kind: str, _topic: str) -> str:
        return ANSWER

    def _question(self, kind: str, topic: str, chosen: bool) -> str:
        if chosen:
            return self._labels[topic]
        if kind == "clarify":
            return self._random.choice(VAGUE)
        if kind in ("crisis", "emergency", "abuse"):
            return f"a made-up message that stands for {kind}"
        label = self._labels[topic].lower()
        return f"{self._random.choice(OPENINGS)}{label}{self._random.choice(ENDINGS)}"

    def _understanding(
        self, message: int, at: datetime, kind: str, topic: str, chosen: bool
    ) -> dict[str, Any]:
        pick = self._random
        known = kind != "unavailable"
        if chosen:
            confidence = 1.0
        else:
            confidence = pick.uniform(0.1, 0.5) if kind == "clarify" else pick.uniform(0.45, 0.99)
        intent = {"clarify": "nlu_fallback", "answer": topic}.get(kind, kind)
        others = [name for name in pick.sample(self._topics, 5) if name != topic]
        ranking = [{"name": topic, "confidence": confidence}] + [
            {"name": name, "confidence": (1 - confidence) / (place + 2)}
            for place, name in enumerate(others)
        ]
        entities = [{"entity": "treatment", "value": "siponimod"}] if pick.random() < 0.1 else []
        return {
            "message_id": message,
            "conversation_id": self._conversation,
            "at": at,
            "kind": kind,
            "topic": _topic_of(kind, topic),
            "answer": f"utter_{topic}",
            "language": pick.choices(("en", "es", None), (96, 3, 1))[0],
            "treatment": "siponimod" if entities else None,
            "intent": intent if known else None,
            "confidence": confidence if known else None,
            "ranking": ranking if known else None,
            "entities": entities if known else None,
            "actions": [f"utter_{topic}"] if known else None,
            "dialogue_topic": topic,
            "nearest_text": f"tell me about {topic.replace('_', ' ')}" if known else None,
            "nearest_score": pick.uniform(0.3, 0.95) if known else None,
            "margin": pick.uniform(0, 0.8) if known else None,
            "safety_kind": kind if kind in ("crisis", "emergency", "abuse") else None,
            "safety_rule": "made_up" if kind in ("crisis", "emergency", "abuse") else None,
            "policy": "RulePolicy" if known else None,
            "model": "made-up-model" if known else None,
            "bot_milliseconds": pick.uniform(4, 20) if known else None,
            # Whoever met a bot that was down had waited until chat gave up.
            "milliseconds": pick.uniform(8, 60) + (0 if known else 8000),
            "error": None if known else "timeout",
        }


def _topic_of(kind: str, topic: str) -> str | None:
    if kind == "handoff":
        return "contact_navigator_support"
    return topic if kind == "answer" else None


def _last(connection: Connection, key: Any) -> int:
    return connection.execute(select(func.max(key))).scalar() or 0


def fill(
    engine: Engine,
    conversations: int,
    *,
    seed: int = 1,
    days: float = 80,
    turns: Sequence[int] | None = None,
    until: datetime = NOW,
    factory: type[Factory] = Factory,
) -> None:
    """Add conversations to a migrated store.

    Args:
        engine: of the store.
        conversations: how many to add.
        seed: of the random numbers.
        days: they began, evenly, in this many days before `until`; 0 means all at once.
        turns: numbers of turns to pick from; by default 0 to 20 (21 messages on average).
        until: when the last one began.
        factory: makes the conversations.
    """
    lengths = random.Random(seed)  # noqa: S311
    step = timedelta(days=days) / max(conversations, 1)
    with engine.connect() as connection:
        maker = factory(connection, seed)
    for start in range(0, conversations, BATCH):
        numbers = range(start, min(start + BATCH, conversations))
        began = [until - (conversations - 1 - number) * step for number in numbers]
        counts = [lengths.choice(turns or range(21)) for _ in numbers]
        rows = maker.batch(began, counts)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            for table, values in tables_of(rows):
                if values:
                    connection.execute(insert(table), values)
    if engine.dialect.name == "postgresql":
        move_counters(engine)


def tables_of(rows: _Rows) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield Conversation, rows.conversations
    yield Message, rows.messages
    yield Understanding, rows.understandings
    yield Choice, rows.choices
    yield Flag, rows.flags
    yield Feedback, rows.feedback


def move_counters(engine: Engine) -> None:
    """Have PostgreSQL go on counting after the keys that we gave out ourselves."""
    with engine.begin() as connection:
        for model in (Conversation, Message, Choice):
            table = model.__tablename__
            last = _last(connection, model.id)
            connection.execute(
                select(func.setval(func.pg_get_serial_sequence(table, "id"), max(last, 1)))
            )


def main(arguments: list[str] | None = None) -> int:
    """Fill the database of DATABASE_URL."""
    parser = argparse.ArgumentParser(description="Fill the store with made-up conversations.")
    parser.add_argument("conversations", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=80)
    parser.add_argument("--until", type=datetime.fromisoformat, default=NOW)
    given = parser.parse_args(arguments)
    engine = open_engine(settings.load().database_url)
    upgrade(engine)
    fill(engine, given.conversations, seed=given.seed, days=given.days, until=given.until)
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
