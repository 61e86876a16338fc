"""Whom a visitor can reach: `knowledge/contacts.yml`, and what to say when that file is broken."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import settings
from content.reading import KNOWLEDGE, ContentError, Entry, cached, read_entries

CONTACTS_FILE = KNOWLEDGE / "contacts.yml"
NAVIGATOR_ID = "ms_navigator"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contact:
    """A line to call or text. `for_` says what it is for, `hours` is None where not confirmed,
    `verified_on` (YYYY-MM-DD) where nobody has checked number and address by using them,
    `language` where it answers in English. It rests on `facts`, or else on the page `source`.
    """

    id: str
    name: str
    phone: str | None
    url: str | None
    for_: str
    hours: str | None
    verified_on: str | None
    country: str = "US"
    facts: tuple[str, ...] = ()
    language: str | None = None
    source: str | None = None


# The one place in the code that spells the number: a visitor gets it even when every file is gone.
LAST_RESORT = Contact(
    id=NAVIGATOR_ID,
    name="MS Navigator, National MS Society",
    phone="1-800-344-4867",
    url="https://www.nationalmssociety.org",
    for_="Answers, support and help to find services. No medical advice.",
    hours=None,
    verified_on=None,
)


def load_contacts(path: Path = CONTACTS_FILE) -> Mapping[str, Contact]:
    """Return the contacts by id; never fails.

    A broken file is logged, and LAST_RESORT stands in for it. The setting CONTACT_PAGE_URL, where
    given, replaces the MS Navigator's address.
    """
    try:
        contacts = dict(read_contacts(path))
    except ContentError as error:
        _log.error("contacts cannot be read, the last-resort number stands in: %s", error)
        contacts = {}
    navigator = contacts.get(NAVIGATOR_ID, LAST_RESORT)
    page = settings.load().contact_page_url
    if page:
        navigator = dataclasses.replace(navigator, url=page)
    contacts[NAVIGATOR_ID] = navigator
    return contacts


def read_contacts(path: Path = CONTACTS_FILE) -> Mapping[str, Contact]:
    """Return the contacts by id, as the file has them.

    Raises:
        ContentError: the file cannot be used, or the MS Navigator is not in it.
    """
    return cached(_read_contacts, path)


def _read_contacts(path: Path) -> dict[str, Contact]:
    contacts = {entry.name: _contact(entry) for entry in read_entries(path, "contacts")}
    if NAVIGATOR_ID not in contacts:
        raise ContentError(path, f"has no contact '{NAVIGATOR_ID}'", field="contacts")
    return contacts


def _contact(entry: Entry) -> Contact:
    entry.only(
        *("id", "name", "phone", "url", "for", "hours", "verified_on", "country", "facts"),
        *("language", "source"),
    )
    contact = Contact(
        id=entry.name,
        name=entry.text("name"),
        phone=entry.optional_text("phone"),
        url=entry.optional_text("url"),
        for_=entry.text("for"),
        hours=entry.optional_text("hours"),
        verified_on=entry.day("verified_on"),
        country=entry.text("country"),
        facts=entry.texts("facts"),
        language=entry.optional_text("language"),
        source=entry.optional_text("source"),
    )
    if contact.phone is None and contact.url is None:
        raise entry.error(
            "is missing, and so is 'url': give at least one way to reach them", "phone"
        )
    return contact


def contact_dict(contact: Contact) -> dict[str, Any]:
    """Return a contact in the shape of a message: {"name", "phone", "url", "for", "hours"}."""
    for_ = f"{contact.for_} Languages: {contact.language}." if contact.language else contact.for_
    return {
        "name": contact.name,
        "phone": contact.phone,
        "url": contact.url,
        "for": for_,
        "hours": contact.hours,
    }
