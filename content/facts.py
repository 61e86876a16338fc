"""The fact brief `knowledge/facts.yml`: facts with their sources."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from content.reading import KNOWLEDGE, ContentError, Entry, cached, read_entries, read_mapping

FACTS_FILE = KNOWLEDGE / "facts.yml"
LINK_HOSTS_FILE = KNOWLEDGE / "link-hosts.yml"

CONFIDENCES = ("high", "medium", "low", "unverified")
RESEARCH_STATUSES = ("under-study", "failed", "mixed", "approved-elsewhere")

# Well sourced in part only: nobody sees these before the European Medicines Agency's own page
# has been checked, whatever their confidence says.
HELD_FACTS = frozenset({"tolebrutinib-eu", "research-status-summary"})

RECHECK_OFTEN_DAYS = 90
RECHECK_DAYS = 365


@dataclass(frozen=True)
class Source:
    """A page or paper that a fact rests on. `show_url`: may a visitor be given its address?"""

    title: str
    publisher: str
    url: str | None
    published: str | None
    show_url: bool


@dataclass(frozen=True)
class Fact:
    """One thing the helpline knows. `as_of` is the date of the information, as the file says it;
    `checked_on` (YYYY-MM-DD) the day on which somebody last looked at the sources.
    """

    id: str
    topic: str
    statement: str
    as_of: str
    sources: tuple[Source, ...]
    confidence: str
    changes_often: bool
    research_status: str | None
    checked_on: str

    @property
    def may_be_shown(self) -> bool:
        """Whether an answer may rest on it: high or medium confidence, and not held back."""
        return self.confidence in ("high", "medium") and self.id not in HELD_FACTS


def recheck_due(fact: Fact) -> datetime.date:
    """Return the day on which somebody must look at the fact's sources again."""
    days = RECHECK_OFTEN_DAYS if fact.changes_often else RECHECK_DAYS
    return datetime.date.fromisoformat(fact.checked_on) + datetime.timedelta(days=days)


def load_link_hosts(path: Path = LINK_HOSTS_FILE) -> frozenset[str]:
    """Return the hosts a visitor may be sent to: publishers' own sites, never copies or mirrors.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read_link_hosts, path)


def _read_link_hosts(path: Path) -> frozenset[str]:
    hosts = read_mapping(path).get("hosts")
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise ContentError(path, "must be a list of host names", field="hosts")
    return frozenset(host.lower() for host in hosts)


def may_link(url: str, hosts: frozenset[str]) -> bool:
    """Whether `url` is an http(s) address on one of `hosts`; "www." makes no difference."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().rstrip(".")
    return parts.scheme in ("http", "https") and host.removeprefix("www.") in {
        allowed.removeprefix("www.") for allowed in hosts
    }


def load_facts(path: Path = FACTS_FILE) -> Mapping[str, Fact]:
    """Return all facts by id, those that may not be shown too (see `Fact.may_be_shown`).

    Reads the file again only when it has changed.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read_facts, path)


def _read_facts(path: Path) -> dict[str, Fact]:
    compiled = Entry(path, "top of the file", read_mapping(path)).day("compiled")
    if compiled is None:
        raise ContentError(path, "is missing: write the date of the brief", field="compiled")
    hosts = load_link_hosts()
    return {entry.name: _fact(entry, compiled, hosts) for entry in read_entries(path, "facts")}


def _fact(entry: Entry, compiled: str, hosts: frozenset[str]) -> Fact:
    confidence = entry.one_of("confidence", CONFIDENCES)
    sources = tuple(_source(source, hosts) for source in entry.entries("sources"))
    if not sources and confidence != "unverified":
        raise entry.error(f"is empty, but confidence is {confidence}", "sources")
    status = entry.optional_text("research_status")
    if status is not None:
        status = entry.one_of("research_status", RESEARCH_STATUSES)
    return Fact(
        id=entry.name,
        topic=entry.text("topic"),
        statement=entry.text("statement"),
        as_of=entry.text("as_of"),
        sources=sources,
        confidence=confidence,
        changes_often=entry.flag("changes_often"),
        research_status=status,
        checked_on=entry.day("checked_on") or compiled,
    )


def _source(entry: Entry, hosts: frozenset[str]) -> Source:
    url = entry.optional_text("url")
    return Source(
        title=entry.text("title"),
        publisher=entry.text("publisher"),
        url=url,
        published=entry.optional_text("published"),
        show_url=url is not None and may_link(url, hosts),
    )


def sources_of(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """Return the sources of `facts` for a message, each once; those that can be opened come first,
    otherwise they stand in the order of the facts.

    Each is {"title", "publisher", "url", "published"}; `url` is None where the address must not
    be shown, `published` where the day is not known.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in facts:
        for source in fact.sources:
            found.setdefault(
                (source.title, source.publisher),
                {
                    "title": source.title,
                    "publisher": source.publisher,
                    "url": source.url if source.show_url else None,
                    "published": source.published,
                },
            )
    return sorted(found.values(), key=lambda source: source["url"] is None)


def checked_on(facts: Iterable[Fact]) -> str | None:
    """Return the oldest day (YYYY-MM-DD) on which one of `facts` was checked; None without any."""
    return min((fact.checked_on for fact in facts), default=None)
