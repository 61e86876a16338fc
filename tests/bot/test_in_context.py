"""Messages that mean something only in their conversation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from components.in_context.context import Context
from components.in_context.corrections import meant_instead
from components.in_context.ellipsis import asks_for_more, leaves_out
from components.in_context.language import is_foreign
from components.in_context.parts import parts_of
from components.in_context.resolve import Reading, read_in_context
from content.context_words import load_context_words
from content.treatment_words import load_treatment_words

WORDS = load_context_words()


def treatment(value: str, start: int = 0, end: int = 1) -> dict[str, Any]:
    return {"entity": "treatment", "value": value, "start": start, "end": end}


def parsed(
    ranking: dict[str, float], *entities: dict[str, Any], safety: dict[str, str] | None = None
) -> dict[str, Any]:
    """Rasa's parse data; below the threshold the intent is the fallback, as in the pipeline."""
    best, score = max(ranking.items(), key=lambda item: item[1])
    name = best if score >= 0.6 else "nlu_fallback"
    return {
        "intent": {"name": name, "confidence": score},
        "intent_ranking": [{"name": n, "confidence": c} for n, c in ranking.items()],
        "entities": list(entities),
        "safety": safety,
    }


def read(text: str, context: Context, **understood: dict[str, Any]) -> Reading:
    """Read a text; `understood` tells what the pipeline makes of it and, by words, of its parts."""

    async def parse(asked: str) -> dict[str, Any]:
        for words, data in understood.items():
            if words != "whole" and words.replace("_", " ") in asked and asked != text:
                return dict(data)
        return dict(understood["whole"])

    return asyncio.run(read_in_context(text, parse, context, WORDS, load_treatment_words()))


def intent(reading: Reading) -> str:
    return str(reading.parsed["intent"]["name"])


def follows(reading: Reading) -> bool:
    return bool(reading.parsed.get("context", {}).get("follow_up"))


@pytest.mark.parametrize(
    "text",
    [
        "is it approved?",
        "and shingles?",
        "what about at 62",
        "what happens if i do",
        "why not",
        "since when",
        "how long does that take",
        "does it hurt",
        "at night too?",
        "will there ever be",
    ],
)
def test_what_leaves_out_its_subject(text: str) -> None:
    assert leaves_out(text, [], WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flibber",
        "wibble grontle zap",
        "what is ozempic",
        "what helps with muscle stiffness in the legs",
        "my doctor told me that my disease has become progressive and now i am very sad",
    ],
)
def test_what_says_its_subject_itself(text: str) -> None:
    assert not leaves_out(text, [], WORDS)


def test_a_name_is_a_subject() -> None:
    named = [{"entity": "symptom", "value": "fatigue", "start": 8, "end": 15}]
    assert not leaves_out("what is fatigue", named, WORDS)
    assert leaves_out("and the fatigue?", named, WORDS)


