"""The words around the facts on a treatment: `knowledge/treatment_words.yml` and
`knowledge/treatment_short_forms.yml`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from content.reading import KNOWLEDGE, ContentError, Entry, cached, read_mapping
from content.treatments import ASPECTS as FIELDS

WORDS_FILE = KNOWLEDGE / "treatment_words.yml"
SHORT_FORMS_FILE = KNOWLEDGE / "treatment_short_forms.yml"

# What can be asked about a treatment
ASPECTS = (
    "what",
    "approval",
    "not_active",
    "evidence",
    "how_taken",
    "side_effects",
    "monitoring",
    "questions",
    "research",
    "dose",
    "interactions",
)
SIGNS = ("all_treatments", "compare", "other_one", "same_again", "abroad")

# Short form -> the field of treatments.yml that it says in fewer words
SHORT_FORMS = {
    "what": "drug_class",
    "group": "drug_class",
    "how": "how_taken",
    "approved": "us_status",
    "evidence": "evidence_spms",
    "risks": "side_effects",
}

# Sentence -> what is filled in. One that is missing or asks for more is an error of the file.
SENTENCES: dict[str, set[str]] = {
    "what": {"Name", "name", "text"},
    "what_unknown": {"name"},
    "other_brand": {"brands"},
    "other_brands": {"brands"},
    "same_medicine": {"names", "generic"},
    "in_us": {"date", "text"},
    "in_us_undated": {"text"},
    "elsewhere": {"date", "text"},
    "elsewhere_unknown": {"short"},
    "active_means": set(),
    "not_active": {"date"},
    "tested": {"text"},
    "helps": {"text"},
    "evidence": {"name", "date", "text"},
    "evidence_symptom": {"name", "date", "text"},
    "one_person": set(),
    "how_taken": {"name", "text"},
    "how_given": {"name", "text"},
    "how_taken_close": set(),
    "side_effects": {"name", "date"},
    "side_effects_short": {"name", "date"},
    "monitoring": {"name", "text"},
    "monitoring_inside": {"text"},
    "monitoring_close": set(),
    "stop": {"short"},
    "stop_any": set(),
    "questions": {"name"},
    "questions_close": set(),
    "research": {"name", "date"},
    "research_close": set(),
    "dose": {"name"},
    "dose_how": {"text"},
    "dose_navigator": set(),
    "interactions": {"names"},
    "interactions_list": set(),
    "unknown": {"name"},
    "compare": set(),
    "compare_name": {"Name", "text"},
    "compare_us": {"date", "text"},
    "compare_spms": {"text"},
    "compare_symptom": {"text"},
    "compare_risks": {"text"},
    "compare_close": set(),
    "which_one": set(),
    "which_first": set(),
    "all_treatments": set(),
    "not_covered": {"names"},
    "no_more": {"name"},
    "no_detail": {"name"},
    "simple_how": {"text"},
}

Phrases = re.Pattern[str]


@dataclass(frozen=True)
class AspectWords:
    """How an aspect is asked for and offered. `then`: the aspects offered after it."""

    label: str
    then: tuple[str, ...]
    sure: Phrases | None
    hint: Phrases | None


@dataclass(frozen=True)
class Urgent:
    """A line on when to get help, and the facts it rests on."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class ShortForms:
    """A treatment in a few words; `forms` has the keys of SHORT_FORMS. `as_of` is the
    `status_date` of the entry that they were written from. `called` is said for its generic name,
    None where that can be said as it is. `instead` holds fields in other words, `hold` fields that
    must not be shown although nobody has listed them as unverified.
    """

    id: str
    as_of: str
    called: str | None
    brand_first: bool
    forms: Mapping[str, str]
    urgent: str
    hold: tuple[str, ...]
    instead: Mapping[str, str]


@dataclass(frozen=True)
class TreatmentWords:
    """Everything of both files."""

    most_asked: tuple[str, ...]
    aspects: Mapping[str, AspectWords]
    signs: Mapping[str, Phrases | None]
    not_covered: Mapping[str, Phrases]
    instead_of_fields: Mapping[str, Mapping[str, str]]
    explained: Mapping[str, str]
    sentences: Mapping[str, str]
    questions_more: tuple[str, ...]
    urgent: Mapping[str, Urgent]
    short_forms: Mapping[str, ShortForms]


def load_treatment_words(
    path: Path = WORDS_FILE, short_forms: Path = SHORT_FORMS_FILE
) -> TreatmentWords:
    """Return the words; reads a file again only when it has changed.

    Raises:
        ContentError: a file cannot be used.
    """
    words = cached(_read_words, path)
    forms = cached(_read_short_forms, short_forms)
    for form in forms.values():
        if form.urgent not in words.urgent:
            raise ContentError(short_forms, f"'{form.urgent}' is no line", form.id, "urgent")
    return dataclasses.replace(words, short_forms=forms)


def plain(text: str) -> str:
    """Return a text as phrases are compared: small letters, no apostrophes, single spaces."""
    text = re.sub(r"['’`´]", "", text.lower())
    return " ".join(re.sub(r"[^\w\s]|_", " ", text).split())


