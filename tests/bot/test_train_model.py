"""Training without superfluous copies learns what Rasa's own training learns."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from scripts.train_model import merge_without_copies


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
