"""In which country a visitor is, and whom to call there: `knowledge/countries.yml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from content.contacts import Contact, read_contacts
from content.reading import KNOWLEDGE, Entry, as_mapping, cached, read_entries, read_mapping

HOME_COUNTRY = "us"
COUNTRIES_FILE = KNOWLEDGE / "countries.yml"
ENTITIES_FILE = KNOWLEDGE / "entities.yml"

# What stands before the name of the place where somebody is, in English, Spanish and on a form
_BEFORE = r"(?:^|[,;(:]|\b(?:in|from|to|at|near|on|outside|here|en|desde|de|es|live|country|pais))"
_ARTICLE = r"(?:the|la|el|los|las|northern|southern|south|north|western|eastern|rural)"
# Who asks what is allowed or sold in a country need not be there, unless they say so
_ABOUT_THE_COUNTRY = re.compile(
    r"\b(?:legal|laws?|approved|approval|available|licen[sc]ed|allowed|trials?|stud(?:y|ies)|"
    r"dignitas|legali[sz]ed|news|film|movie|read|article|trip|travel\w*|holiday|vacation)\b"
)
_IS_THERE = re.compile(
    r"\b(?:live|living|lives|based|writing|i am from|im from|i am in|im in|we are in|were in|"
    r"here in|vivo|vivimos|estoy|soy de|aqui en|desde)\b"
)


@dataclass(frozen=True)
class Country:
    """A country's lines; `crisis` and `abuse` are None where we know none."""

    id: str
    name: str
    emergency: Contact
    crisis: Contact | None
    abuse: Contact | None


@dataclass(frozen=True)
class _Countries:
    by_id: Mapping[str, Country]
    id_of: Mapping[str, str]
    names: re.Pattern[str]


def country_of(texts: Iterable[str], path: Path = COUNTRIES_FILE) -> Country | None:
    """Return the country that a visitor is in, None for the US and where it is not known.

    The newest text that tells a place decides.

    Args:
        texts: what the visitor wrote, the newest first.
        path: the file of countries.

    Raises:
        ContentError: a file cannot be used.
    """
    known = cached(_read_countries, path)
    for text in texts:
        found = _places(_plain(text), known)
        if len(found) == 1:
            (only,) = found
            return None if only == HOME_COUNTRY else known.by_id[only]
    return None


def load_countries(path: Path = COUNTRIES_FILE) -> Mapping[str, Country]:
    """Return the countries by id, as in the entity `country`.

    Raises:
        ContentError: a file cannot be used.
    """
    return cached(_read_countries, path).by_id


def _places(text: str, known: _Countries) -> set[str]:
    """Return the countries that a text names as a place where somebody is."""
    if _ABOUT_THE_COUNTRY.search(text) and not _IS_THERE.search(text):
        return set()
    return {known.id_of[match["name"]] for match in known.names.finditer(text)}


def _plain(text: str) -> str:
    """Small letters without accents, apostrophes and the dots of U.K."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(each for each in letters if not unicodedata.combining(each))
    kept = re.sub(r"['’]|(?<=\b\w)\.(?=\w\b)|(?<=\.\w)\.", "", kept)
    return " ".join(re.sub(r"[.!?\n]", " , ", kept).split())


def _read_countries(path: Path) -> _Countries:
    contacts = read_contacts()
    entities = Entry(ENTITIES_FILE, "entities", read_mapping(ENTITIES_FILE).get("entities"))
    shared = as_mapping(entities.fields.get("country"))
    by_id: dict[str, Country] = {}
    id_of: dict[str, str] = {}
    for entry in read_entries(path, "countries"):
        by_id[entry.name] = _country(entry, contacts)
        names = as_mapping(shared.get(entry.name)).get("names") or ()
        for name in (entry.text("name"), *names, *entry.texts("also")):
            # "the US" without its article is a word of every other sentence
            whole = _plain(str(name))
            plain = whole if whole == "the us" else whole.removeprefix("the ")
            if id_of.setdefault(plain, entry.name) != entry.name:
                raise entry.error(f"has the name '{plain}' of {id_of[plain]}", "also")
    longest_first = "|".join(map(re.escape, sorted(id_of, key=len, reverse=True)))
    names_re = rf"(?:{_BEFORE}\s*(?:{_ARTICLE}\s+)*?)\b(?P<name>{longest_first})\b"
    return _Countries(by_id, id_of, re.compile(names_re))


def _country(entry: Entry, contacts: Mapping[str, Contact]) -> Country:
    entry.only("id", "name", "also", "emergency", "crisis", "abuse")
    lines: dict[str, Contact | None] = {}
    for kind in ("emergency", "crisis", "abuse"):
        contact_id = entry.optional_text(kind)
        if contact_id is not None and contact_id not in contacts:
            raise entry.error(f"names the contact '{contact_id}', which is not known", kind)
        lines[kind] = contacts[contact_id] if contact_id else None
    emergency = lines["emergency"]
    if emergency is None or emergency.phone is None:
        raise entry.error("needs a contact with a phone number", "emergency")
    return Country(entry.name, entry.text("name"), emergency, lines["crisis"], lines["abuse"])
