from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from content.contacts import LAST_RESORT, contact_dict, load_contacts, read_contacts
from content.facts import load_facts
from content.reading import ContentError
from content.topics import load_group_labels, load_labels, load_other_intents, load_topics


def test_last_resort_says_what_the_file_says() -> None:
    assert contact_dict(read_contacts()["ms_navigator"]) == contact_dict(LAST_RESORT)


def test_contacts_match_the_facts_they_rest_on() -> None:
    facts = load_facts()
    for contact in (one for one in read_contacts().values() if one.facts):
        said = " ".join(facts[fact_id].statement for fact_id in contact.facts)
        for number in re.findall(r"\d[\d -]{2,}\d|\b988\b", contact.phone or ""):
            assert number in said, f"{contact.id}: {number} is in no fact"


@pytest.mark.parametrize("broken", ["", "contacts: []", "contacts: [", "contacts:\n  - id: other"])
def test_a_broken_file_still_gives_the_number(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "contacts.yml"
    path.write_text(broken, encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        contacts = load_contacts(path)
    assert contacts["ms_navigator"] == LAST_RESORT
    assert "contacts.yml" in caplog.text


def test_a_missing_file_still_gives_the_number(tmp_path: Path) -> None:
    assert load_contacts(tmp_path / "gone.yml") == {"ms_navigator": LAST_RESORT}


def test_contact_page_setting_replaces_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACT_PAGE_URL", "https://www.nationalmssociety.org/contact")
    contacts = load_contacts()
    assert contacts["ms_navigator"].url == "https://www.nationalmssociety.org/contact"
    assert contacts["lifeline_988"].url == "https://988lifeline.org"
    monkeypatch.delenv("CONTACT_PAGE_URL")
    assert load_contacts()["ms_navigator"].url == "https://www.nationalmssociety.org"


def test_a_contact_without_a_way_to_reach_it_is_refused(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    change("knowledge/contacts.yml", "phone: '911'", "phone: null")
    with pytest.raises(ContentError, match="entry 'emergency_911', field 'phone'"):
        read_contacts(checkout / "knowledge" / "contacts.yml")


def test_topics_have_words_for_a_choice() -> None:
    topics = load_topics()
    assert len(topics) >= 41
    groups = load_group_labels()
    for topic in topics.values():
        assert topic.group in groups
        assert "_" not in topic.label
        assert len(topic.label) <= 40


def test_the_other_intents_are_complete() -> None:
    others = load_other_intents()
    conversation = {other.id for other in others.values() if other.group == "conversation"}
    assert len(conversation) == 12
    assert {"crisis", "emergency", "abuse", "personal_medical_advice", "out_of_scope"} <= set(
        others
    )
    labels = load_labels()
    assert labels["symptom_fatigue"] == "Help with tiredness"
    assert "crisis" not in labels


def test_two_topics_with_one_label_are_refused(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    change("knowledge/topics.yml", "label: Causes and risks", "label: What SPMS is")
    with pytest.raises(ContentError, match="label of another topic"):
        load_topics(checkout / "knowledge" / "topics.yml")
