"""What the content report shows of the treatments: what can be read, and what is held back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.facts import load_facts, load_link_hosts, may_link
from content.reading import Entry, read_entries
from content.signoff import Signoffs, State, Treatments, state_of
from content.treatment_words import ASPECTS, SHORT_FORMS_FILE, WORDS_FILE, load_treatment_words
from content.treatments import KINDS, Treatment, load_treatments
from scripts.report_model import FactRow, blocks, fact_rows

TITLES = {
    "disease_modifying": "Treatments: medicines for MS",
    "in_research": "Treatments: in research, or tried and given up",
    "symptom": "Treatments: for symptoms",
}
UNVERIFIED = "not verified: rests on general knowledge or on weak sources"


@dataclass(frozen=True)
class Aspect:
    """The answer to one question about a treatment."""

    label: str
    blocks: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Held:
    """A field that no visitor sees, why, and what it says."""

    field: str
    why: str
    text: str


@dataclass(frozen=True)
class TreatmentEntry:
    """One treatment on the page."""

    anchor: str
    name: str
    treatment: Treatment
    brands: tuple[str, ...]
    aspects: list[Aspect]
    held: list[Held]
    facts: list[FactRow]
    sources: list[dict[str, Any]]
    state: State
    code: str


@dataclass(frozen=True)
class TreatmentGroup:
    """All treatments of one kind."""

    anchor: str
    title: str
    entries: list[TreatmentEntry]


def treatment_groups(root: Path, signoffs: Signoffs, today: datetime.date) -> list[TreatmentGroup]:
    """Return the treatments below the checkout `root` by kind.

    Raises:
        ContentError: a file cannot be used.
    """
    entries = list(_entries(root, signoffs, today))
    return [
        TreatmentGroup(
            f"treatments-{kind}",
            TITLES[kind],
            [entry for entry in entries if entry.treatment.kind == kind],
        )
        for kind in KINDS
    ]


def _entries(root: Path, signoffs: Signoffs, today: datetime.date) -> Iterator[TreatmentEntry]:
    knowledge = root / "knowledge"
    words = load_treatment_words(knowledge / WORDS_FILE.name, knowledge / SHORT_FORMS_FILE.name)
    treatments = load_treatments(knowledge / "treatments.yml")
    facts = load_facts(knowledge / "facts.yml")
    hosts = load_link_hosts(knowledge / "link-hosts.yml")
    readable = Treatments(root)
    written = {
        entry.name: entry for entry in read_entries(knowledge / "treatments.yml", "treatments")
    }
    for treatment in treatments.values():
        one = readable.signable(treatment.id)
        short = words.short_forms.get(treatment.id)
        held = dict.fromkeys(written[treatment.id].texts("unverified_fields"), UNVERIFIED)
        for name in short.hold if short else ():
            held.setdefault(name, "held until its source has been checked")
        for name in short.instead if short else ():
            held.setdefault(name, "shown in other words than it has, see the left side")
        yield TreatmentEntry(
            anchor=one.answer,
            name=one.answer,
            treatment=treatment,
            brands=() if "brands" in held else treatment.brands,
            aspects=[
                Aspect(
                    words.aspects[aspect].label,
                    blocks(readable.answers.about(treatment.id, aspect).text),
                )
                for aspect in ASPECTS
            ],
            held=[
                Held(name, why, _said(written[treatment.id], name)) for name, why in held.items()
            ],
            facts=fact_rows(treatment.fact_ids, facts, today),
            sources=[_source(source, hosts) for source in written[treatment.id].entries("sources")],
            state=state_of(one.answer, one.text, signoffs),
            code=one.code,
        )


def _said(entry: Entry, field: str) -> str:
    value = entry.fields.get(field)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _source(entry: Entry, hosts: frozenset[str]) -> dict[str, Any]:
    url = entry.optional_text("url")
    return {
        "title": entry.text("title"),
        "publisher": entry.text("publisher"),
        "url": url if url and may_link(url, hosts) else None,
        "published": entry.optional_text("published"),
    }
