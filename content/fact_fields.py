"""Which fields of a treatment a fact speaks about: `knowledge/fact_fields.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from content.reading import KNOWLEDGE, Entry, cached, read_mapping
from content.treatments import ASPECTS

FIELDS_FILE = KNOWLEDGE / "fact_fields.yml"
STOPPING = "stopping"
TRIALS = "trials"

# What an answer says -> the fields it is made of; what is not here says nothing of a field
_SAID: dict[str, tuple[str, ...]] = {
    "what": ("drug_class", "us_status", "evidence_spms"),
    "approval": ("us_status", "status_elsewhere", "evidence_spms"),
    "not_active": ("us_status", "evidence_spms"),
    "evidence": ("evidence_spms", "us_status"),
    "how_taken": ("how_taken",),
    "side_effects": ("side_effects", STOPPING),
    "monitoring": ("monitoring", STOPPING),
    "questions": (),
    "research": ("us_status", "evidence_spms"),
    "dose": ("how_taken",),
    "interactions": (STOPPING,),
}
# Two treatments side by side are compared by fewer
_COMPARED: dict[str, tuple[str, ...]] = {
    "what": ("us_status", "evidence_spms", "how_taken", "side_effects"),
    "approval": ("us_status", "status_elsewhere"),
    "evidence": ("evidence_spms",),
}


def load_fact_fields(path: Path = FIELDS_FILE) -> Mapping[str, tuple[str, ...]]:
    """Return field -> the facts that speak about it, the closest first. A fact that is in none of
    them speaks about all.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read, path)


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    fields = Entry(path, "fields", read_mapping(path).get("fields"))
    fields.only(*ASPECTS, STOPPING, TRIALS)
    return {field: fields.texts(field) for field in fields.fields}


def facts_for(facts: Iterable[str], aspect: str, compared: bool = False) -> list[str]:
    """Return those of a treatment's facts that an answer rests on.

    Args:
        facts: ids of all facts of the treatment.
        aspect: one of `treatment_words.ASPECTS`.
        compared: whether it stands in a few words beside another treatment: then the closest fact
            of each field is enough.

    Returns:
        The facts, in their order; all of them where none speaks about the fields that are said, so
        that no field is left without a source.

    Raises:
        ContentError: the file cannot be used.
    """
    facts = list(facts)
    said = _COMPARED.get(aspect, _SAID[aspect]) if compared else _SAID[aspect]
    speaks = load_fact_fields()
    listed = {fact for named in speaks.values() for fact in named}
    kept = {fact for fact in facts if fact not in listed}
    for field in said:
        about = [fact for fact in speaks.get(field, ()) if fact in facts]
        kept.update(about[:1] if compared else about)
    if not kept and set(said) & set(ASPECTS):
        return facts
    return [fact for fact in facts if fact in kept]
