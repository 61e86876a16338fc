from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.intent_classifier import MixedIntentClassifier
from components.intent_mixture import IntentMixture
from components.ngrams import NgramVectors
from components.sentence_model import SentenceModel

EXAMPLES = {
    "fatigue": ["I am so tired", "worn out all day", "no energy left", "fatigue is getting to me"],
    "walking": ["my legs are weak", "I fall a lot", "my balance is gone", "I use a cane to walk"],
    "greet": ["hello", "hi there", "good morning"],
    "mayzent": ["what is mayzent", "tell me about mayzent"],
    "once": ["how do I join a trial"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
INTENTS = [intent for intent, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel()


@pytest.fixture(scope="module")
def mixture(model: SentenceModel) -> IntentMixture:
    return IntentMixture.fit(TEXTS, model.embed(TEXTS), INTENTS)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("exhausted, no strength to do anything", "fatigue"),  # known by meaning
        ("i keep losing my balnce and stumbling", "walking"),
        ("helo", "greet"),  # known by letters
        ("wat is mayzant", "mayzent"),
        ("joining a clinical trial", "once"),
    ],
)
def test_meaning_and_letters_both_tell(
    mixture: IntentMixture, model: SentenceModel, text: str, intent: str
) -> None:
    found = mixture.predict(text, model.embed([text])[0])
    assert found.ranking[0][0] == intent
    assert found.nearest_text in EXAMPLES[intent]
    assert 0 < found.nearest_score <= 1


def test_scores_order_and_margin(mixture: IntentMixture, model: SentenceModel) -> None:
    found = mixture.predict("I am so tired", model.embed(["I am so tired"])[0], length=3)
    scores = [score for _, score in found.ranking]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert found.margin == pytest.approx(scores[0] - scores[1])
    assert found.nearest_text == "I am so tired"
    assert found.nearest_score == pytest.approx(1, abs=1e-3)


def test_the_height_of_a_score_tells_known_from_unknown(
    mixture: IntentMixture, model: SentenceModel
) -> None:
    def best(text: str) -> float:
        return mixture.predict(text, model.embed([text])[0]).ranking[0][1]

    assert best("I am so tired") > best("i feel tired today") > best("the price of wheat rose")
    assert best("qzx vvk 77") < 0.3


def test_many_at_once_gives_what_one_gives(mixture: IntentMixture, model: SentenceModel) -> None:
    texts = ["tired", "mayzent?", "", "🧠"]
    scores = mixture.scores(texts, model.embed(texts))
    for row, text in enumerate(texts):
        for intent, score in mixture.predict(text, model.embed([text])[0], 5).ranking:
            assert scores[row, mixture.intents.index(intent)] == pytest.approx(score, abs=1e-5)


def test_stored_as_arrays_and_json_only(
    mixture: IntentMixture, model: SentenceModel, tmp_path: Path
) -> None:
    mixture.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}
    with np.load(tmp_path / "mixture.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)
    vector = model.embed(["no energy today"])[0]
    again = IntentMixture.load(tmp_path)
    assert again.predict("no energy today", vector) == mixture.predict("no energy today", vector)


def test_another_format_is_refused(mixture: IntentMixture, tmp_path: Path) -> None:
    mixture.save(tmp_path)
    told = json.loads((tmp_path / "mixture.json").read_text())
    (tmp_path / "mixture.json").write_text(json.dumps(told | {"version": 1}))
    with pytest.raises(ValueError, match="train again"):
        IntentMixture.load(tmp_path)


def test_the_same_examples_give_the_same_mixture(model: SentenceModel) -> None:
    vectors = model.embed(TEXTS)
    shuffled = np.random.default_rng(0).permutation(len(TEXTS))
    one = IntentMixture.fit(TEXTS, vectors, INTENTS)
    two = IntentMixture.fit(
        [TEXTS[i] for i in shuffled], vectors[shuffled], [INTENTS[i] for i in shuffled]
    )
    vector = model.embed(["what helps with tiredness"])
    first = one.scores(["what helps with tiredness"], vector)
    assert first == pytest.approx(two.scores(["what helps with tiredness"], vector), abs=0.02)
    assert (
        first
        == IntentMixture.fit(TEXTS, vectors, INTENTS).scores(["what helps with tiredness"], vector)
    ).all()


def test_two_intents_and_one(model: SentenceModel) -> None:
    texts = ["yes", "yes please", "no", "no thanks"]
    vectors = model.embed(texts)
    both = IntentMixture.fit(texts, vectors, ["affirm", "affirm", "deny", "deny"])
    assert both.predict("yes", vectors[0]).ranking[0][0] == "affirm"
    assert both.predict("no", vectors[2]).ranking[0][0] == "deny"
    with pytest.raises(ValueError, match="at least two intents"):
        IntentMixture.fit(texts, vectors, ["affirm"] * 4)


def test_nearest_is_the_mean_of_two_and_equals_count_twice(model: SentenceModel) -> None:
    texts = ["worn out", "worn out", "no energy", "hello there", "helo", "just one"]
    intents = ["tired", "tired", "tired", "greet", "greet", "single"]
    vectors = model.embed(texts)
    asked = ["worn out", "hello", "just one"]
    mixture = IntentMixture.fit(texts, vectors, intents)
    found = mixture.evidence(asked, model.embed(asked)).meaning
    centre = vectors.mean(axis=0)
    examples, queries = (
        rows / np.linalg.norm(rows, axis=1, keepdims=True)
        for rows in (vectors - centre, model.embed(asked) - centre)
    )
    for row, likeness in enumerate(queries @ examples.T):
        for column, intent in enumerate(mixture.intents):
            own = sorted(likeness[[label == intent for label in intents]])
            assert found[row, column] == pytest.approx(np.mean(own[-2:]), abs=0.005)


def test_ngram_halves_are_unit_and_unknown_letters_are_nothing() -> None:
    ngrams, vectors = NgramVectors.fit_transform(TEXTS)
    words = len(ngrams.state()[0][0])
    columns, values = ngrams.row("I am so tired")
    assert np.linalg.norm(values[columns < words]) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(values[columns >= words]) == pytest.approx(1, abs=1e-5)
    assert len(ngrams.row("")[0]) == len(ngrams.row("ßßß")[0]) == 0
    again = NgramVectors.from_state(*ngrams.state())
    for place, text in enumerate(TEXTS):
        alone = np.zeros(ngrams.size, dtype=np.float32)
        columns, values = ngrams.row(text)
        alone[columns] = values
        assert vectors[place].toarray()[0] == pytest.approx(alone, abs=1e-6)
        assert (again.row(text)[1] == values).all()


def message(text: str, model: SentenceModel, intent: str | None = None) -> Message:
    data = {TEXT: text} if intent is None else {TEXT: text, INTENT: intent}
    made = Message(data)
    made.add_features(Features(model.embed([text]), "sentence", TEXT, "SentenceEmbedding"))
    return made


def test_what_a_hand_types_that_rests_on_the_keys_is_noise(mixture: IntentMixture) -> None:
    assert mixture.noise("Zzkx the fatgue of it, xqzv!") == ["zzkx", "xqzv"]
    # Other words and typing errors are none, nor is what is too short to tell
    assert mixture.noise("tiredness, ballance 42 zq") == []


def test_the_component_trains_stores_loads_and_tells_why(
    model: SentenceModel, tmp_path: Path
) -> None:
    storage = LocalModelStorage(tmp_path)
    resource, context = Resource("classifier"), ExecutionContext(None)
    config = MixedIntentClassifier.get_default_config()
    data = TrainingData([message(t, model, i) for t, i in zip(TEXTS, INTENTS, strict=True)])
    MixedIntentClassifier.create(config, storage, resource, context).train(data)

    loaded = MixedIntentClassifier.load(config, storage, resource, context)
    asked, silent = message("so very tired", model), Message({TEXT: ""})
    loaded.process([asked, silent])
    told = asked.as_dict(only_output_properties=True)
    assert told["intent"]["name"] == "fatigue"
    assert told["intent_ranking"][0] == told["intent"]
    assert len(told["intent_ranking"]) == len(EXAMPLES)
    assert told["nearest"]["text"] == "I am so tired"
    # None of the few examples has a word like it
    assert told["noise"] == ["very"]
    assert told["margin"] == pytest.approx(
        told["intent_ranking"][0]["confidence"] - told["intent_ranking"][1]["confidence"]
    )
    assert silent.get("intent_ranking") is None


def test_the_component_needs_the_embedding_before_it(model: SentenceModel, tmp_path: Path) -> None:
    component = MixedIntentClassifier(
        MixedIntentClassifier.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("classifier"),
        IntentMixture.fit(TEXTS, model.embed(TEXTS), INTENTS),
    )
    with pytest.raises(ValueError, match="SentenceEmbedding"):
        component.process([Message({TEXT: "tired"})])
