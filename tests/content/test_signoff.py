"""A signature holds for the very text that was read, and for nothing else."""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from content import signoff
from content.empathy import with_empathy
from content.reading import ContentError
from content.responses import load_responses
from content.signoff import (
    DRAFT,
    Signable,
    Treatments,
    always_shown,
    load_signoffs,
    may_be_shown,
    sign,
    signable,
    state_of,
    unsigned,
)
from scripts.check_content import findings_for
from scripts.sign_off import main

DAY = datetime.date(2026, 12, 1)
SPMS = Signable("utter_what_is_spms", load_responses()["utter_what_is_spms"][0]["text"])


@pytest.fixture
def signatures(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of signatures of a copy, in place of the real one."""
    path = checkout / "knowledge" / "signoff.yml"
    monkeypatch.setattr(signoff, "SIGNOFF_FILE", path)
    monkeypatch.setattr(signoff.load_signoffs, "__defaults__", (path,))
    return path


def test_nobody_has_signed_anything_yet() -> None:
    assert load_signoffs() == {}
    texts = signable()
    assert unsigned() == len(texts) == len(set(texts)) > 150
    assert state_of(SPMS.answer, SPMS.text) == DRAFT


def test_a_signature_belongs_to_answer_and_text(signatures: Path) -> None:
    sign([SPMS], "neurologist", DAY, signatures)
    state = state_of(SPMS.answer, SPMS.text)
    assert (state.signed, state.role, state.signed_on) == (True, "neurologist", "2026-12-01")
    assert str(state) == "signed (neurologist, 2026-12-01)"
    assert state_of(SPMS.answer, f"\n{SPMS.text}\n").signed
    assert not state_of(SPMS.answer, SPMS.text.replace("cure", "Cure")).signed
    assert not state_of("utter_what_is_spms_more", SPMS.text).signed


def test_each_wording_is_signed_by_itself(signatures: Path) -> None:
    first, second = (
        Signable("utter_thank", each["text"]) for each in load_responses()["utter_thank"][:2]
    )
    sign([first], "nurse", DAY, signatures)
    assert state_of(first.answer, first.text).signed
    assert not state_of(second.answer, second.text).signed
    assert unsigned([first, second]) == 1


def test_signing_keeps_what_was_signed_before(signatures: Path) -> None:
    other = Signable("utter_help", "Another text.")
    sign([SPMS], "neurologist", DAY, signatures)
    sign([other, SPMS], " MS  nurse ", datetime.date(2027, 1, 5), signatures)
    held = load_signoffs(signatures)
    assert {(answer, state.role) for (answer, _), state in held.items()} == {
        ("utter_help", "MS nurse"),
        ("utter_what_is_spms", "MS nurse"),
    }
    text = signatures.read_text("utf-8")
    assert text.index("utter_help") < text.index("utter_what_is_spms")
    assert text.startswith("# Who signed which answer.")
    assert [path.name for path in signatures.parent.glob(".signoff*")] == []


def test_a_role_is_needed(signatures: Path) -> None:
    before = signatures.read_text("utf-8")
    with pytest.raises(ValueError, match="in which role"):
        sign([SPMS], "  ", DAY, signatures)
    assert signatures.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("version: 1", "field 'signed': must be a list"),
        (
            "signed: [{answer: a, text_sha256: abc, role: r, signed_on: 2026-12-01}]",
            "must be 64 hexa",
        ),
        ("signed: [{answer: a, text_sha256: DIGEST, role: r}]", "'signed_on': is missing"),
        ("signed: [{answer: a, text_sha256: DIGEST, signed_on: 2026-12-01}]", "'role': is missing"),
        (
            "signed: [{answer: a, text_sha256: DIGEST, role: r, signed_on: soon}]",
            "write a date",
        ),
        (
            "signed: [{answer: a, text_sha256: DIGEST, role: r, signed_on: 2026-12-01, name: x}]",
            "'name': is not known",
        ),
    ],
)
def test_a_broken_file_says_where(signatures: Path, written: str, complaint: str) -> None:
    written = written.replace("DIGEST", SPMS.digest)
    signatures.write_text(written, encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        load_signoffs(signatures)
    with pytest.raises(ContentError, match=complaint):
        sign([SPMS], "nurse", DAY, signatures)
    assert signatures.read_text("utf-8") == written


def test_signed_twice_is_refused(signatures: Path) -> None:
    sign([SPMS], "nurse", DAY, signatures)
    entry = signatures.read_text("utf-8").partition("signed:\n")[2]
    signatures.write_text(signatures.read_text("utf-8") + entry, encoding="utf-8")
    with pytest.raises(ContentError, match="twice"):
        load_signoffs(signatures)


def test_everything_is_shown_unless_signatures_are_required() -> None:
    assert may_be_shown(SPMS.answer, SPMS.text, require_signed=False)
    assert may_be_shown(None, "anything", require_signed=False)


def test_required_signatures_hold_back_drafts(signatures: Path) -> None:
    assert not may_be_shown(SPMS.answer, SPMS.text, require_signed=True)
    sign([SPMS], "neurologist", DAY, signatures)
    assert may_be_shown(SPMS.answer, SPMS.text, require_signed=True)
    assert not may_be_shown(SPMS.answer, SPMS.text + " More.", require_signed=True)
    assert not may_be_shown(None, SPMS.text, require_signed=True)


def test_a_kind_sentence_before_an_answer_makes_it_no_draft(signatures: Path) -> None:
    text = with_empathy(SPMS.text, SPMS.answer, "answer", "i am so scared of this")
    assert text != SPMS.text
    sign([SPMS], "neurologist", DAY, signatures)
    assert may_be_shown(SPMS.answer, text, require_signed=True)


@pytest.mark.parametrize(
    "answer",
    [
        "utter_welcome",
        "utter_greet",
        "utter_unavailable",
        "utter_crisis",
        "utter_crisis_veteran",
        "utter_emergency_overdose",
        "utter_abuse",
        "utter_hand_off",
        "utter_hand_off_outside_us",
        "last_words_crisis",
        "notice_redacted",
    ],
)
def test_help_is_never_held_back(signatures: Path, answer: str) -> None:
    signatures.unlink()
    assert may_be_shown(answer, "any text", require_signed=True)


def test_texts_that_are_filled_in_are_always_shown() -> None:
    """What is filled in changes the text, so that no signature could ever fit it."""
    filled = {one.answer for one in signable() if re.search(r"\{\w+\}", one.text)}
    assert "utter_welcome" in filled
    assert {answer for answer in filled if not always_shown(answer)} == set()


def test_a_broken_file_holds_answers_back(
    signatures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    signatures.write_text("signed: {", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert not may_be_shown(SPMS.answer, SPMS.text, require_signed=True)
    assert "signoff.yml" in caplog.text


def test_a_treatment_is_signed_as_a_whole(signatures: Path) -> None:
    treatments = Treatments()
    sign([treatments.signable("siponimod")], "neurologist", DAY, signatures)
    assert may_be_shown("siponimod/side_effects", "as it was asked", require_signed=True)
    assert not may_be_shown("ocrelizumab/approval", "as it was asked", require_signed=True)
    assert not may_be_shown("siponimod,ocrelizumab/what", "side by side", require_signed=True)
    assert not may_be_shown("no-such-drug/what", "?", require_signed=True)
    sign([treatments.signable("ocrelizumab")], "MS nurse", DAY, signatures)
    assert may_be_shown("siponimod,ocrelizumab/what", "side by side", require_signed=True)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("knowledge/treatments.yml", "Infusion reactions, rash", "Rash, infusion reactions"),
        ("knowledge/treatment_words.yml", "Known side effects of", "Side effects of"),
    ],
)
def test_a_change_makes_a_treatment_a_draft_again(
    checkout: Path, change: Callable[[str, str, str], None], file: str, old: str, new: str
) -> None:
    before = Treatments(checkout).signable("alemtuzumab")
    assert before == Treatments().signable("alemtuzumab")
    change(file, old, new)
    after = Treatments(checkout).signable("alemtuzumab")
    assert (before.answer, after.answer) == ("treatment/alemtuzumab", "treatment/alemtuzumab")
    assert before.digest != after.digest


def test_what_is_signed_of_a_treatment_leaves_out_what_is_held_back() -> None:
    text = Treatments().signable("tolebrutinib").text
    assert "December 2025" in text
    assert "trade news" not in text
    assert "Cenrifki" not in text


def test_signing_by_the_codes_of_the_report(
    checkout: Path, signatures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    total = unsigned()
    command = ["--role", "neurologist", "--on", "2026-12-01", "--root", str(checkout)]
    assert main([SPMS.code, *command]) == 0
    assert f"Signed 1 texts. {total - 1} of {total} are unsigned." in capsys.readouterr().out
    assert state_of(SPMS.answer, SPMS.text).signed


def test_a_text_that_has_changed_cannot_be_signed_by_its_old_code(
    checkout: Path,
    change: Callable[[str, str, str], None],
    signatures: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("data/responses/about_spms.yml", "There is no cure yet.", "No cure is known yet.")
    help_code = Signable("utter_help", load_responses()["utter_help"][0]["text"]).code
    command = ["--role", "neurologist", "--root", str(checkout)]
    assert main([help_code, SPMS.code, "utter_whatever@12345678", *command]) == 1
    complaint = capsys.readouterr().err
    assert f"{SPMS.code}: this is not its text of today" in complaint
    assert "there is no answer 'utter_whatever'" in complaint
    assert help_code not in complaint
    assert load_signoffs(signatures) == {}


def test_the_check_counts_signatures_and_names_lost_ones(
    checkout: Path, change: Callable[[str, str, str], None], signatures: Path
) -> None:
    sign([SPMS, Signable("utter_gone", "Old words.")], "nurse", DAY, signatures)
    total = unsigned(signable(checkout), {})
    findings, figures = findings_for(checkout, datetime.date(2026, 12, 2))
    assert f"{total - 1} of {total} texts are unsigned" in figures
    assert [one.problem for one in findings if "since it was signed" in one.where] == ["utter_gone"]
    change("data/responses/about_spms.yml", "There is no cure yet.", "No cure is known yet.")
    findings, figures = findings_for(checkout, datetime.date(2026, 12, 2))
    assert f"{total} of {total} texts are unsigned" in figures


def test_the_check_refuses_a_broken_file(checkout: Path, signatures: Path) -> None:
    signatures.write_text("signed: 3", encoding="utf-8")
    findings, _ = findings_for(checkout, datetime.date(2026, 12, 2))
    assert [one.level for one in findings] == ["error"]
    assert "signoff.yml" in findings[0].problem
