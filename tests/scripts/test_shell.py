"""What `make shell` prints."""

from __future__ import annotations

import pytest

from scripts import processes, shell, train

MESSAGE = {
    "text": "A short answer.\n\n- one\n- two",
    "contact": {
        "name": "MS Navigator",
        "phone": "the number",
        "url": "https://example.org",
        "for": "questions",
        "hours": None,
    },
    "links": [{"label": "Trials", "url": "https://example.org/trials"}],
    "sources": [
        {"title": "A title", "publisher": "A journal", "url": None, "published": "2018"},
    ],
    "checked_on": "2026-11-22",
    "choices": [{"label": "Tell me more", "payload": {"intent": "x", "entities": {}}}],
}


def test_a_message_shows_text_contact_sources_and_choices() -> None:
    text = shell.render(MESSAGE, first_choice=3)
    assert "A short answer.\n\n- one\n- two" in text
    assert "MS Navigator: the number · https://example.org" in text
    assert "Trials: https://example.org/trials" in text
    assert "last checked 2026-11-22" in text
    assert "- A title, A journal, 2018" in text
    assert "[3] Tell me more" in text
    assert "None" not in text


def test_explain_names_intent_nearest_and_action() -> None:
    understanding = {
        "intent": "what_is_spms",
        "confidence": 0.91,
        "ranking": [{"name": "what_is_spms", "confidence": 0.91}],
        "nearest": {"text": "what is spms", "score": 0.5588369369506836},
        "entities": [],
        "safety": None,
        "actions": ["utter_what_is_spms"],
        "policy": "RulePolicy",
        "milliseconds": 7.1,
    }
    text = shell.explain(understanding)
    assert "what_is_spms (0.91)" in text
    assert "'what is spms' (0.56)" in text
    assert "utter_what_is_spms" in text
    assert "Nothing" in shell.explain(None)


@pytest.mark.parametrize("current", [True, False])
def test_a_bot_that_runs_already_may_not_know_what_was_changed(
    current: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "is_ready", lambda _: True)
    monkeypatch.setattr(train, "is_current", lambda: current)
    monkeypatch.setattr(shell, "talk", lambda _url, _secret: None)
    assert shell.main() == 0
    assert ("not in it yet" in capsys.readouterr().out) is not current
