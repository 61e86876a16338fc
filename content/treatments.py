"""Treatments and what may be said about each: `knowledge/treatments.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.reading import KNOWLEDGE, Entry, cached, read_entries

TREATMENTS_FILE = KNOWLEDGE / "treatments.yml"
KINDS = ("disease_modifying", "in_research", "symptom")

# What can be asked about a treatment; each is a field of the file
ASPECTS = (
    "drug_class",
    "how_taken",
    "us_status",
    "status_elsewhere",
    "evidence_spms",
    "side_effects",
    "monitoring",
)


@dataclass(frozen=True)
class Treatment:
    """A treatment. `aspects` holds only what may be shown: fields nobody has verified are left
    out. `status_date` is the date of the newest information, as the file says it.
    """

    id: str
    kind: str
    generic: str
    brands: tuple[str, ...]
    also_called: tuple[str, ...]
    aspects: Mapping[str, str]
    ask_your_team: tuple[str, ...]
    status_date: str
    fact_ids: tuple[str, ...]
    confidence: str


def load_treatments(path: Path = TREATMENTS_FILE) -> Mapping[str, Treatment]:
    """Return the treatments by id; reads the file again only when it has changed.

    Raises:
        ContentError: the file cannot be used, or one name stands in two entries.
    """
    return cached(_read_treatments, path)


def _read_treatments(path: Path) -> dict[str, Treatment]:
    treatments: dict[str, Treatment] = {}
    owner: dict[str, str] = {}
    for entry in read_entries(path, "treatments"):
        treatment = _treatment(entry)
        names = (treatment.generic, *treatment.brands, *treatment.also_called)
        for name in {name.lower() for name in names}:
            if name in owner:
                raise entry.error(f"'{name}' is a name of '{owner[name]}' too", "also_called")
            owner[name] = treatment.id
        treatments[treatment.id] = treatment
    return treatments


def _treatment(entry: Entry) -> Treatment:
    unverified = entry.texts("unverified_fields")
    for field in unverified:
        if field not in entry.fields:
            raise entry.error(
                f"names '{field}', which the entry does not have", "unverified_fields"
            )
    aspects = {
        aspect: text
        for aspect in ASPECTS
        if aspect not in unverified and (text := entry.optional_text(aspect)) is not None
    }
    return Treatment(
        id=entry.name,
        kind=entry.one_of("kind", KINDS),
        generic=entry.text("generic"),
        brands=() if "brands" in unverified else entry.texts("brands"),
        also_called=entry.texts("also_called"),
        aspects=aspects,
        ask_your_team=entry.texts("ask_your_team"),
        status_date=entry.text("status_date"),
        fact_ids=entry.texts("fact_ids"),
        confidence=entry.one_of("confidence", ("high", "medium", "low", "unverified")),
    )
