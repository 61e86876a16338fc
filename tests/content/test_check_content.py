"""The checker must catch each breach in a copy of the real content, and pass the content itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from content.reading import ROOT
from scripts.check_content import findings_for, main
from scripts.content_seed_page import read_rows
from scripts.content_wording import reading_grade, words

COMPILED = datetime.date(2026, 11, 22)
Change = Callable[[str, str, str], None]

RELAPSE = "data/responses/symptoms.yml"
HELP = "data/responses/help.yml"
RESEARCH = "data/responses/research.yml"
SIMPLER = "data/responses/simpler.yml"
SHORT_FORMS = "knowledge/treatment_short_forms.yml"
CONVERSATION = "data/responses/conversation.yml"
YES = "Some people with SPMS still have a relapse now and then."
FIRST_FACTS = "facts: [spms-stable-periods, relapse-what,"


def _problems(root: Path, level: str, today: datetime.date = COMPILED) -> list[str]:
    findings, _ = findings_for(root, today)
    return [f"{one.where}: {one.problem}" for one in findings if one.level == level]


def test_the_content_keeps_every_rule() -> None:
    assert _problems(ROOT, "error") == []


def test_the_copy_that_tests_break_is_in_order(checkout: Path) -> None:
    assert _problems(checkout, "error") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (RELAPSE, FIRST_FACTS, "facts: [no-such-fact,", "'no-such-fact', which is not in facts"),
        (RELAPSE, FIRST_FACTS, "facts: [tolebrutinib-eu,", "which must not be shown"),
        (RELAPSE, FIRST_FACTS, "facts: [ivig-spms,", "which must not be shown"),
        (RELAPSE, FIRST_FACTS, "fact: [", "metadata has the field 'fact'"),
        (
            RELAPSE,
            "facts: [fatigue, heat-sensitivity, fatigue-drugs-trial]",
            "facts: []",
            "no source",
        ),
        (RELAPSE, "/treatment_overview", "/no_such_intent", "'no_such_intent', which is no intent"),
        (RELAPSE, "payload: /affirm", "payload: affirm", "cannot be used"),
        (RELAPSE, "utter_relapse_in_spms_more:", "utter_relapse_in_spms_deep:", "is not written"),
        (RELAPSE, "payload: /affirm", "payload: /help", "cannot be reached"),
        (RELAPSE, "title: Treatments for SPMS", "title: treatment_overview", "must be plain words"),
        (RELAPSE, YES, f"{YES} {'One more word. ' * 40}", "words; about 90 at most"),
        (
            SIMPLER,
            "First there were attacks that came and went.",
            "Neurological deterioration necessitates multidisciplinary rehabilitation "
            "considerations alongside pharmacological immunomodulation, irrespective of "
            "radiological activity and independently of individual preferences.",
            "reads at grade",
        ),
        (RELAPSE, YES, "You should stop Mayzent.", "“You should stop”"),
        (RELAPSE, YES, "We recommend steroids.", "“We recommend”"),
        (RELAPSE, YES, "Simply start taking it.", "“start taking”"),
        (RELAPSE, YES, "It will cure MS.", "“will cure MS”"),
        (RELAPSE, YES, "Do not worry.", "“Do not worry”"),
        (RELAPSE, YES, "Call 1-800-555-0199 now.", "spells 1-800-555-0199"),
        (RELAPSE, YES, "Call (800) 344 4867 now.", "spells (800) 344 4867"),
        (RELAPSE, YES, "See https://www.fda.gov now.", "no addresses"),
        (RELAPSE, YES, "This is **important**.", "no HTML, no Markdown"),
        (RELAPSE, YES, "Ask about {name}.", "placeholder {name}"),
        (RELAPSE, YES, "This is symptom_fatigue.", "internal name 'symptom_fatigue'"),
        (RESEARCH, "url: https://clinicaltrials.gov", "url: https://trials.example", "whose host"),
        (
            RESEARCH,
            "value: interferon-beta-1b",
            "value: betaseron",
            "unknown treatment 'betaseron'",
        ),
        (
            RESEARCH,
            '{{"treatment": "siponimod"}}',
            '{{"treatment": "mayzent"}}',
            "'mayzent', which is",
        ),
        (
            RESEARCH,
            '{{"treatment": "siponimod"}}',
            '{{"drug": "siponimod"}}',
            "'drug', which is no",
        ),
        (
            HELP,
            "contact: ms_navigator",
            "contact: navigator",
            "'navigator', which is not in contacts",
        ),
        (
            HELP,
            "topic: contact_navigator_support",
            "topic: contact",
            "'contact', which is not in top",
        ),
        (HELP, "kind: handoff", "kind: hand_off", "kind is 'hand_off'"),
        (CONVERSATION, "utter_thank:", "utter_thanks:", "utter_thank is not written"),
        (CONVERSATION, "utter_unavailable:", "utter_away:", "utter_unavailable is not written"),
        ("knowledge/contacts.yml", "facts: [crisis-988]", "facts: [canada-crisis]", "not be shown"),
        ("knowledge/contacts.yml", "https://988lifeline.org", "https://988.example", "not in link"),
        ("knowledge/seed-facts.yml", "- tysabri-ascend", "- tysabri", "'tysabri', which does not"),
        ("docs/seed-page.md", "| seed-10-rebif |", "| seed-10-rebiff |", "has no row for seed-10"),
        ("docs/seed-page.md", "has finished; ASCEND", "will report soon", "does not say: will"),
        ("docs/seed-page.md", "| question |", "| ask |", "has no table with the columns"),
        ("knowledge/facts.yml", "confidence: high", "confidence: sure", "content cannot be read"),
        (SHORT_FORMS, "  siponimod:", "  siponimed:", "siponimod: has no entry in treatment_short"),
        (SHORT_FORMS, "  siponimod:", "  siponimed:", "siponimed: is the short form of no treat"),
    ],
)
def test_a_breach_is_caught(
    checkout: Path, change: Change, file: str, old: str, new: str, complaint: str
) -> None:
    change(file, old, new)
    found = _problems(checkout, "error")
    assert any(complaint in problem for problem in found), found


def test_a_changing_fact_needs_its_date(checkout: Path, change: Change) -> None:
    change(RESEARCH, "As of October 2025, no medicine", "No medicine")
    change(RESEARCH, "saw a small sign of repair in 2025", "saw a small sign of repair")
    change(RESEARCH, "and was given up in 2020", "and was given up")
    assert any(
        "utter_myelin_repair: says no date, though this changes: myelin-repair" in problem
        for problem in _problems(checkout, "error")
    )


def test_short_forms_of_an_entry_that_changed_are_read_again(
    checkout: Path, change: Change
) -> None:
    assert not any("read its entry" in problem for problem in _problems(ROOT, "warning"))
    change(SHORT_FORMS, "  siponimod:\n    as_of: 2026-09", "  siponimod:\n    as_of: 2026-01")
    found = _problems(checkout, "warning")
    assert any("treatments.yml, siponimod: changed its status_date" in each for each in found)


def test_two_wordings_are_wanted_where_people_meet_them_often(checkout: Path) -> None:
    path = checkout / "data" / "responses" / "conversation.yml"
    text = path.read_text(encoding="utf-8")
    start = text.index("    - text: |-\n        I am not sure what you mean")
    end = text.index("  utter_clarify_open:")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    found = _problems(checkout, "error")
    assert "utter_clarify: is met often: write at least two wordings" in found


def test_an_answer_for_some_visitors_only_is_caught(checkout: Path, change: Change) -> None:
    change(
        RELAPSE,
        "  utter_symptom_vision:\n    - text:",
        "  utter_symptom_vision:\n    - condition:\n        - type: slot\n"
        "          name: treatment\n          value: siponimod\n      text:",
    )
    assert any("some get no answer" in problem for problem in _problems(checkout, "error"))


def test_facts_past_their_date_are_warned_of_and_then_refused(checkout: Path) -> None:
    due = COMPILED + datetime.timedelta(days=90)
    assert not any("overdue" in problem for problem in _problems(checkout, "warning", due))
    soon = _problems(checkout, "warning", due + datetime.timedelta(days=1))
    assert any("tolebrutinib-fda-crl" in problem for problem in soon)
    assert not any("spms-what-it-is" in problem for problem in soon)
    late = _problems(checkout, "error", due + datetime.timedelta(days=91))
    assert any("tolebrutinib-fda-crl" in problem for problem in late)
    assert not any("spms-what-it-is" in problem for problem in late)


def test_a_fact_looked_up_again_is_no_longer_due(checkout: Path, change: Change) -> None:
    change(
        "knowledge/facts.yml",
        "- id: tolebrutinib-fda-crl\n",
        "- id: tolebrutinib-fda-crl\n  checked_on: '2027-02-01'\n",
    )
    warned = _problems(checkout, "warning", datetime.date(2027, 3, 1))
    assert any("tolebrutinib-what" in problem for problem in warned)
    assert not any("tolebrutinib-fda-crl" in problem for problem in warned)


def test_a_topic_without_an_answer_is_listed(checkout: Path, change: Change) -> None:
    change(RELAPSE, "utter_symptom_sexual:", "utter_nothing:")
    assert (
        "utter_symptom_sexual_simple: is the simpler wording of an answer that does not exist"
        in _problems(checkout, "error")
    )
    assert "topic without an answer: symptom_sexual (Sex and closeness)" in _problems(
        checkout, "note"
    )


def test_a_simpler_wording_is_wanted_for_every_answer(checkout: Path, change: Change) -> None:
    change(SIMPLER, "utter_stem_cell_simple:", "utter_stem_cell_easy:")
    assert "utter_stem_cell: has no simpler wording for “simpler, please”" in _problems(
        checkout, "warning"
    )


def test_a_fact_no_answer_uses_is_listed(checkout: Path, change: Change) -> None:
    change(RELAPSE, "facts: [sexual-problems]", "facts: [fatigue]")
    change(SIMPLER, "facts: [sexual-problems]", "facts: [fatigue]")
    assert "fact that no answer uses: sexual-problems" in _problems(checkout, "note")


def test_an_answer_that_nothing_leads_to_is_warned_of(checkout: Path) -> None:
    rules = checkout / "data" / "rules"
    rules.mkdir()
    missing = "about_spms.yml: nothing leads to utter_diagnosis"
    (rules / "topics.yml").write_text("- action: utter_diagnosis_other\n", encoding="utf-8")
    assert missing in _problems(checkout, "warning")
    (rules / "topics.yml").write_text("- action: utter_diagnosis\n", encoding="utf-8")
    assert missing not in _problems(checkout, "warning")
    assert not any("utter_emergency_" in problem for problem in _problems(checkout, "warning"))


def test_numbers_of_contacts_are_found_in_code(checkout: Path) -> None:
    (checkout / "actions").mkdir()
    (checkout / "actions" / "call.py").write_text('NUMBER = "1-800-344-4867"\n', encoding="utf-8")
    (checkout / "web" / "widget").mkdir(parents=True)
    (checkout / "web" / "widget" / "contact.json").write_text('"1-800-344-4867"', encoding="utf-8")
    assert [problem for problem in _problems(checkout, "error") if "spells" in problem] == [
        "actions/call.py: spells 1-800-344-4867: numbers stand in contacts.yml only"
    ]
    (checkout / "web" / "widget" / "contact.json").write_text('"1-800-344-4868"', encoding="utf-8")
    assert any("contact.json" in problem for problem in _problems(checkout, "error"))


def test_exit_code_tells_whether_a_rule_is_broken(
    checkout: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--root", str(checkout), "--today", COMPILED.isoformat()]
    assert main(arguments) == 0
    assert "0 errors" in capsys.readouterr().out
    change(RELAPSE, YES, "You should stop Mayzent.")
    assert main(arguments) == 1
    assert "symptoms.yml, utter_relapse_in_spms" in capsys.readouterr().out


def test_reading_grade_leaves_out_names_and_counts_list_items_as_sentences() -> None:
    assert reading_grade("The cat sat on the mat.") < 2
    hard = "Pharmacological immunomodulation necessitates multidisciplinary considerations."
    assert reading_grade(hard) > 15
    named = "Vidofludimus calcium did not help."
    assert reading_grade(named, ["vidofludimus calcium"]) < reading_grade(named) - 3
    listed = "These can help:\n- shade\n- cold drinks\n- a cooling vest"
    assert reading_grade(listed) == pytest.approx(
        reading_grade("These can help. shade. cold drinks. a cooling vest.")
    )


def test_words_are_what_a_visitor_reads() -> None:
    assert words("Two words\n- three, four – five") == 5


def test_every_item_of_the_seed_page_has_a_question_of_its_own() -> None:
    rows = read_rows()
    assert len(rows) == 28
    assert len({row.question for row in rows}) == 28
    assert all(row.question.endswith("?") and row.must_say for row in rows)
