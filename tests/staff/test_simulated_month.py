"""The simulated month: its messages, the staff who know what was meant, and what is told of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from bench.month import report
from bench.month.messages import OWN, Asked, MessagesRefused, read_messages, weeks_of
from bench.month.staff import Reviewed, Staff
from content.topics import load_topics
from helpline.corrections.examples import load_examples
from helpline.store.database import Store
from helpline.store.models import REVIEWED, Conversation, Flag
from tests.staff.corrections import ask, contents, states
from tests.web.running import ROOT

# From this likeness on, 0 to 1, a message would tell nothing of what is new.
TOO_ALIKE = 0.8


def test_our_messages_are_new_to_the_bot_and_spread_over_the_topics() -> None:
    messages = read_messages(OWN)
    examples = load_examples(ROOT)
    assert len(messages) > 250
    assert len({one.text.casefold() for one in messages}) == len(messages)
    assert {one.intent for one in messages} >= set(load_topics())
    known = [one.text for one in messages if examples.same(one.text)]
    assert known == []
    alike = {one.text: examples.alike(one.text, 1) for one in messages}
    assert [text for text, near in alike.items() if near and near[0].score >= TOO_ALIKE] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("so tired", "line 2: write"),
        ('{"text": "so tired"}', "line 2: write"),
        ('["so tired"]', "line 2: write"),
        ('{"text": " ", "topic": "symptom_fatigue"}', "line 2: the text is empty"),
        ('{"text": "so tired", "topic": "tiredness"}', "line 2: 'tiredness' is no intent"),
        ('{"text": "so tired", "topic": "symptom_fatigue", "also_ok": ["x"]}', "'x' is no intent"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(f'{{"text": "hello", "topic": "greet"}}\n{line}\n')
    with pytest.raises(MessagesRefused, match=told):
        read_messages(file)
    with pytest.raises(MessagesRefused, match="cannot be read"):
        read_messages(tmp_path / "missing.jsonl")


def test_each_message_is_in_one_week() -> None:
    messages = read_messages(OWN)
    weeks = weeks_of(messages, 4, seed=1)
    assert sorted(one.text for week in weeks for one in week) == sorted(
        one.text for one in messages
    )
    assert {len(week) for week in weeks} <= {len(messages) // 4, len(messages) // 4 + 1}
    assert weeks != weeks_of(messages, 4, seed=2)
    with pytest.raises(MessagesRefused, match="too few"):
        weeks_of(messages[:3], 4, seed=1)


def asked(text: str, intent: str, *others: str) -> Asked:
    return Asked(text, intent, frozenset((intent, *others)))


def test_staff_correct_what_was_wrong_and_it_reaches_the_files(
    store: Store, checkout: Path, tmp_path: Path
) -> None:
    staff = Staff(store, checkout, tmp_path)
    seen = {
        text: staff.review(store.write_now(ask, text), asked(text, *intents))
        for text, *intents in (
            ("what is this illness", "what_is_spms"),
            ("is it the same for all", "spms_vs_other_types", "what_is_spms"),
            ("my legs want to sleep", "symptom_fatigue"),
            ("mind gone foggy", "symptom_cognition"),
            ("why am i so tired", "symptom_fatigue"),
        )
    }
    rows = list(seen.values())
    assert [one.is_right for one in rows] == [True, True, False, False, False]
    assert [one.corrected for one in rows] == [False, False, True, True, False]
    assert [one.by_key for one in rows] == [False, False, True, False, False]
    assert all(one.flagged for one in rows)
    assert rows[-1].useless is not None and "example already" in rows[-1].useless
    found = store.read_now(
        lambda session: (
            set(session.scalars(select(Conversation.review_state))),
            set(session.scalars(select(Flag.queue))),
        )
    )
    assert found == ({REVIEWED}, {None})
    assert staff.approve_all() == 2
    written, left = staff.export()
    assert written == 1
    assert len(left) == 1 and "symptom_cognition" in left[0]
    assert "- my legs want to sleep" in contents(checkout)["data/nlu/symptoms.yml"]
    assert sorted(states(store)) == ["approved", "exported"]


def reviewed(intent: str, right: str, *, corrected: bool = False) -> Reviewed:
    return Reviewed(asked("words", right), "words", intent, False, corrected, corrected, None)


def test_what_is_told_adds_up(tmp_path: Path) -> None:
    wrong = dataclasses.replace(reviewed("b", "a", corrected=True), flagged=True)
    weeks = [
        report.Week((reviewed("a", "a"), wrong), ("a", "b"), ("a", "a")),
        report.Week(
            (reviewed("a", "a"), reviewed("nlu_fallback", "c", corrected=True)),
            ("nlu_fallback", "c"),
            ("a", "b"),
        ),
    ]
    lines = report.table(weeks).splitlines()
    assert lines[2] == "| 1 | 2 | 0.500 | 0.500 | 0.000 | 0.000 | 0.500 | 1 | 1 | 1 |"
    assert lines[3] == "| 2 | 2 | 0.500 | 0.500 | 0.500 | 0.500 | 0.000 | 1 | 1 | 0 |"
    assert lines[4] == "| all | 4 | 0.500 | 0.500 | 0.250 | 0.250 | 0.250 | 2 | 2 | 1 |"
    assert report.learned(weeks) == (2, 1)
    assert report.learned(weeks[:1]) == (1, 1)
    assert [one.asked.intent for one in report.lost(weeks)] == ["c"]
    picture = tmp_path / "deep" / "curve.svg"
    report.draw(weeks, picture)
    root = ElementTree.parse(picture).getroot()  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f".//{space}polyline")) == 4
    assert len(root.findall(f".//{space}circle")) == 8
    told = root.findtext(f"{space}desc")
    assert told is not None and "week 2: understood 50%" in told
