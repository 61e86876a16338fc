"""`make new-topic` begins a topic that the checks refuse until a person has written it."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.reading import ROOT
from content.topics import load_topics
from scripts import new_topic
from scripts.check_content import findings_for
from scripts.new_topic import FEWEST, FEWEST_UNSEEN, NewTopicError, asked_before, make

HICCUPS = ("symptom_hiccups", "symptoms", "Help with hiccups", "hiccups that don't stop")
TODAY = datetime.date(2026, 11, 24)
OTHER_FILES = (
    "domain.yml",
    "data/rules/topics.yml",
    "data/nlu/symptoms.yml",
    "tests/nlu/symptoms.yml",
    "tests/conversations/happy_path.yml",
)
TODO_SIMPLE = "TODO: the same in fewer words."


@pytest.fixture
def house(checkout: Path) -> Path:
    """A copy of every file that knows topics."""
    for file in OTHER_FILES:
        (checkout / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, checkout / file)
    return checkout


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _errors(house: Path) -> set[str]:
    found = findings_for(house, TODAY)[0]
    return {str(each) for each in found if each.level == "error"}


def test_the_topic_stands_in_every_file_and_moves_nothing_else(house: Path) -> None:
    before = {file: _read(house / file) for file in OTHER_FILES}
    make(house, *HICCUPS)
    topics = list(load_topics(house / "knowledge" / "topics.yml").values())
    assert [each.id for each in topics if each.group == "symptoms"][-1] == "symptom_hiccups"
    assert next(each for each in topics if each.id == "symptom_hiccups").covers == HICCUPS[3]
    after = {file: _read(house / file) for file in OTHER_FILES}
    new: dict[str, Any] = {"symptom_hiccups": {"use_entities": []}}
    assert [each for each in after["domain.yml"]["intents"] if each != new] == (
        before["domain.yml"]["intents"]
    )
    assert new in after["domain.yml"]["intents"]
    rule = {
        "rule": "symptom hiccups",
        "steps": [{"intent": "symptom_hiccups"}, {"action": "utter_symptom_hiccups"}],
    }
    rules = after["data/rules/topics.yml"]["rules"]
    assert rule in rules
    assert [each for each in rules if each != rule] == before["data/rules/topics.yml"]["rules"]
    for file in ("data/nlu/symptoms.yml", "tests/nlu/symptoms.yml"):
        assert after[file]["nlu"][:-1] == before[file]["nlu"]
        assert after[file]["nlu"][-1]["intent"] == "symptom_hiccups"
    played = after["tests/conversations/happy_path.yml"]
    assert played[:-1] == before["tests/conversations/happy_path.yml"]
    assert played[-1]["turns"][0]["expect"]["topic"] == "symptom_hiccups"


def test_the_checks_fail_until_the_answer_is_written(house: Path) -> None:
    already = _errors(house)
    make(house, *HICCUPS)
    new = _errors(house) - already
    assert any("utter_symptom_hiccups" in each and "not written yet" in each for each in new)
    assert any("utter_symptom_hiccups" in each and "fact" in each for each in new)
    answers = house / "data" / "responses" / "symptoms.yml"
    text = answers.read_text("utf-8")
    answer = "Poor sleep is common in MS. Pain, spasms and trips to the toilet can wake you."
    text = text.replace("TODO: the answer.", answer)
    head, entry = text.split("  utter_symptom_hiccups:\n")
    choice = "        - title: Help with tiredness\n          payload: /symptom_fatigue\n"
    entry = entry.replace("      metadata:", f"{choice}      metadata:")
    fact = _read(ROOT / "knowledge" / "facts.yml")["facts"][0]["id"]
    entry = entry.replace("facts: []", f"facts: [{fact}]")
    answers.write_text(f"{head}  utter_symptom_hiccups:\n{entry}", "utf-8")
    left = {each for each in _errors(house) - already if "symptom_hiccups" in each}
    assert left and all("utter_symptom_hiccups_simple" in each for each in left)
    simpler = house / "data" / "responses" / "simpler.yml"
    text = simpler.read_text("utf-8").replace(TODO_SIMPLE, "Poor sleep is common in MS.")
    simpler.write_text(text.replace("facts: []", f"facts: [{fact}]"), "utf-8")
    assert {each for each in _errors(house) - already if "symptom_hiccups" in each} == set()


@pytest.mark.parametrize(
    ("label", "asked"),
    [("Help with hiccups", "about help with hiccups"), ("MS and hiccups", "about MS and hiccups")],
)
def test_the_first_question_is_plain_english(house: Path, label: str, asked: str) -> None:
    make(house, "symptom_hiccups", "symptoms", label, "hiccups that stay")
    played = _read(house / "tests" / "conversations" / "happy_path.yml")
    assert played[-1]["turns"][0]["say"].endswith(asked)


def test_the_places_are_named_where_people_asked_before_there_was_a_topic(house: Path) -> None:
    make(house, *HICCUPS)
    (house / "data" / "nlu" / "help.yml").write_text(
        "version: '3.1'\nnlu:\n- intent: other_ms\n  examples: |\n    - Hiccups all day\n"
        "    - does ms cause hiccups\n    - dizzy\n- synonym: MS\n  examples: |\n    - hiccups\n"
    )
    (house / "tests" / "nlu" / "help.yml").write_text(
        "version: '3.1'\nnlu:\n- intent: rephrase\n  examples: |\n    - hiccups?\n"
    )
    assert asked_before(house, "symptom_hiccups") == [
        "data/nlu/help.yml, other_ms: 2 with “hiccups”",
        "tests/nlu/help.yml, rephrase: 1 with “hiccups”",
    ]
    # Every word of its id is another topic's as well: no word would find only what belongs to it
    assert asked_before(house, "symptom_fatigue_pain") == []


def test_what_is_left_to_write_names_as_many_examples_as_the_check_wants() -> None:
    wanted = (ROOT / "data_tools" / "faults.py").read_text("utf-8")
    assert f"FEWEST_OF_TOPIC = {FEWEST}\n" in wanted
    assert f"FEWEST_HELD_OUT = {FEWEST_UNSEEN}\n" in wanted


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("Symptom Hiccups", *HICCUPS[1:]), "small letters"),
        (("diagnosis", *HICCUPS[1:]), "already"),
        (("greet", *HICCUPS[1:]), "already"),
        (("symptom_hiccups", "hiccups", *HICCUPS[2:]), "one of about_spms"),
        (("symptom_hiccups", "symptoms", "", "hiccups"), "what a visitor reads"),
        (("symptom_hiccups", "symptoms", "What SPMS is", "hiccups"), "already"),
        (("symptom_hiccups", "symptoms", "Help with hiccups", ""), "begins and ends"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_and_nothing_is_written(
    house: Path, given: tuple[str, str, str, str], says: str
) -> None:
    before = {path: path.read_bytes() for path in house.rglob("*.yml")}
    with pytest.raises(NewTopicError, match=says):
        make(house, *given)
    assert {path: path.read_bytes() for path in house.rglob("*.yml")} == before


def test_the_command_lists_what_is_left_to_write_or_says_what_is_wrong(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(new_topic, "ROOT", house)
    words = ["--group", "symptoms", "--label", "Help with hiccups", "--covers", "hiccups with MS"]
    monkeypatch.setattr("sys.argv", ["new-topic", "--id", "symptom_hiccups", *words])
    assert new_topic.main() == 0
    said = capsys.readouterr().out
    assert "data/responses/symptoms.yml: the answer" in said
    monkeypatch.setattr("sys.argv", ["new-topic", "--id", "symptom_hiccups", *words])
    assert new_topic.main() == 2
    assert "make new-topic ID=" in capsys.readouterr().err
