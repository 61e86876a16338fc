"""The tools of `make check` that look for faults in training data find each kind of fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from content.reading import ROOT
from data_tools import check, faults
from data_tools.examples import Example, read_examples
from data_tools.labels import doubtful_labels


def example(text: str, intent: str) -> Example:
    return Example(text, intent, "some.yml")


def test_examples_of_a_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - Hello, there!\n    - hi\n'
    )
    assert read_examples(tmp_path) == [
        Example("Hello, there!", "greet", "a.yml"),
        Example("hi", "greet", "a.yml"),
    ]
    assert read_examples(tmp_path)[0].words == ("hello", "there")


def test_a_file_in_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("nlu: 3\n")
    with pytest.raises(ValueError, match=r"broken\.yml is not a file of NLU examples"):
        read_examples(tmp_path)


def test_a_filled_in_sentence_counts_once() -> None:
    written = [example(f"is {drug} approved for this", "side_effects") for drug in "abcdef"]
    written += [example("what may it do to me", "side_effects")]
    assert faults.different_examples(written)["side_effects"] == 2
    assert faults.templates(written) == [
        "side_effects: 6 times with one word changed: “is a approved for this”"
    ]
    assert faults.too_few(written, ["side_effects"], [])[0].startswith("out_of_scope has 0")
    assert "side_effects has 2 different training examples, it needs 60" in faults.too_few(
        written, ["side_effects"], []
    )


def test_two_sentences_with_one_word_changed_are_no_template() -> None:
    written = [example("is it a pill or a drip", "x"), example("is it a pill or a jab", "x")]
    assert faults.different_examples(written)["x"] == 2
    assert faults.templates(written) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tremor and stress", "Stress and tremor?"),
        ("how long does the infusion usually take", "how long does the infusions usually take"),
    ],
)
def test_near_copies_in_two_intents_are_found(one: str, other: str) -> None:
    found = faults.twice_in_different_intents([example(one, "a"), example(other, "b")])
    assert found == [f"“{one}” is a, “{other}” is b"]
    assert faults.twice_in_different_intents([example(one, "a"), example(other, "a")]) == []


def test_one_letter_in_a_short_question_is_no_copy() -> None:
    written = [example("what is ppms", "a"), example("what is spms", "b")]
    assert faults.twice_in_different_intents(written) == []


def test_a_held_out_message_from_the_training_data_is_found() -> None:
    training = [example("does heat make it worse for you", "a")]
    assert faults.held_out_but_trained(training, [example("Does heat make it worse for you?", "a")])
    assert not faults.held_out_but_trained(training, [example("why do hot days wear me out", "a")])


def test_a_word_of_one_intent_is_no_accident_when_it_is_its_subject() -> None:
    written = [example(f"gosh {n} pain", "symptom_pain") for n in range(5)]
    assert faults.words_of_one_intent(written, {"symptom_pain": "pain, burning"}) == [
        "“gosh” stands in 5 examples of symptom_pain and nowhere else"
    ]


def test_a_wrong_label_is_doubted() -> None:
    random = np.random.default_rng(0)
    around = np.repeat(np.eye(3, 16) * 4, 30, axis=0) + random.normal(0, 0.3, (90, 16))
    vectors = (around / np.linalg.norm(around, axis=1, keepdims=True)).astype(np.float32)
    written = [example(f"text {n}", "abc"[n // 30]) for n in range(90)]
    written[7] = example("text 7", "c")
    assert [(d.example.text, d.looks_like) for d in doubtful_labels(written, vectors)] == [
        ("text 7", "a")
    ]


def test_a_broken_rule_fails_the_check_and_names_the_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("data/nlu", "tests/nlu"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    if (ROOT / ".rasa" / "embeddings").exists():  # half a minute less
        shutil.copytree(ROOT / ".rasa" / "embeddings", tmp_path / ".rasa" / "embeddings")
    (tmp_path / "knowledge").mkdir()
    shutil.copy(ROOT / "knowledge" / "topics.yml", tmp_path / "knowledge")
    held_out = read_examples(tmp_path / "tests" / "nlu")[0]
    path = tmp_path / "data" / "nlu" / "research.yml"
    path.write_text(path.read_text("utf-8").rstrip("\n") + f"\n    - {held_out.text}\n", "utf-8")
    assert check.main(["--root", str(tmp_path)]) == 1
    assert f"  “{held_out.text}”" in capsys.readouterr().out