class TestStayingWithTheTopic:
    FATIGUE = Context("symptom_fatigue")

    def test_what_is_not_understood_alone(self) -> None:
        reading = read("since when", self.FATIGUE, whole=parsed({"goodbye": 0.2}))
        assert intent(reading) == "symptom_fatigue"
        assert follows(reading)

    def test_an_unsure_guess_does_not_leave_it(self) -> None:
        reading = read("does it hurt", self.FATIGUE, whole=parsed({"symptom_pain": 0.91}))
        assert intent(reading) == "symptom_fatigue"

    def test_gibberish_that_points_back_points_at_nothing(self) -> None:
        for guess in ({"goodbye": 0.2}, {"out_of_scope": 0.8}):
            noise = {**parsed(guess), "noise": ["zzkx"]}
            reading = read("zzkx the purple of it", self.FATIGUE, whole=noise)
            assert intent(reading) == "nlu_fallback"
            assert not follows(reading)
        # A name is none, whatever its letters
        named = {**parsed({"goodbye": 0.2}, treatment("zzkx", 11, 15)), "noise": ["zzkx"]}
        assert follows(read("what about zzkx", Context("treatment_overview"), whole=named))

    def test_a_sure_one_does(self) -> None:
        whole = parsed({"prognosis_life_expectancy": 0.8})
        reading = read("does it get worse", self.FATIGUE, whole=whole)
        assert intent(reading) == "prognosis_life_expectancy"
        assert not follows(reading)

    def test_what_can_be_asked_about_anything_needs_less(self) -> None:
        reading = read("how much is it", self.FATIGUE, whole=parsed({"cost_insurance": 0.62}))
        assert intent(reading) == "cost_insurance"

    def test_a_named_symptom_needs_less(self) -> None:
        named = {"entity": "symptom", "value": "depression", "start": 4, "end": 14}
        reading = read("and depression?", self.FATIGUE, whole=parsed({"symptom_mood": 0.65}, named))
        assert intent(reading) == "symptom_mood"

    def test_the_last_topic_counts_for_more(self) -> None:
        scores = {"personal_medical_advice": 0.98, "vaccination_infection": 0.59}
        drug = treatment("ocrelizumab", 14, 21)
        reading = read(
            "what if im on ocrevus", Context("vaccination_infection"), whole=parsed(scores, drug)
        )
        assert intent(reading) == "vaccination_infection"

    def test_advice_is_never_taken_for_a_follow_up(self) -> None:
        reading = read(
            "should i stop it", self.FATIGUE, whole=parsed({"personal_medical_advice": 0.8})
        )
        assert intent(reading) == "personal_medical_advice"

    def test_an_alarm_of_the_gate_stands(self) -> None:
        alarm = {"kind": "crisis", "rule": "x"}
        whole = parsed({"crisis": 1.0}, safety=alarm)
        assert intent(read("and if i do it", self.FATIGUE, whole=whole)) == "crisis"

    def test_a_despairing_guess_stands_unless_it_goes_on_from_an_answer(self) -> None:
        whole = parsed({"crisis": 0.65})
        assert intent(read("i cant do this", self.FATIGUE, whole=whole)) == "crisis"
        assert intent(read("what about my kids", self.FATIGUE, whole=whole)) == "symptom_fatigue"

    def test_without_an_answer_before_nothing_changes(self) -> None:
        reading = read("since when", Context(), whole=parsed({"goodbye": 0.2}))
        assert intent(reading) == "nlu_fallback"

    def test_a_topic_of_one_treatment_brings_it_along(self) -> None:
        reading = read(
            "any side effects", Context("stem_cell"), whole=parsed({"side_effects": 0.76})
        )
        assert [each["value"] for each in reading.parsed["entities"]] == ["ahsct"]

    def test_after_research_on_one_drug_its_aspects_are_asked(self) -> None:
        context = Context("new_drugs_pipeline", ("tolebrutinib",))
        reading = read("why was it turned down", context, whole=parsed({"out_of_scope": 0.3}))
        assert intent(reading) == "treatment_specific_drug"
        assert [each["value"] for each in reading.parsed["entities"]] == ["tolebrutinib"]

    def test_what_is_asked_of_a_treatment_outweighs_a_guess(self) -> None:
        context = Context("treatment_specific_drug", ("baclofen-oral",))
        reading = read("can i drink wine with it", context, whole=parsed({"out_of_scope": 0.8}))
        assert intent(reading) == "treatment_specific_drug"

    def test_a_guess_at_what_can_be_asked_about_anything(self) -> None:
        context = Context("what_is_spms")
        reading = read("can it be passed on", context, whole=parsed({"pregnancy_heredity": 0.55}))
        assert intent(reading) == "pregnancy_heredity"

    def test_little_words_around_a_question_do_not_count(self) -> None:
        plain = parsed({"prognosis_life_expectancy": 0.8})
        reading = read(
            "ok so how fast does it go",
            Context("what_is_spms"),
            whole=parsed({"prognosis_life_expectancy": 0.5}),
            how_fast=plain,
        )
        assert intent(reading) == "prognosis_life_expectancy"
        assert reading.text == "ok so how fast does it go"

    def test_tell_me_more(self) -> None:
        reading = read("tell me more", self.FATIGUE, whole=parsed({"affirm": 0.85}))
        assert intent(reading) == "symptom_fatigue"
        assert follows(reading)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no i meant rebif", "rebif"),
        ("sorry, I meant Aubagio", "Aubagio"),
        ("I meant Ocrevus", "Ocrevus"),
        ("no, i'm asking about walking", "walking"),
        ("no not pain, i mean being tired all the time", "being tired all the time"),
        ("not the pain, the tiredness", "the tiredness"),
        ("oops wrong one. tysabri", "tysabri"),
        ("not tysabri, kesimpta", "kesimpta"),
        ("i meant kesimpta, not tysabri", "kesimpta"),
        ("not Ocrevus but Mayzent", "Mayzent"),
    ],
)
def test_corrections(text: str, meant: str) -> None:
    assert meant_instead(text, WORDS) == meant


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no thank you",
        "what does it mean",
        "not active, what then",
        "i am not sure what to do",
        "it is not fair",
        "not yet",
    ],
)
def test_no_corrections(text: str) -> None:
    assert meant_instead(text, WORDS) is None


