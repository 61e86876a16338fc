from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from content.facts import (
    HELD_FACTS,
    Fact,
    Source,
    checked_on,
    load_facts,
    load_link_hosts,
    may_link,
    sources_of,
)
from content.reading import ContentError
from content.treatments import load_treatments


def _fact(**changes: object) -> Fact:
    fact = Fact(
        id="one",
        topic="spms-basics",
        statement="Something.",
        as_of="2024",
        sources=(Source("A page", "NIH", "https://example.org", "2024", False),),
        confidence="high",
        changes_often=False,
        research_status=None,
        checked_on="2026-11-22",
    )
    return dataclasses.replace(fact, **changes)  # type: ignore[arg-type]


def test_the_brief_is_complete() -> None:
    facts = load_facts()
    assert len(facts) >= 213
    assert facts["tysabri-ascend"].sources[0].publisher
    assert facts["avonex-impact"].as_of == "2002"
    assert all(fact.checked_on >= "2026-11-22" for fact in facts.values())


def test_held_and_weak_facts_are_never_shown() -> None:
    facts = load_facts()
    hidden = {fact.id for fact in facts.values() if not fact.may_be_shown}
    assert HELD_FACTS <= hidden
    assert {"ivig-spms", "ms-navigator-hours", "ireland-help", "canada-crisis"} <= hidden
    assert "mayzent-expand" not in hidden


def test_addresses_of_copies_are_not_shown() -> None:
    hosts = load_link_hosts()
    for fact in load_facts().values():
        for source in fact.sources:
            assert source.show_url == (source.url is not None and may_link(source.url, hosts))
    shown = sources_of(load_facts().values())
    assert not [one for one in shown if one["url"] and "document" in one["url"]]
    label = next(one for one in shown if one["publisher"] == "The Meditary (label text)")
    assert label["url"] is None
    society = next(one for one in shown if one["publisher"] == "National MS Society (US)")
    assert society["url"].startswith("https://www.nationalmssociety.org/")


def test_may_link_wants_the_whole_host() -> None:
    hosts = frozenset({"fda.gov"})
    assert may_link("https://www.fda.gov/drugs", hosts)
    assert not may_link("https://fda.gov.example.org", hosts)
    assert not may_link("https://api.fda.gov/drug", hosts)
    assert not may_link("javascript://fda.gov/%0aalert(1)", hosts)


def test_sources_come_once_those_that_can_be_opened_first() -> None:
    linked = [
        Source(f"{name} page", "FDA", f"https://www.fda.gov/{name}", None, True) for name in "bc"
    ]
    first, second = _fact(), _fact(id="two", sources=(*linked, _fact().sources[0]))
    assert sources_of([first, second]) == [
        {"title": "b page", "publisher": "FDA", "url": "https://www.fda.gov/b", "published": None},
        {"title": "c page", "publisher": "FDA", "url": "https://www.fda.gov/c", "published": None},
        {"title": "A page", "publisher": "NIH", "url": None, "published": "2024"},
    ]


def test_checked_on_is_the_oldest_day() -> None:
    assert checked_on([_fact(), _fact(checked_on="2026-01-02")]) == "2026-01-02"
    assert checked_on([]) is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("confidence: high", "confidence: certain", "field 'confidence': is 'certain'"),
        ("changes_often: false", "changes_often: maybe", "field 'changes_often': must be true"),
        ("- id: spms-vs-rrms", "- id: spms-what-it-is", "field 'id': is given twice"),
        ("compiled: '2026-11-22'", "compiled: last week", "field 'compiled': is 'last week'"),
        ("    publisher: National MS Society (US)\n", "", "field 'publisher': is missing"),
    ],
)
def test_broken_facts_say_where(
    checkout: Path,
    change: Callable[[str, str, str], None],
    old: str,
    new: str,
    complaint: str,
) -> None:
    change("knowledge/facts.yml", old, new)
    with pytest.raises(ContentError, match=r"facts\.yml") as caught:
        load_facts(checkout / "knowledge" / "facts.yml")
    assert complaint in str(caught.value)


def test_unverified_fields_of_treatments_are_left_out() -> None:
    treatments = load_treatments()
    assert "status_elsewhere" not in treatments["tolebrutinib"].aspects
    assert "us_status" in treatments["tolebrutinib"].aspects
    assert treatments["siponimod"].brands == ("Mayzent",)


def test_a_name_of_two_treatments_is_refused(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    change("knowledge/treatments.yml", "  - lemtrade\n", "  - mayzent\n")
    with pytest.raises(ContentError, match="is a name of"):
        load_treatments(checkout / "knowledge" / "treatments.yml")
