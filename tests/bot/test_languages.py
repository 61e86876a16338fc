"""Messages in other languages are told apart from odd English and from names of medicines."""

from __future__ import annotations

import pytest

from actions.languages import WRITTEN, other_language
from content.context_words import load_context_words
from content.responses import load_responses


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Buenos días, mi madre tiene esclerosis múltiple", "es"),
        ("necesito hablar con alguien", "es"),
        ("hablas español?", "es"),
        ("Español", "es"),
        ("do you speak deutsch", "de"),
        ("en francais svp", "fr"),
        ("Bonjour, ma mère a la sclérose en plaques", "fr"),
        ("Ich habe gerade die Diagnose bekommen", "de"),
        ("quais são os sintomas da doença", "pt"),
        ("buonasera, vorrei sapere se esiste una cura", "it"),
    ],
)
def test_language_is_named(text: str, language: str) -> None:
    assert other_language(text) == f"utter_other_language_{language}"


@pytest.mark.parametrize("text", ["необходима помощь", "多発性硬化症について"])
def test_other_letters_get_all_languages(text: str) -> None:
    assert other_language(text) == "utter_other_language"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "🧠💊",
        "hola",
        "Avonex, Rebif",
        "tysabri natalizumab",
        "cn yuo tlel me abot tretment",
        "flibber wobble grontle zap",
        "mums legs wont move right anymore",
        "Sjögren and MS together",
        "my neurologist is called Deutsch and she says my scans are stable",
    ],
)
def test_english_and_fragments_are_left_alone(text: str) -> None:
    assert other_language(text) is None


def test_every_language_has_its_words() -> None:
    names = set(load_responses())
    assert {f"utter_other_language_{language}" for language in WRITTEN} <= names
    assert "utter_other_language" in names
    assert set(load_context_words().own_names) == set(WRITTEN)
