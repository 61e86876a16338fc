"""Whoever is in danger is told the lines of the country that they said they are in."""

from __future__ import annotations

import pytest

from content import countries
from content.reading import ContentError
from helpline.chat import turn_runner, written
from tests.web.running import Visitor
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding

CRISIS = "I want to kill myself"
SAID = [
    (f"{CRISIS}. I live in Ireland", "crisis", "116 123", "Samaritans"),
    ("my husband hits me, we are in Australia", "abuse", "000", "1800RESPECT"),
    ("I can't breathe. I'm in the UK", "emergency", "999", "Emergency services"),
    ("quiero morir, vivo en España", "crisis", "024", "024"),
    (f"{CRISIS}, I live in Italy", "crisis", "112", "Emergency services"),
    ("my husband hits me, we live in Switzerland", "abuse", "112", "Emergency services"),
    ("I'm a veteran in Canada and I want to kill myself", "crisis", "988", "Crisis Helpline"),
]


@pytest.mark.parametrize("is_bot_down", [False, True])
@pytest.mark.parametrize(("said", "kind", "phone", "name"), SAID)
def test_the_message_itself_names_the_country(
    visitor: Visitor, bot: ScriptedBot, said: str, kind: str, phone: str, name: str,
    is_bot_down: bool,
) -> None:  # fmt: skip
    bot.drop_connection = is_bot_down
    answer = visitor.say(said)[0]
    assert answer["kind"] == kind
    assert phone in answer["text"].split("\n\n")[0], "the line to call comes first"
    assert name in answer["contact"]["name"]
    assert "in the US" in answer["text"].split("\n\n")[-1].replace("In", "in")
    assert "{" not in answer["text"]


@pytest.mark.parametrize("is_bot_down", [False, True])
def test_the_country_was_said_before(visitor: Visitor, bot: ScriptedBot, is_bot_down: bool) -> None:
    visitor.say("hello, I am writing from New Zealand")
    visitor.say("which treatments are there?")
    bot.drop_connection = is_bot_down
    answer = visitor.say(CRISIS)[0]
    assert "1737" in answer["text"] and answer["contact"]["phone"] == "1737"
    bot.drop_connection = False
    assert visitor.say("and what is new?")[-1]["text"] == (
        "You can call 1737 at any time, day or night. That is Need to Talk? (New Zealand)."
    )


def test_the_bots_own_alarm_gets_them_too(visitor: Visitor, bot: ScriptedBot) -> None:
    visitor.say("I live in Germany")
    bot.answer = {
        "messages": [bot_message("Please call or text 988.", "crisis", answer="utter_crisis")],
        "understanding": understanding("crisis"),
    }
    [answer] = visitor.say("words that only the model understands")
    assert "0800 111 0 111" in answer["text"] and answer["choices"]


def test_another_conversation_does_not_know_the_country(
    visitor: Visitor, other_visitor: Visitor
) -> None:
    visitor.say("I live in Germany")
    assert "988" in other_visitor.say(CRISIS)[0]["text"]


def test_without_a_country_the_lines_stay_as_they_are(visitor: Visitor) -> None:
    visitor.say("is siponimod approved in Canada?")
    [answer] = visitor.say(CRISIS)
    assert answer["contact"]["phone"] == "988"
    assert answer["text"].startswith("Please call or text 988 now.")


def test_broken_files_do_not_cost_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ContentError(countries.COUNTRIES_FILE, "is broken")

    assert turn_runner._country_of(["I live in Ireland"]) is not None
    monkeypatch.setattr(countries, "cached", broken)
    assert turn_runner._country_of(["I live in Ireland"]) is None


@pytest.mark.parametrize(
    ("country", "says"),
    [
        ("uk", "You can call 116 123 at any time, day or night. That is Samaritans (UK)."),
        (
            "sweden",
            "You can call 90101. That is Mind Självmordslinjen. "
            "In danger, you can call 112 at any time, day or night.",
        ),
        ("italy", "In danger, you can call 112 at any time, day or night."),
    ],
)
def test_the_line_of_later_turns_says_when_it_is_open(country: str, says: str) -> None:
    assert written.careful_notice(countries.load_countries()[country])["text"] == says
