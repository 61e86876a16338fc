"""What may not be shown, and what happens when the knowledge about treatments changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from content.reading import ContentError
from content.treatment_answers import TreatmentAnswers
from content.treatment_subject import count_words
from content.treatment_words import ASPECTS, SHORT_FORMS, TreatmentWords, load_treatment_words
from content.treatments import load_treatments
from tests.content.treatments_said import (
    FACTS,
    WORDS,
    about,
)


def _built(checkout: Path) -> tuple[TreatmentAnswers, TreatmentWords]:
    knowledge = checkout / "knowledge"
    words = load_treatment_words(
        knowledge / "treatment_words.yml", knowledge / "treatment_short_forms.yml"
    )
    return TreatmentAnswers(load_treatments(knowledge / "treatments.yml"), words, FACTS), words


def test_unverified_fields_are_never_shown(checkout: Path) -> None:
    path = checkout / "knowledge" / "treatments.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = [*SHORT_FORMS.values(), "monitoring", "status_elsewhere", "brands"]
    for entry in content["treatments"]:
        entry["unverified_fields"] = sorted({field for field in fields if field in entry})
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    answers, words = _built(checkout)
    for entry in content["treatments"]:
        forms = words.short_forms[entry["id"]]
        hidden = [entry[field] for field in fields if isinstance(entry.get(field), str)]
        # One or two plain words, such as "fumarate", may stand in any sentence
        hidden = [text for text in [*hidden, *forms.forms.values()] if len(text.split()) > 2]
        for aspect in ASPECTS:
            text = answers.about(entry["id"], aspect).text
            assert text
            if aspect == "questions":
                continue  # they are our own, and never unverified
            for sentence in hidden:
                if sentence not in forms.instead.values():
                    assert sentence.rstrip(".") not in text
            for brand in entry["brands"]:
                assert brand not in text
        if not forms.instead:
            assert "no checked facts on this" in answers.about(entry["id"], "evidence").text
    compared = answers.compare("siponimod", "ocrelizumab", "what").text
    assert "one fifth" not in compared
    assert "no checked facts on this for siponimod" in compared


def test_the_held_field_of_the_file_is_not_shown() -> None:
    text = yaml.safe_load(Path("knowledge/treatments.yml").read_text(encoding="utf-8"))
    held = [
        (entry["id"], entry[field])
        for entry in text["treatments"]
        for field in entry["unverified_fields"]
    ]
    assert held  # otherwise this test has nothing left to look at: remove it then
    for treatment, field in held:
        for aspect in ASPECTS:
            assert field not in about(treatment, aspect).text


def test_short_forms_are_short() -> None:
    for one in WORDS.short_forms.values():
        for form in SHORT_FORMS:
            assert count_words(one.forms[form]) <= 14
            assert not one.forms[form].endswith(".")


def test_short_forms_of_an_entry_that_changed_are_not_used(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    before = _built(checkout)[0].compare("siponimod", "ocrelizumab", "what").text
    assert "about one fifth lower risk of lasting worsening" in before
    change("knowledge/treatment_short_forms.yml", "  siponimod:\n    as_of: 2026-09", OLD_SIPONIMOD)
    after = _built(checkout)[0].compare("siponimod", "ocrelizumab", "what").text
    assert "about one fifth lower risk of lasting worsening" not in after
    assert "the risk of lasting worsening was about one fifth lower" in after


OLD_SIPONIMOD = "  siponimod:\n    as_of: 2025-01"


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("treatment_words.yml", "{Name} {text}.", "{Name} {colour}.", "colour"),
        ("treatment_words.yml", "{Name} {text}.", "{Name {text}.", "sentences"),
        ("treatment_words.yml", "  which_one:", "  which_two:", "which_two"),
        ("treatment_words.yml", "label: Side effects\n", "label:\n", "label"),
        ("treatment_words.yml", "side effect*", "Side effect*", "small letters"),
        ("treatment_words.yml", "then: [side_effects, how_taken]", "then: [colour]", "colour"),
        ("treatment_words.yml", "facts: [glatiramer-anaphylaxis]", "facts: []", "glatiramer"),
        ("treatment_words.yml", "version: 1", "versoin: 1", "versoin"),
        ("treatment_short_forms.yml", "urgent: stroke", "urgent: strike", "strike"),
        ("treatment_short_forms.yml", "    group: antibody\n", "", "group"),
        ("treatment_short_forms.yml", "us_status: Not", "usstatus: Not", "usstatus"),
    ],
)
def test_mistakes_are_named(
    checkout: Path,
    change: Callable[[str, str, str], None],
    file: str,
    old: str,
    new: str,
    names: str,
) -> None:
    change(f"knowledge/{file}", old, new)
    with pytest.raises(ContentError) as error:
        _built(checkout)
    assert file in str(error.value)
    assert names in str(error.value)


def test_missing_files_are_named(checkout: Path) -> None:
    (checkout / "knowledge" / "treatment_words.yml").unlink()
    with pytest.raises(ContentError, match=r"treatment_words\.yml"):
        _built(checkout)
