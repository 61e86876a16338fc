"""The spaCy pipeline, built in code: English tokens and an entity ruler fed from `knowledge/`.

No trained spaCy model is needed, and none can be had from a package registry.
"""

from __future__ import annotations

import functools
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.utils import spacy_utils
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.lang.en import English

from components.medical_terms import Term, load_terms, ruler_patterns, terms_hash


# Rasa finds the provider of the spaCy model by this class name, so it cannot have another.
@DefaultV1Recipe.register(
    [
        DefaultV1Recipe.ComponentType.MODEL_LOADER,
        DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER,
    ],
    is_trainable=False,
    model_from="SpacyNLP",
)
class SpacyNLP(spacy_utils.SpacyNLP):
    """Provides spaCy's blank English with the entity ruler."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No options: capitals are kept, since they tell the trial EXPAND from the verb."""
        return {}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make Rasa notice that a name in `knowledge/` has changed."""
        return terms_hash(load_terms())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyNLP:
        """Build the pipeline (see GraphComponent).

        Raises:
            ContentError: a file of `knowledge/` cannot be used.
        """
        return cls(build_model(), {**cls.get_default_config(), **config})

    def process_training_data(
        self, training_data: TrainingData, model: spacy_utils.SpacyModel
    ) -> TrainingData:
        """Leave the examples as they are: nothing that is trained looks at their words one by one.

        A document for each would be copied and hashed with every example, for half of the time
        that a training takes.
        """
        return training_data

    def _preprocess_text(self, text: str | None) -> str:
        """Capitals mean nothing in a message that is all capitals."""
        if not text:
            return ""
        lowered = text.lower()
        shouted = text.isupper() and len(text.split()) > 1
        # Some letters grow when made small; then positions would no longer fit
        return lowered if shouted and len(lowered) == len(text) else text


def build_model() -> spacy_utils.SpacyModel:
    """Return the pipeline with a name that changes whenever the terms do.

    Raises:
        ContentError: a file of `knowledge/` cannot be used.
    """
    return _built(tuple(load_terms()))


# Rasa makes the component twice in every server, once to provide the model and once to use it
@functools.lru_cache(maxsize=1)
def _built(terms: tuple[Term, ...]) -> spacy_utils.SpacyModel:
    # `spacy.blank("en")` would first look through all languages for the nearest to English
    language = English()
    ruler = language.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(ruler_patterns(terms))  # type: ignore[attr-defined]
    return spacy_utils.SpacyModel(model=language, model_name=f"knowledge-{terms_hash(terms)}")
