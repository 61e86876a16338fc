from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from content.contacts import LAST_RESORT, contact_dict, load_contacts
from content.facts import load_facts
from content.message import build_message, topic_of
from content.reading import ContentError
from content.responses import load_responses, parse_payload
from content.safety_phrases import load_phrases


def test_an_answer_becomes_a_message() -> None:
    variation = load_responses()["utter_what_is_spms"][0]
    message = build_message(
        "utter_what_is_spms",
        variation["text"],
        variation["buttons"],
        variation["metadata"],
        load_facts(),
        load_contacts(),
    )
    assert message["from"] == "bot"
    assert message["kind"] == "answer"
    assert message["topic"] == "what_is_spms"
    assert message["answer"] == "utter_what_is_spms"
    assert message["contact"] is None
    assert message["checked_on"] == "2026-11-22"
    assert "National MS Society (US)" in {source["publisher"] for source in message["sources"]}
    assert message["choices"][-1] == {
        "label": "Talk to a person",
        "payload": {"intent": "contact_navigator_support", "entities": {}},
    }


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("utter_what_is_spms", "what_is_spms"),
        ("utter_what_is_spms_more", "what_is_spms"),
        ("utter_stem_cell_more", "stem_cell"),
        ("utter_greet", None),
        ("utter_what_is_spmsx", None),
        ("action_hand_off", None),
        (None, None),
    ],
)
def test_topic_comes_from_the_name(name: str | None, topic: str | None) -> None:
    assert topic_of(name) == topic


def test_the_longer_topic_wins() -> None:
    assert topic_of("utter_pain_face_more", ["pain", "pain_face"]) == "pain_face"


def test_hand_off_carries_topic_kind_and_contact() -> None:
    metadata = {"kind": "handoff", "topic": "contact_navigator_support", "contact": "ms_navigator"}
    message = build_message(None, "Call.", None, metadata, {}, load_contacts())
    assert message["kind"] == "handoff"
    assert message["topic"] == "contact_navigator_support"
    assert message["contact"] == contact_dict(load_contacts()["ms_navigator"])
    assert message["sources"] == []
    assert message["checked_on"] is None


def test_a_contact_that_has_gone_missing_is_still_a_number() -> None:
    message = build_message("utter_abuse", "Call.", [], {"contact": "no_such_line"}, {}, {})
    assert message["contact"] == contact_dict(LAST_RESORT)


def test_what_cannot_be_used_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    buttons = [
        {"title": "Good", "payload": '/side_effects{"treatment": "siponimod"}'},
        {"title": "Bad", "payload": "/side_effects{treatment}"},
        {"title": "No payload"},
    ]
    metadata = {"facts": ["no-such-fact", "tolebrutinib-eu", "mayzent-expand"], "kind": "odd"}
    with caplog.at_level(logging.ERROR):
        message = build_message("utter_x", " Text. ", buttons, metadata, load_facts(), {})
    assert [choice["label"] for choice in message["choices"]] == ["Good", "Talk to a person"]
    assert message["choices"][0]["payload"]["entities"] == {"treatment": "siponimod"}
    assert message["kind"] == "answer"
    assert message["text"] == "Text."
    expand = {source.title for source in load_facts()["mayzent-expand"].sources}
    assert {source["title"] for source in message["sources"]} == expand
    for problem in ("no-such-fact", "tolebrutinib-eu", "odd", "treatment"):
        assert problem in caplog.text


@pytest.mark.parametrize("payload", ["greet", "/", "/gr eet", "/greet{", "", "/greet@0.5"])
def test_odd_payloads_are_refused(payload: str) -> None:
    with pytest.raises(ValueError):
        parse_payload(payload)


def test_an_answer_in_two_files_is_refused(checkout: Path) -> None:
    folder = checkout / "data" / "responses"
    (folder / "zz.yml").write_text(
        "responses:\n  utter_greet:\n    - text: Hello.\n", encoding="utf-8"
    )
    with pytest.raises(ContentError, match=r"is in conversation\.yml already"):
        load_responses(folder)


def test_a_field_rasa_would_refuse_is_refused(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    change("data/responses/living.yml", "      metadata:\n", "      sources:\n")
    with pytest.raises(ContentError, match="entry 'utter_newly_diagnosed', field 'sources'"):
        load_responses(checkout / "data" / "responses")


def test_braces_of_a_payload_are_doubled_in_the_file_only(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    folder = checkout / "data" / "responses"
    buttons = load_responses(folder)["utter_research_history_interferon"][0]["buttons"]
    assert parse_payload(buttons[0]["payload"])["entities"] == {"treatment": "interferon-beta-1b"}
    change(
        "data/responses/research.yml",
        '{{"treatment": "interferon-beta-1b"}}',
        '{"treatment": "interferon-beta-1b"}',
    )
    with pytest.raises(ContentError, match="double the braces"):
        load_responses(folder)


def test_safety_phrases_are_joined(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "version: 1\ncrisis:\n  kind: crisis\n  rules:\n    - rule: wish\n"
        "      phrases: [<self> wants to die]\n",
        encoding="utf-8",
    )
    (tmp_path / "b.yml").write_text("words:\n  lists:\n    self: [he, she]\n", encoding="utf-8")
    assert [rule.name for rule in load_phrases(tmp_path).rules] == ["wish"]
    (tmp_path / "b.yml").write_text("words:\n  lists: {}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="self"):
        load_phrases(tmp_path)
    (tmp_path / "c.yml").write_text("words:\n  lists: {}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="field 'words': is given in another file too"):
        load_phrases(tmp_path)


def test_a_person_is_one_choice_away_under_every_answer() -> None:
    person = {"title": "Somebody to talk to", "payload": "/contact_navigator_support"}

    def intents(buttons: list[dict[str, str]], **metadata: str) -> list[str]:
        message = build_message("utter_x", "Text.", buttons, metadata, {}, {})
        return [choice["payload"]["intent"] for choice in message["choices"]]

    assert intents([]) == ["contact_navigator_support"]
    assert intents([person]) == ["contact_navigator_support"]
    assert intents([], kind="smalltalk") == []
