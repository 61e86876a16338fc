"""Training without superfluous copies learns what Rasa's own training learns."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from scripts.train_model import merge_without_copies, read_once


def data(*examples: tuple[str, str], **more: Any) -> TrainingData:
    """Training data of (text, intent) pairs."""
    return TrainingData(
        [Message.build(text=text, intent=intent) for text, intent in examples], **more
    )


EXAMPLES = [
    TrainingData(),
    data(("hello", "greet"), ("bye", "goodbye")),
    data(("hello", "greet"), ("hi there", "greet"), entity_synonyms={"mayzent": "siponimod"}),
    data(
        ("yes ", "affirm"),
        regex_features=[{"name": "number", "pattern": "[0-9]+"}],
        lookup_tables=[{"name": "treatment", "elements": ["siponimod", "ocrelizumab"]}],
        responses={"faq/one": [{"text": "one"}]},
    ),
]


@pytest.mark.parametrize("first", EXAMPLES)
@pytest.mark.parametrize("second", [None, *EXAMPLES])
@pytest.mark.parametrize("third", [None, *EXAMPLES])
def test_merging_gives_what_rasa_gives(
    first: TrainingData, second: TrainingData | None, third: TrainingData | None
) -> None:
    expected = first.merge(second, third)
    found = merge_without_copies(first, second, third)
    assert found.fingerprint() == expected.fingerprint()
    told = [(example.get("text"), example.get("intent")) for example in found.training_examples]
    assert told == [
        (example.get("text"), example.get("intent")) for example in expected.training_examples
    ]
    assert found.entity_synonyms == expected.entity_synonyms
    assert found.responses == expected.responses
    assert found.lookup_tables == expected.lookup_tables


def test_a_text_is_read_once_by_each_reader_and_may_be_changed() -> None:
    asked: list[tuple[str, object]] = []

    def read(content: str, reader_type: object = "safe") -> dict[str, list[str]]:
        asked.append((content, reader_type))
        return {"said": [content]}

    quick = read_once(read)
    first = quick("hello")
    first["said"].append("changed")
    assert quick("hello") == {"said": ["hello"]}
    assert quick("hello", ["safe", "rt"]) == quick("hello", ["safe", "rt"]) == {"said": ["hello"]}
    assert quick("bye") == {"said": ["bye"]}
    assert asked == [("hello", "safe"), ("hello", ["safe", "rt"]), ("bye", "safe")]
