"""The intent classifier as a component of Rasa's pipeline (the mixture itself: intent_mixture)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from components.intent_mixture import IntentMixture, MixtureSettings
from components.sentence_embedding import SentenceEmbedding

# Keys of the parse result beside Rasa's own
NEAREST = "nearest"
MARGIN = "margin"
NOISE = "noise"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MixedIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks intents and keeps the nearest training example, so that staff can see why.

    Whether the first of the ranking is good enough is decided by Rasa's FallbackClassifier, which
    stands behind it in the pipeline.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        mixture: IntentMixture | None = None,
    ) -> None:
        """Keep where to store the mixture; `mixture` is None until it is trained."""
        self._ranking_length: int = config["ranking_length"]
        names = {field.name for field in dataclasses.fields(MixtureSettings)}
        self._settings = MixtureSettings(**{k: v for k, v in config.items() if k in names})
        self._model_storage = model_storage
        self._resource = resource
        self._mixture = mixture

    @classmethod
    def required_components(cls) -> list[type]:
        """The sentence embedding stands before it."""
        return [SentenceEmbedding]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking_length`, and every field of MixtureSettings."""
        return {"ranking_length": 10, **dataclasses.asdict(MixtureSettings())}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MixedIntentClassifier:
        """Make an untrained component (see GraphComponent)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MixedIntentClassifier:
        """Load a trained component (see GraphComponent)."""
        # Products of one small vector: a second thread costs more than it saves, and the core
        # belongs to the other visitors
        threadpool_limits(limits=1, user_api="blas")
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentMixture.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the intent examples and store the result.

        Raises:
            ValueError: there are fewer than two intents.
        """
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        self._mixture = IntentMixture.fit(
            [message.get(TEXT) for message in examples],
            np.stack([_vector(message) for message in examples]),
            [message.get(INTENT) for message in examples],
            self._settings,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._mixture.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking, nearest example, margin and noise of each message with text."""
        for message in messages:
            if self._mixture is None or not message.get(TEXT):
                continue
            found = self._mixture.predict(message.get(TEXT), _vector(message), self._ranking_length)
            ranking = [{"name": name, "confidence": score} for name, score in found.ranking]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(
                NEAREST,
                {"text": found.nearest_text, "score": found.nearest_score},
                add_to_output=True,
            )
            message.set(MARGIN, found.margin, add_to_output=True)
            message.set(NOISE, self._mixture.noise(message.get(TEXT)), add_to_output=True)
        return messages


def _vector(message: Message) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the embedding that SentenceEmbedding has added."""
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise ValueError("SentenceEmbedding must stand before MixedIntentClassifier")
    vector: np.ndarray[Any, np.dtype[np.float32]] = sentence.features[0]
    return vector