def test_a_corrected_name_keeps_what_was_asked() -> None:
    named = parsed({"treatment_specific_drug": 0.6}, treatment("teriflunomide", 0, 7))
    context = Context("side_effects", ("fingolimod",))
    reading = read("sorry, I meant Aubagio", context, whole=named, Aubagio=named)
    assert (reading.text, intent(reading)) == ("Aubagio", "side_effects")
    assert reading.parsed["context"] == {"correction": True}


class TestSeveralQuestions:
    MAYZENT = parsed({"treatment_specific_drug": 0.8}, treatment("siponimod", 8, 15))
    BOTH = parsed({"side_effects": 0.6, "treatment_specific_drug": 0.5})

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("what is mayzent and does it cause hair loss", 2),
            ("What is SPMS? How fast does it go?", 2),
            ("pain and stiffness", 1),
            ("what helps with stiffness and spasms", 1),
            ("hello\nwhat is spms", 1),
        ],
    )
    def test_where_they_end(self, text: str, parts: int) -> None:
        assert len(parts_of(text, WORDS)) == parts

    def test_the_first_is_answered_and_the_second_kept(self) -> None:
        reading = read(
            "what is mayzent and does it cause hair loss",
            Context(),
            whole=self.BOTH,
            what_is=self.MAYZENT,
            hair=parsed({"side_effects": 0.8}),
        )
        assert (reading.text, intent(reading)) == ("what is mayzent", "treatment_specific_drug")
        assert reading.also == [{"intent": "side_effects", "entities": {"treatment": "siponimod"}}]

    def test_an_unsure_part_leaves_the_whole_as_it_is(self) -> None:
        reading = read(
            "what is mayzent and does it cause hair loss",
            Context(),
            whole=self.BOTH,
            what_is=self.MAYZENT,
            hair=parsed({"side_effects": 0.3}),
        )
        assert intent(reading) == "side_effects"
        assert not reading.also

    def test_advice_is_not_taken_to_pieces(self) -> None:
        reading = read(
            "what is mayzent and should i take it",
            Context(),
            whole=parsed({"personal_medical_advice": 0.7}),
            what_is=self.MAYZENT,
            should=parsed({"side_effects": 0.7}),
        )
        assert intent(reading) == "personal_medical_advice"

    def test_hello_and_a_question_is_the_question(self) -> None:
        reading = read(
            "Hello there! What is MS?",
            Context(),
            whole=parsed({"greet": 0.6, "other_ms": 0.5}),
            Hello=parsed({"greet": 0.9}),
            What=parsed({"other_ms": 0.9}),
        )
        assert intent(reading) == "other_ms"
        assert not reading.also


class TestLanguage:
    @pytest.mark.parametrize(
        "text",
        [
            "cuáles son los efectos secundarios de ocrevus",
            "quels sont les effets secondaires du traitement",
            "was sind die nebenwirkungen von mayzent",
            "quais são os efeitos do tratamento",
            "come posso parlare con qualcuno",
            "qué es la esclerosis múltiple secundaria progresiva",
        ],
    )
    def test_other_languages(self, text: str) -> None:
        assert is_foreign(text, WORDS)

    @pytest.mark.parametrize(
        "text",
        [
            "wat is teh differance betwen rrms an spms",
            "is it ok to fly w ms",
            "mi legs dont work no more",
            "Sjögren and MS together",
            "tysabri natalizumab",
            "can i drive con spms",
            "tell me about el escorial criteria",
            "how do i pay for mayzent in las vegas",
        ],
    )
    def test_english_with_typing_errors(self, text: str) -> None:
        assert not is_foreign(text, WORDS)

    def test_it_is_not_answered_as_an_english_topic(self) -> None:
        whole = parsed({"side_effects": 0.6}, treatment("siponimod", 32, 39))
        reading = read("was sind die nebenwirkungen von mayzent", Context("diagnosis"), whole=whole)
        assert intent(reading) == "nlu_fallback"
        assert reading.parsed["context"]["other_language"]


def test_two_treatments_side_by_side_are_one_question() -> None:
    both = (treatment("tolebrutinib", 9, 21), treatment("siponimod", 33, 40))
    reading = read(
        "how does tolebrutinib compare to mayzent",
        Context(),
        whole=parsed({"new_drugs_pipeline": 0.6}, *both),
    )
    assert intent(reading) == "treatment_specific_drug"


@pytest.mark.parametrize("text", ["tell me more", "yes, tell me more", "what else?", "go on"])
def test_asking_for_more(text: str) -> None:
    assert asks_for_more(text, WORDS)


def test_asking_for_more_about_something_is_a_question() -> None:
    assert not asks_for_more("tell me more about ocrevus", WORDS)
