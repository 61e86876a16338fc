"""The summary is made of topics and treatments, in the order in which they were asked about."""

from __future__ import annotations

from content.summary import HEADING, MOST_LINES, take_along
from content.topics import load_topics


def test_topics_and_treatments_in_their_order() -> None:
    summary = take_along(
        [
            "utter_welcome",
            "utter_what_is_spms",
            "utter_what_is_spms_more",
            "siponimod/what",
            "utter_thank",
            "siponimod/side_effects",
            "siponimod/side_effects",
            "utter_cost_insurance",
            "utter_hand_off",
        ]
    )
    assert summary == "\n".join(
        [
            HEADING,
            "- What SPMS is",
            "- Mayzent (siponimod): What it is, Side effects",
            "- Costs and insurance",
        ]
    )


def test_two_treatments_side_by_side_are_two_lines() -> None:
    summary = take_along(["siponimod,ocrelizumab/side_effects"])
    assert summary is not None
    assert summary.splitlines()[1:] == [
        "- Mayzent (siponimod): Side effects",
        "- Ocrevus (ocrelizumab): Side effects",
    ]


def test_nothing_asked_means_no_summary() -> None:
    assert take_along([]) is None
    assert take_along(["utter_greet", None, "utter_hand_off", "which_treatment/what"]) is None
    assert take_along(["utter_crisis", "no-such-drug/what", "anything at all"]) is None


def test_a_long_conversation_keeps_what_came_last() -> None:
    topics = [topic for topic in load_topics() if topic != "contact_navigator_support"]
    summary = take_along([f"utter_{topic}" for topic in topics])
    assert summary is not None
    lines = summary.splitlines()
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == f"- {load_topics()[topics[-1]].label}"


def test_a_name_that_is_held_back_stays_out() -> None:
    assert take_along(["tolebrutinib/what"]) == f"{HEADING}\n- Tolebrutinib: What it is"
