"""The names of treatments, trials, symptoms, MS types and countries, from `knowledge/`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.reading import KNOWLEDGE, Entry, read_mapping
from content.treatments import TREATMENTS_FILE, load_treatments

ENTITIES_FILE = KNOWLEDGE / "entities.yml"
TREATMENT = "treatment"
TRIAL = "trial"


@dataclass(frozen=True)
class Term:
    """A name for something: `entity` is its kind, `id` its canonical id. A name that is an
    ordinary word as well counts only in capitals or beside "trial" or "study" (`only_in_context`).
    `proper` is False for nicknames and known misspellings.
    """

    entity: str
    id: str
    name: str
    only_in_context: bool = False
    proper: bool = True


def load_terms(
    treatments_file: Path = TREATMENTS_FILE, entities_file: Path = ENTITIES_FILE
) -> list[Term]:
    """Return every name, treatments first.

    Raises:
        ContentError: a file cannot be used.
    """
    treatments = load_treatments(treatments_file)
    terms = []
    for treatment in treatments.values():
        proper = _names(treatment.generic, *treatment.brands)
        terms += [Term(TREATMENT, treatment.id, name) for name in proper]
        terms += [
            Term(TREATMENT, treatment.id, name, proper=False)
            for name in _names(*treatment.also_called)
            if name not in proper
        ]
    # "interferon beta-1a (into the muscle)" and "(under the skin)": the name tells neither
    owners = Counter(term.name for term in terms)
    terms = [term for term in terms if owners[term.name] == 1]
    groups = Entry(entities_file, "entities", read_mapping(entities_file).get("entities"))
    for kind in groups.fields:
        things = Entry(entities_file, kind, groups.fields[kind])
        for name in things.fields:
            thing = Entry(entities_file, name, things.fields[name])
            thing.only("names", "only_in_context", *(("treatment",) if kind == TRIAL else ()))
            if kind == TREATMENT and name not in treatments:
                raise thing.error(f"is no treatment of {treatments_file.name}")
            terms += [Term(kind, name, each) for each in thing.texts("names")]
            terms += [Term(kind, name, each, True) for each in thing.texts("only_in_context")]
    return terms


def load_trial_treatments(entities_file: Path = ENTITIES_FILE) -> dict[str, str]:
    """Return trial -> the treatment it tested, for those that tested one.

    Raises:
        ContentError: the file cannot be used.
    """
    groups = Entry(entities_file, "entities", read_mapping(entities_file).get("entities"))
    trials = Entry(entities_file, TRIAL, groups.fields.get(TRIAL))
    treatments = {}
    for name in trials.fields:
        trial = Entry(entities_file, name, trials.fields[name])
        treatment = trial.optional_text("treatment")
        if treatment is not None and treatment not in load_treatments():
            raise trial.error(f"is no treatment of {TREATMENTS_FILE.name}", "treatment")
        if treatment is not None:
            treatments[name] = treatment
    return treatments


def load_words_not_treatments(entities_file: Path = ENTITIES_FILE) -> frozenset[str]:
    """Return the English words that look like a misspelled treatment, in small letters.

    Raises:
        ContentError: the file cannot be used.
    """
    top = Entry(entities_file, "top of the file", read_mapping(entities_file))
    return frozenset(word.lower() for word in top.texts("never_a_treatment"))


def _names(*names: str) -> list[str]:
    """Leave out what stands in brackets: "ocrelizumab (drip or shot)" is called ocrelizumab."""
    return list(dict.fromkeys(name.partition(" (")[0] for name in names))


def terms_hash(terms: Sequence[Term]) -> str:
    """Return a short hash that changes with every change of a name."""
    told = json.dumps([(t.entity, t.id, t.name, t.only_in_context) for t in terms])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def ruler_patterns(terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Return the terms as patterns of spaCy's entity ruler (phrases compared in small letters)."""
    beside = {"LOWER": {"IN": ["trial", "trials", "study", "studies"]}}
    patterns: list[dict[str, Any]] = []
    for term in terms:
        if not term.only_in_context:
            # Both ways of writing: spaCy splits "im" (I'm) into two tokens, and "IM" not
            shapes: list[Any] = list(dict.fromkeys([term.name, term.name.lower()]))
        else:
            words = term.name.split()
            small = [{"LOWER": word} for word in words]
            capital = [{"TEXT": word.upper()} for word in words]
            shapes = [[*small, beside], [beside, *small], capital]
        patterns += [{"label": term.entity, "pattern": each, "id": term.id} for each in shapes]
    return patterns
