"""In which country a visitor is, told by what they write, and whom to call there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from content.contacts import read_contacts
from content.countries import country_of, load_countries
from content.reading import ContentError

HERE = [
    ("i want to die. I live in Ireland", "ireland"),
    ("my husband hits me, im in the UK", "uk"),
    ("I'm in the U.K. and I want to die", "uk"),
    ("I want to kill myself (Canada)", "canada"),
    ("can't breathe, Australia", "australia"),
    ("writing from new zealand, my wife beats me", "new_zealand"),
    ("I am from Northern Ireland, I can't go on", "uk"),
    ("quiero morir, vivo en España", "spain"),
    ("mi marido me pega. Estoy en México", "mexico"),
    ("ya no quiero vivir, soy de Alemania", "germany"),
    ("Here in Poland nobody listens. I want to end it", "eu"),
    ("i live in new south wales and want to die", "australia"),
    ("France. I want to die", "france"),
]
NOT_KNOWN = [
    "I want to die",
    "help us, we want to die in the end",
    "is assisted dying legal in Canada, I want to die",
    "is there a trial in Germany. I want to die",
    "I live in New Mexico and want to die",
    "I left Ireland, I live in the US now and I want to die",
    "from Spain to France it is the same, I want to die",
    "I want to die, I live in Kenya",
    "my friend Paris and my dog India",
    "in pain",
]


@pytest.mark.parametrize(("text", "country"), HERE)
def test_a_place_is_read_in_english_and_spanish(text: str, country: str) -> None:
    found = country_of([text])
    assert found is not None and found.id == country


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_a_country_that_is_only_talked_about_is_not_where_one_is(text: str) -> None:
    found = country_of([text])
    assert found is None, found


def test_the_newest_text_that_tells_a_place_decides() -> None:
    texts = ["I want to die", "what is spms", "I moved, I live in Canada now", "I am in Spain"]
    found = country_of(texts)
    assert found is not None and found.id == "canada"
    assert country_of(["I want to die", "I live in the US", "I am in Spain"]) is None


def test_every_country_has_a_number_for_danger_and_each_line_a_source() -> None:
    countries = load_countries()
    assert len(countries) >= 15
    for country in countries.values():
        assert country.emergency.phone
        for line in (country.emergency, country.crisis, country.abuse):
            if line is not None:
                assert line.facts or (line.source or "").startswith("https://"), line.id
    numbers = {one.id: one.crisis.phone for one in countries.values() if one.crisis}
    assert numbers["uk"] == "116 123" and numbers["spain"] == "024"


def test_a_country_with_a_line_that_nobody_knows_is_refused(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    change("knowledge/countries.yml", "crisis: spain_024", "crisis: spain_025")
    with pytest.raises(ContentError, match="entry 'spain', field 'crisis'"):
        load_countries(checkout / "knowledge" / "countries.yml")


def test_contacts_that_rest_on_no_fact_name_their_source() -> None:
    for contact in read_contacts().values():
        assert contact.facts or re.match(r"https://\S+$", contact.source or ""), contact.id
