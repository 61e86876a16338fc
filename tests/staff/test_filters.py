from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from content.topics import load_other_intents
from helpline.staff import filters, words
from helpline.staff.filters import Filters


def test_an_address_becomes_filters_and_back() -> None:
    address = {
        "from": "2026-11-01",
        "to": "2026-11-22",
        "topic": "what_is_spms",
        "below": "50",
        "kind": "clarify",
        "flag": "not_understood",
        "state": "new",
    }
    read = filters.read(address)
    assert read.errors == {}
    assert read.filters == Filters(
        first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 22),
        topic="what_is_spms",
        below=50,
        kind="clarify",
        flag="not_understood",
        state="new",
    )
    assert read.filters.parameters() == address
    assert read.filters.since == datetime(2026, 11, 1, tzinfo=UTC)
    assert read.filters.until == datetime(2026, 11, 23, tzinfo=UTC)
    assert read.filters.query(older=3).startswith("?from=2026-11-01&to=2026-11-22&topic=what_")
    assert read.filters.query(older=3).endswith("&older=3")


def test_empty_fields_are_not_given() -> None:
    read = filters.read({"from": "", "topic": " ", "older": "12", "something": "else"})
    assert read.filters == Filters()
    assert read.errors == {}
    assert read.filters.query() == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "22.11.2026"),
        ("from", "2026-13-01"),
        ("to", "0000-00-00"),
        ("to", "9999-12-31"),
        ("below", "abc"),
        ("below", "0"),
        ("below", "101"),
        ("below", "-5"),
        ("below", "1e3"),
        ("below", "٥٠"),
        ("below", "9" * 50),
        ("topic", "What is it?"),
        ("topic", "a" * 65),
        ("kind", "<script>"),
        ("flag", "x'; --"),
        ("state", "reviewing"),
    ],
)
def test_what_cannot_be_used_is_named_and_kept(name: str, value: str) -> None:
    read = filters.read({name: value, "kind" if name != "kind" else "topic": "answer"})
    assert list(read.errors) == [name]
    assert read.typed[name] == value[:200]


def test_a_span_that_ends_before_it_begins_is_named() -> None:
    read = filters.read({"from": "2026-11-02", "to": "2026-11-01"})
    assert list(read.errors) == ["to"]


@pytest.mark.parametrize("raw", [None, "", "x", "-1", "1.5", "9" * 19, "٣"])
def test_a_key_that_is_none_counts_as_not_given(raw: str | None) -> None:
    assert filters.read_key(raw) is None


def test_percent_may_carry_its_sign() -> None:
    assert filters.read({"below": "45 %"}).filters.below == 45


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0.0, "0 %"), (0.874, "87 %"), (0.999, "99 %"), (1.0, "100 %")],
)
def test_percent_never_rounds_up_to_certainty(share: float | None, text: str) -> None:
    assert words.percent(share) == text


def test_text_is_taken_apart_into_paragraphs_and_points() -> None:
    found = words.blocks("One.\nStill one.\n\n- a\n- b\nAfter the list.\n\n\n\nEnd")
    assert [(block.is_list, block.lines) for block in found] == [
        (False, ("One.", "Still one.")),
        (True, ("a", "b")),
        (False, ("After the list.",)),
        (False, ("End",)),
    ]


def test_every_kind_and_flag_has_a_label_of_its_own() -> None:
    kinds = [choice.label for choice in words.kind_choices()]
    flags = [choice.label for choice in words.flag_choices()]
    assert len(set(kinds)) == len(kinds)
    assert len(set(flags)) == len(flags)
    assert set(words.KIND_LABELS) >= {choice.value for choice in words.kind_choices()}
    assert set(words.FLAG_LABELS) >= {choice.value for choice in words.flag_choices()}


def test_an_intent_is_shown_by_its_label() -> None:
    assert words.intent_label("what_is_spms") == "What SPMS is"
    assert words.intent_label("nlu_fallback") == "Not understood"
    assert words.intent_label("gone_since_then") == "Gone since then"


def test_every_intent_has_words_of_its_own() -> None:
    spelled = {
        name for name in load_other_intents() if words.intent_label(name) == words.from_id(name)
    }
    # Where the words are those of the id
    assert spelled == {"crisis", "emergency", "abuse"}
