"""Examples are added to Rasa's files without touching anything else in them."""

from __future__ import annotations

import pytest

from helpline.corrections.yaml_edit import EditError, add_examples
from tests.staff.corrections import ABOUT, SYMPTOMS
from tests.web.running import ROOT


def test_lines_go_to_the_end_of_their_intent() -> None:
    result = add_examples(ABOUT, {"what_is_spms": ["what is it: spms?"]})
    assert result == ABOUT.replace("- SPMS meaning\n", "- SPMS meaning\n    - what is it: spms?\n")


def test_the_layout_of_the_file_is_kept() -> None:
    result = add_examples(SYMPTOMS, {"symptom_fatigue": ["# tired, 'very' \"tired\""]})
    added = "      - # tired, 'very' \"tired\"\n"
    assert result == SYMPTOMS.replace("so tired\n", f"so tired\n{added}")


def test_an_intent_without_examples_gets_a_section() -> None:
    result = add_examples(ABOUT, {"causes_risk": ["is it my genes"]})
    assert result.startswith(ABOUT)
    assert result.endswith("\n- intent: causes_risk\n  examples: |\n    - is it my genes\n")
    assert add_examples("", {"greet": ["hi"]}) == (
        'version: "3.1"\n\nnlu:\n- intent: greet\n  examples: |\n    - hi\n'
    )


@pytest.mark.parametrize("folder", ["data/nlu", "tests/nlu"])
def test_every_file_of_ours_takes_a_line_for_each_intent(folder: str) -> None:
    from helpline.corrections.examples import read_file

    for path in sorted((ROOT / folder).glob("*.yml")):
        text = path.read_text()
        intents = {example.intent for example in read_file(path, "training")}
        result = add_examples(text, {intent: [f"a new line, {intent}"] for intent in intents})
        added = [line for line in result.splitlines() if "- a new line, " in line]
        assert len(added) == len(intents), path
        assert [one for one in result.splitlines() if one not in added] == text.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "version: '3.1'\nnlu:\n- intent: greet\n  examples:\n  - text: |\n      hi\n",
        "nlu: [",
        "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hi\nresponses: 1\n  x: |\n",
    ],
)
def test_a_file_that_is_laid_out_otherwise_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        add_examples(text, {"greet": ["hello"]})
