"""The page on which answers are reviewed shows all of them, and nothing that is held back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from content.facts import load_facts
from content.reading import ROOT
from content.responses import load_responses
from content.signoff import Signable, sign, signable
from content.topics import load_topics
from content.treatments import load_treatments
from scripts.content_report import main, render

COMPILED = datetime.date(2026, 11, 22)
Change = Callable[[str, str, str], None]


class Page(HTMLParser):
    """Ids, links, headings and codes of a page, and the text inside each element with an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.codes: list[str] = []
        self.loaded: list[str] = []
        self.classes: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self._open == [], "elements are left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        elif given.get("src") or tag == "link":
            self.loaded.append(str(given))
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if given.get("type") == "checkbox":
            self.codes.append(str(given["value"]))
        if tag not in ("meta", "input", "br"):
            self._open.append((tag, str(given.get("id") or given.get("class") or "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            self._texts.setdefault(name, []).append(data)

    def text(self, name: str) -> str:
        """The words inside the element(s) with this id or class."""
        return " ".join(" ".join(self._texts.get(name, [])).split())


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(ROOT, COMPILED))


def test_every_text_can_be_read_and_ticked_once(page: Page) -> None:
    wordings = [
        Signable(name, variation["text"]).code
        for name, variations in load_responses().items()
        for variation in variations
    ]
    treatments = [one.code for one in signable() if one.answer.startswith("treatment/")]
    assert sorted(page.codes) == sorted([*wordings, *treatments])
    for name, variations in load_responses().items():
        for number, variation in enumerate(variations, start=1):
            if "{" not in variation["text"]:
                words = " ".join(f"\n{variation['text']}".replace("\n- ", " ").split())
                anchor = name if number == 1 else f"{name}-{number}"
                assert words in page.text(anchor)


def test_topics_and_treatments_are_all_there(page: Page) -> None:
    assert set(load_topics()) <= set(page.ids)
    assert len(load_topics()) >= 41
    entries = {f"treatment/{name}" for name in load_treatments()}
    assert entries <= set(page.ids)
    assert len(entries) >= 55
    for treatment in load_treatments().values():
        text = page.text(f"treatment/{treatment.id}")
        for label in ("What it is", "Is it approved?", "Side effects", "Checks and tests"):
            assert label in text
        for fact in treatment.fact_ids:
            assert load_facts()[fact].statement in text


def test_links_lead_somewhere_and_nothing_is_loaded(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside - set(page.ids) == set()
    outside = [link for link in page.links if not link.startswith("#")]
    assert all(link.startswith(("https://", "http://")) for link in outside)
    assert page.loaded == []


def test_headings_skip_no_level(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    for before, after in zip(page.headings, page.headings[1:], strict=False):
        assert after <= before + 1


def test_facts_carry_confidence_age_and_the_day_of_the_next_check(page: Page) -> None:
    text = page.text("utter_treatment_overview")
    fact = load_facts()["non-active-spms-us"]
    assert f"{fact.statement} high 2026-01 changes often 2027-02-20" in text
    settled = load_facts()["spms-active-not-active"]
    assert f"{settled.statement} high 2021-08 2027-11-22" in text
    assert "Draft" in text
    assert "words, reading grade" in text
    assert "Sources, last checked 2026-11-22" in text


def test_what_is_held_back_is_shown_as_such_only(page: Page) -> None:
    entry = page.text("treatment/tolebrutinib")
    assert "status_elsewhere : not verified" in entry
    assert "trade news only" in entry
    assert "trade news" not in page.text("aspects")
    assert "Cenrifki" not in page.text("aspects")
    held = page.text("held")
    for fact in load_facts().values():
        assert (fact.statement in held) == (not fact.may_be_shown)
    assert "held until its official source has been checked" in held
    assert "unverified: general knowledge, no source was found" in held


def test_choices_lead_to_their_answers() -> None:
    html = render(ROOT, COMPILED)
    start = html.index('id="utter_research_history_interferon"')
    card = html[start : html.index("</article>", start)]
    answers = load_responses()["utter_research_history_interferon"]
    mayzent = [
        number
        for number, one in enumerate(answers, start=1)
        if one.get("condition", [{}])[0].get("value") == "siponimod"
    ]
    assert (
        f'<a href="#utter_research_history_interferon-{mayzent[0]}">The Mayzent trial</a>' in card
    )
    assert '<a href="#utter_research_history_interferon_more">What researchers learned</a>' in card


def test_overdue_facts_come_first() -> None:
    later = datetime.date(2027, 3, 22)
    late = Page(render(ROOT, later))
    due = late.text("due")
    assert "None is overdue" not in due
    fact = load_facts()["non-active-spms-us"]
    assert f"{fact.statement} 2027-02-20 30 days overdue" in due
    assert "utter_treatment_overview" in due
    assert load_facts()["spms-active-not-active"].statement not in due
    answer = late.text("utter_treatment_overview")
    assert answer.index("30 days overdue") < answer.index(
        load_facts()["spms-active-not-active"].statement
    )
    assert "None is overdue" in Page(render(ROOT, COMPILED)).text("due")


def test_facts_that_fall_due_soon_are_listed() -> None:
    soon = Page(render(ROOT, datetime.date(2027, 2, 1))).text("due")
    assert "None is overdue" in soon
    assert "Due within 30 days" in soon
    assert load_facts()["non-active-spms-us"].statement in soon


def test_a_signature_is_shown(checkout: Path) -> None:
    text = load_responses()["utter_what_is_spms"][0]["text"]
    sign(
        [Signable("utter_what_is_spms", text)],
        "neurologist",
        datetime.date(2026, 12, 1),
        checkout / "knowledge" / "signoff.yml",
    )
    signed = Page(render(checkout, COMPILED))
    assert "Signed: neurologist, 2026-12-01" in signed.text("utter_what_is_spms")
    assert "Draft" in signed.text("utter_what_is_spms_more")
    assert "Signed 1 of" in signed.text("figures")


def test_marks_in_a_text_are_only_words(checkout: Path, change: Change) -> None:
    change(
        "data/responses/about_spms.yml",
        "There is no cure yet. But",
        "<img src=x> & <b>no</b> cure yet. But",
    )
    assert "<img src=x> & <b>no</b> cure yet." in Page(render(checkout, COMPILED)).text(
        "utter_what_is_spms"
    )


def test_the_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "new folder" / "report.html"
    assert main(["--today", "2026-11-22", "--output", str(output)]) == 0
    assert capsys.readouterr().out.strip() == str(output)
    assert output.read_text("utf-8").startswith("<!doctype html>")


def test_broken_content_is_explained(
    checkout: Path, change: Change, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change("knowledge/facts.yml", "confidence: high", "confidence: sure")
    output = tmp_path / "report.html"
    assert main(["--root", str(checkout), "--output", str(output)]) == 1
    assert "facts.yml" in capsys.readouterr().err
    assert not output.exists()
