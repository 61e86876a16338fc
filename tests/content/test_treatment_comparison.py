"""Two treatments side by side."""

from __future__ import annotations

import itertools
import re

import pytest

from content.contacts import NAVIGATOR_ID
from content.treatment_subject import count_words
from tests.content.treatments_said import (
    ANSWERS,
    MOST_WORDS_COMPARED,
    TREATMENTS,
    assert_good,
)

RECOMMENDS = re.compile(
    r"(?<!no )\b(?:better than|best|we prefer|safer|choose|stronger than)\b", re.I
)
COMPARED = ("what", "approval", "evidence", "how_taken", "side_effects", "monitoring")


def test_all_pairs_compare_without_recommending() -> None:
    for first, second in itertools.combinations(TREATMENTS, 2):
        for aspect in ("what", "side_effects"):
            answer = ANSWERS.compare(first, second, aspect)
            text = answer.text
            assert count_words(text) <= MOST_WORDS_COMPARED, text
            assert text.startswith("Side by side, without saying which is better.")
            assert text.endswith("The choice is made with your care team.")
            assert not RECOMMENDS.search(text), text
            assert answer.name == f"{first},{second}/{aspect}"


@pytest.mark.parametrize("aspect", COMPARED)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("siponimod", "ocrelizumab"),
        ("ofatumumab", "ublituximab"),
        ("tolebrutinib", "fenebrutinib"),
        ("baclofen-oral", "tizanidine"),
        ("fingolimod", "teriflunomide"),
        ("ahsct", "alemtuzumab"),
        ("metformin", "simvastatin"),
    ],
)
def test_comparisons_are_good(first: str, second: str, aspect: str) -> None:
    assert_good(ANSWERS.compare(first, second, aspect), MOST_WORDS_COMPARED)


def test_a_comparison_shows_both_from_every_side() -> None:
    text = ANSWERS.compare("siponimod", "ocrelizumab", "what").text
    blocks = text.split("\n\n")
    for block, name in zip(
        blocks[1:3], ("Mayzent (siponimod)", "Ocrevus (ocrelizumab)"), strict=True
    ):
        assert block.startswith(name)
        assert re.search(r"\n- US \(\w+ 20\d\d\): approved", block)
        assert "\n- SPMS: " in block
        assert "\n- Watch for: " in block
    assert "a tablet once a day" in text
    assert "a drip or shot about every six months" in text


def test_comparing_side_effects_ends_with_help() -> None:
    text = ANSWERS.compare("siponimod", "fingolimod", "side_effects").text
    assert "slow pulse" in text  # both are S1P medicines: their own line
    mixed = ANSWERS.compare("siponimod", "glatiramer", "side_effects").text
    assert "call 911" in mixed
    assert "do not stop any medicine on your own" in mixed


def test_what_cannot_be_put_side_by_side_is_compared_as_a_whole() -> None:
    assert ANSWERS.compare("siponimod", "ocrelizumab", "questions").name.endswith("/what")
    assert "I do not give doses" in ANSWERS.compare("siponimod", "ocrelizumab", "dose").text
    mixing = ANSWERS.compare("siponimod", "carbamazepine", "interactions")
    assert "Mayzent (siponimod) and carbamazepine (Tegretol)" in mixing.text
    assert mixing.contact == NAVIGATOR_ID


def test_comparing_approval_in_other_countries() -> None:
    text = ANSWERS.compare("siponimod", "ofatumumab", "approval", abroad=True).text
    assert "EU and UK: for SPMS with active disease" in text
    assert "no checked facts about Kesimpta outside the US" in text
    assert count_words(text) <= MOST_WORDS_COMPARED
    assert "EU" not in ANSWERS.compare("siponimod", "ofatumumab", "approval").text
