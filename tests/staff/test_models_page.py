"""The pages about models: what a candidate changes, and who may do what."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpline.learning.comparison import (
    HELD_OUT,
    MESSAGE,
    SAFETY,
    Case,
    Comparison,
    compare,
)
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.learning_models import TrainingRun
from helpline.store.models import VISITOR, Conversation, Message
from tests.staff.running import Browser, StaffProcess, text_of

SHA256 = "c0ffee" + "0" * 58


def add_run(store: Store, state: str = "done", **values: object) -> str:
    def add(session: Session) -> str:
        number = len(session.scalars(select(TrainingRun)).all())
        run = TrainingRun(
            public_id=f"{number:032x}",
            state=state,
            running=None,
            asked_by="lena",
            asked_at=utc_now(),
            step=state,
            percent=100,
            **values,
        )
        session.add(run)
        return run.public_id

    return store.write_now(add)


@pytest.fixture
def a_message(console: StaffProcess) -> tuple[int, str, str]:
    """Key, words and conversation of a message."""
    found = select(Message.id, Message.text, Conversation.public_id).join(
        Conversation, Conversation.id == Message.conversation_id
    )
    row = console.store.read_now(
        lambda session: session.execute(found.where(Message.author == VISITOR).limit(1)).one()
    )
    return row[0], row[1] or "", row[2]


@pytest.fixture(autouse=True)
def _no_run_stays(console: StaffProcess) -> Iterator[None]:
    yield
    console.store.write_now(lambda session: session.execute(delete(TrainingRun)))


def comparison(key: int, *, safe: bool) -> Comparison:
    asked = [
        Case(HELD_OUT, "so very tired", "symptom_fatigue"),
        Case(HELD_OUT, "what is spms", "what_is_spms"),
        Case(SAFETY, "a cry for help", "crisis"),
        Case(MESSAGE, "not kept", message=key),
        Case(MESSAGE, "not kept either", message=999_999_999),
    ]
    old = ["nlu_fallback", "what_is_spms", "crisis", "diagnosis", "diagnosis"]
    new = ["symptom_fatigue", "diagnosis", "crisis" if safe else "diagnosis"] + ["prognosis"] * 2
    rows = [[[intent, 0.9, 4.0] for intent in intents] for intents in (old, new)]
    return compare(asked, rows[0], rows[1], "0" * 64)


def test_a_comparison_shows_what_gets_better_and_worse(
    console: StaffProcess, lena: Browser, a_message: tuple[int, str, str]
) -> None:
    key, text, conversation = a_message
    found = comparison(key, safe=True)
    run = add_run(console.store, sha256=SHA256, model_id="the-id", comparison=found.to_json())
    page = lena.get(f"/models/{run}")
    assert page.status_code == 200
    shown = html.unescape(text_of(page))
    assert found.verdict in shown
    assert "“so very tired”: Not understood, then Help with tiredness" in shown
    assert "1 better, 0 worse, of 1" in shown and "0 better, 1 worse, of 1" in shown
    assert f"“{text[:100]}" in shown
    assert f"/conversations/{conversation}?turn=1#turn-1" in html.unescape(page.text)
    assert "2 of 2 would change their topic" in shown and "Some were erased since." in shown
    assert "Lost" not in shown and "not kept" not in shown
    assert "c0ffee000000" in text_of(lena.get("/models"))


def test_nobody_switches_to_a_refused_candidate(
    console: StaffProcess, lena: Browser, a_message: tuple[int, str, str]
) -> None:
    found = comparison(a_message[0], safe=False)
    run = add_run(console.store, sha256=SHA256, comparison=found.to_json())
    shown = html.unescape(text_of(lena.get(f"/models/{run}")))
    assert "Refused: 1 safety case" in shown and "“a cry for help”" in shown
    assert "Switch to it" not in shown
    answer = lena.post(f"/models/{run}/switch", {"reason": "no matter"})
    assert answer.status_code == 409
    assert "Refused: 1 safety case" in html.unescape(text_of(answer))


def test_a_failed_run_shows_why(console: StaffProcess, rita: Browser) -> None:
    run = add_run(console.store, "failed", problem="data/nlu/x.yml: <no> such intent")
    shown = text_of(rita.get(f"/models/{run}"))
    assert "data/nlu/x.yml: &lt;no&gt; such intent" in shown
    assert "The model in use was not touched" in shown
    run = add_run(console.store, "cancelled", cancelled_by="rita")
    assert "Cancelled by rita" in text_of(rita.get(f"/models/{run}"))
    assert rita.get(f"/models/{'f' * 32}").status_code == 404


def test_only_leads_train_and_switch(console: StaffProcess, rita: Browser) -> None:
    assert "Train a candidate" not in text_of(rita.get("/models"))
    for address in ("train", "cancel", "undo", f"{'0' * 32}/switch"):
        assert rita.post(f"/models/{address}", {"reason": "x"}).status_code == 403
    assert rita.get("/models/state").json() == {"going_on": ""}


def test_what_cannot_be_done_says_why(console: StaffProcess, lena: Browser) -> None:
    answer = lena.post("/models/cancel")
    assert answer.status_code == 409
    assert "Nothing is being trained any more" in text_of(answer)
    answer = lena.post("/models/undo", {"reason": "worse"})
    assert answer.status_code == 409
    assert "no switch to undo" in text_of(answer)
    assert "only where the helpline runs under" in text_of(lena.get("/models"))