def _read_words(path: Path) -> TreatmentWords:
    top = Entry(path, "top of the file", read_mapping(path))
    top.only(
        "version",
        "most_asked",
        "aspects",
        "signs",
        "not_covered",
        "instead_of_fields",
        "explained",
        "sentences",
        "urgent",
    )
    sentences = _block(top, "sentences")
    return TreatmentWords(
        most_asked=top.texts("most_asked"),
        aspects=_aspects(_block(top, "aspects")),
        signs={name: _phrases(_block(top, "signs"), name) for name in SIGNS},
        not_covered=_not_covered(_block(top, "not_covered")),
        instead_of_fields={
            field: _filled(_block(top, "instead_of_fields", field), {"name", "Name"})
            for field in _block(top, "instead_of_fields").fields
        },
        explained=_filled(_block(top, "explained"), set()),
        sentences=_sentences(sentences),
        questions_more=sentences.texts("questions_more"),
        urgent={name: _urgent(top, name) for name in _block(top, "urgent").fields},
        short_forms={},
    )


def _block(top: Entry, *names: str) -> Entry:
    block = top
    for name in names:
        block = Entry(top.path, name, block.fields.get(name))
    return block


def _aspects(block: Entry) -> dict[str, AspectWords]:
    block.only(*ASPECTS)
    aspects = {}
    for name in block.fields:
        entry = Entry(block.path, name, block.fields[name])
        entry.only("label", "then", "sure", "hint")
        for follower in entry.texts("then"):
            if follower not in ASPECTS:
                raise entry.error(f"'{follower}' is no aspect", "then")
        aspects[name] = AspectWords(
            label=entry.text("label"),
            then=entry.texts("then"),
            sure=_phrases(entry, "sure"),
            hint=_phrases(entry, "hint"),
        )
    for name in ASPECTS:
        if name not in aspects:
            raise block.error("is missing", name)
    return aspects


def _phrases(entry: Entry, field: str) -> Phrases | None:
    return any_of(entry.texts(field), lambda problem: entry.error(problem, field))


def any_of(
    phrases: Iterable[str], error: Callable[[str], Exception] = ValueError
) -> Phrases | None:
    """Return what finds one of `phrases` in a plain text, the longest first; None without any.

    Args:
        phrases: plain words; one that ends in * stands for all that begin so.
        error: makes the exception for a phrase that could never be found.
    """
    patterns = []
    for phrase in sorted(phrases, key=len, reverse=True):
        if plain(phrase.replace("*", "").replace("-", " ")) != phrase.replace("*", "").replace(
            "-", " "
        ):
            raise error(f"'{phrase}': write small letters and no punctuation")
        patterns.append(re.escape(phrase.replace("-", " ")).replace(r"\*", r"\w*"))
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b") if patterns else None


def _not_covered(block: Entry) -> dict[str, Phrases]:
    found = {}
    for name in block.fields:
        phrases = _phrases(block, name)
        if phrases is None:
            raise block.error("needs at least one name", name)
        found[name] = phrases
    return found


def _sentences(block: Entry) -> dict[str, str]:
    block.only(*SENTENCES, "questions_more")
    return {name: _sentence(block, name, allowed) for name, allowed in SENTENCES.items()}


def _filled(block: Entry, allowed: set[str]) -> dict[str, str]:
    return {name: _sentence(block, name, allowed) for name in block.fields}


def _sentence(block: Entry, name: str, allowed: set[str]) -> str:
    text = block.text(name)
    try:
        asked = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise block.error(f"has braces that do not fit: {error}", name) from None
    if asked - allowed:
        raise block.error(f"asks for {', '.join(sorted(asked - allowed))}", name)
    return text


def _urgent(top: Entry, name: str) -> Urgent:
    entry = _block(top, "urgent", name)
    entry.only("text", "facts")
    facts = entry.texts("facts")
    if not facts:
        raise entry.error("rests on no fact", "facts")
    return Urgent(text=entry.text("text"), facts=facts)


def _read_short_forms(path: Path) -> dict[str, ShortForms]:
    treatments = Entry(path, "treatments", read_mapping(path).get("treatments"))
    found = {}
    for name in treatments.fields:
        entry = Entry(path, name, treatments.fields[name])
        entry.only("as_of", "called", "brand_first", *SHORT_FORMS, "urgent", "hold", "instead")
        instead = Entry(path, f"{name}, instead", entry.fields.get("instead") or {})
        instead.only(*FIELDS, "status_date")
        found[name] = ShortForms(
            id=name,
            as_of=entry.text("as_of"),
            called=entry.optional_text("called"),
            brand_first="brand_first" in entry.fields and entry.flag("brand_first"),
            forms={form: entry.text(form) for form in SHORT_FORMS},
            urgent=entry.text("urgent"),
            hold=entry.texts("hold"),
            instead={field: instead.text(field) for field in instead.fields},
        )
    return found
