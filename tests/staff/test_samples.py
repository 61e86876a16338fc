from __future__ import annotations

from sqlalchemy import select

from helpline.store.database import Store
from helpline.store.models import BOT, VISITOR, Message
from tests.factories import ANSWER, fill
from tests.samples import SampleFactory, examples


def test_samples_ask_and_answer_in_our_own_words(store: Store) -> None:
    known = {text for texts in examples().values() for text in texts}
    assert len(known) > 500
    assert not [text for text in known if "](" in text or "]{" in text]
    fill(store.engine, 40, turns=[3], factory=SampleFactory)

    def texts(author: str) -> list[str | None]:
        return store.read_now(
            lambda s: list(s.scalars(select(Message.text).where(Message.author == author)))
        )

    asked = texts(VISITOR)
    assert sum(text in known for text in asked) > len(asked) / 2
    answered = texts(BOT)
    assert sum(text != ANSWER for text in answered) > len(answered) / 2
