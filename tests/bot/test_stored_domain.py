"""The domain in the model is the one that was trained with, for us and for plain Rasa."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

from components import stored_domain
from tests.bot.conftest import ROOT

RESOURCE = Resource("domain")
Persist = Callable[[DomainProvider, Domain], None]


@pytest.fixture(scope="module")
def domain() -> Domain:
    written = Domain.from_path(ROOT / "domain.yml")
    return written.merge(Domain.from_path(ROOT / "data" / "responses"))


def provider(tmp_path: Path, domain: Domain, persist: Persist) -> LocalModelStorage:
    storage = LocalModelStorage(tmp_path)
    persist(DomainProvider(storage, RESOURCE), domain)
    return storage


@pytest.mark.parametrize("persist", [stored_domain.persist, DomainProvider._persist])
@pytest.mark.parametrize("load", [stored_domain.load, DomainProvider.load])
def test_what_is_written_is_what_is_read(
    tmp_path: Path, domain: Domain, persist: Persist, load: Callable[..., DomainProvider]
) -> None:
    storage = provider(tmp_path, domain, persist)
    found = load({}, storage, RESOURCE, None).provide_inference()
    assert found.fingerprint() == domain.fingerprint()
    assert found.responses == domain.responses
    told = [[slot.fingerprint() for slot in each.slots] for each in (found, domain)]
    assert told[0] == told[1]
    assert found.intents == domain.intents
    assert found.session_config == domain.session_config


def test_signs_and_lines_stay_as_they_are(tmp_path: Path) -> None:
    text = "yes: “no” — 1 %\n\nñ \N{WAVING HAND SIGN} \\n {name} #"
    domain = Domain.from_dict({"responses": {"utter_odd": [{"text": text}]}})
    storage = provider(tmp_path, domain, stored_domain.persist)
    for load in (stored_domain.load, DomainProvider.load):
        read = load({}, storage, RESOURCE, None).provide_inference()
        assert read.responses["utter_odd"][0]["text"] == text
