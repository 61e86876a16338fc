"""The domain in the trained model, written so that a bot that starts has it at once.

Rasa keeps the domain in the model as YAML, and reads and checks that file four times when its
server starts, with a parser in Python: almost half of the whole start, for what Rasa itself has
written. JSON is YAML, so every command of Rasa can still read it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.constants import LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.core.domain import Domain
from rasa.shared.utils.validation import KEY_TRAINING_DATA_FORMAT_VERSION

FILE = "domain.yml"


def persist(provider: DomainProvider, domain: Domain) -> None:
    """Write the domain into the model as JSON."""
    with provider._model_storage.write_to(provider._resource) as folder:
        told = {KEY_TRAINING_DATA_FORMAT_VERSION: LATEST_TRAINING_DATA_FORMAT_VERSION}
        text = json.dumps(told | domain.as_dict(), ensure_ascii=False, indent=1)
        (Path(folder) / FILE).write_text(text, encoding="utf-8")


def load(
    config: dict[str, Any],
    model_storage: ModelStorage,
    resource: Resource,
    execution_context: ExecutionContext,
    **kwargs: Any,
) -> DomainProvider:
    """Read the domain of the model (see GraphComponent); also one that plain Rasa has written."""
    with model_storage.read_from(resource) as folder:
        try:
            written = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
        except ValueError:
            domain = Domain.from_path(folder)
        else:
            domain = Domain.from_dict(written)
    return DomainProvider(model_storage, resource, domain)


def install_writing() -> None:
    """Let the models that this process trains hold it so."""
    DomainProvider._persist = persist


def install() -> None:
    """Let this process read it so."""
    DomainProvider.load = staticmethod(load)
