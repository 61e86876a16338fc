"""The correcting form on a transcript, and the list on which a lead decides."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2

from content.data_lock import hold_data
from tests.staff.corrections import as_staff, ask, contents, states
from tests.staff.running import Browser, StaffProcess, text_of


def buttons(answer: httpx2.Response) -> dict[str, str]:
    """Return value -> words of the buttons that say what was meant."""
    found = re.findall(r'<button name="said" value="(\w+)"[^>]*>(.*?)</button>', answer.text, re.S)
    return {value: re.sub(r"<.*?>|\s+", " ", label).strip() for value, label in found}


def keys(answer: httpx2.Response) -> dict[str, str]:
    """Return key -> what it corrects to."""
    return {
        key: value
        for value, key in re.findall(
            r'<button name="said" value="(\w+)" data-key="(\w)"', answer.text
        )
    }


def listed(answer: httpx2.Response) -> set[str]:
    """Return the intents of the list of topics."""
    select = re.search(r"<select id=\"said\".*?</select>", answer.text, re.S)
    return set(re.findall(r'<option value="(\w+)"', select[0])) if select else set()


def say(by: Browser, conversation: str, said: str, turn: int = 1, seen: int = 0) -> httpx2.Response:
    form = {"turn": str(turn), "seen": str(seen), "said": said}
    return by.post(f"/conversations/{conversation}/corrections", form)


def decide(by: Browser, how: str, **form: str) -> httpx2.Response:
    """Decide on the first correction of the list."""
    shown = by.get("/corrections").text
    found = re.search(r'/corrections/(\w{32})/decide".*?name="seen" value="(\d+)"', shown, re.S)
    assert found, shown
    return by.post(f"/corrections/{found[1]}/decide", {"seen": found[2], "how": how, **form})


def test_the_top_three_have_keys_and_the_rest_is_listed_with_what_it_covers(
    own: StaffProcess,
) -> None:
    conversation = own.store.write_now(ask, "why does it creep so")
    page = as_staff(own, "rita").get(f"/conversations/{conversation}")
    assert keys(page) == {
        "1": "what_is_spms",
        "2": "symptom_fatigue",
        "3": "prognosis_life_expectancy",
        "g": "good",
    }
    assert {"clarify", "out_of_scope", "contact_navigator_support", "crisis"} <= set(buttons(page))
    assert {"emergency", "abuse", "personal_medical_advice"} <= set(buttons(page))
    assert "symptom_spasticity" in listed(page)
    assert "stiffness, spasms, cramps" in page.text


def test_the_turn_that_calls_for_it_comes_first_and_any_other_can_be_opened(
    own: StaffProcess,
) -> None:
    conversation = own.store.write_now(ask, "first of them", "second of them")
    rita = as_staff(own, "rita")
    address = f"/conversations/{conversation}"
    turn = '<input type="hidden" name="turn" value="{}">'
    assert turn.format(1) in rita.get(address).text
    assert say(rita, conversation, "symptom_fatigue").status_code == 303
    page = rita.get(address)
    assert turn.format(2) in page.text and turn.format(1) not in page.text
    assert re.search(r"Waits for approval Help with tiredness , by rita", text_of(page))
    assert turn.format(1) in rita.get(f"{address}?turn=1").text


def test_what_is_known_is_not_offered(own: StaffProcess) -> None:
    conversation = own.store.write_now(ask, "What does SPMS actually stand for?")
    page = as_staff(own, "rita").get(f"/conversations/{conversation}")
    assert "in the training data already, as What SPMS is" in text_of(page)
    assert keys(page) == {"1": "symptom_fatigue", "2": "prognosis_life_expectancy"}
    assert "what_is_spms" not in listed(page) | set(buttons(page))


def test_what_is_alike_or_labelled_otherwise_is_shown(own: StaffProcess) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    first = own.store.write_now(ask, "will i be needing a wheelchair")
    seen = text_of(rita.get(f"/conversations/{first}"))
    assert re.search(r"“will I need a wheelchair”, \d\d % alike: What to expect over time", seen)
    say(rita, first, "symptom_walking_mobility")
    shown = text_of(lena.get("/corrections"))
    assert "Words much like these are labelled otherwise" in shown
    assert "Waits for approval 1" in shown
    assert "A lead looks at each" in text_of(rita.get("/corrections"))
    assert "A lead looks at each" not in shown
    second = own.store.write_now(ask, "Will I be needing a wheelchair?!")
    seen = text_of(rita.get(f"/conversations/{second}"))
    assert "The same words: Help with walking and balance (another correction)" in seen


def test_a_correction_from_proposal_to_file(own: StaffProcess, checkout: Path) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    conversation = own.store.write_now(ask, "why does it creep so")
    assert say(rita, conversation, "symptom_fatigue").status_code == 303
    assert rita.get("/corrections").text.count("/decide") == 0
    refused = decide(lena, "send_back")
    assert refused.status_code == 409 and "Write a note" in text_of(refused)
    assert decide(lena, "send_back", note="Is this not the course?").status_code == 303
    seen = text_of(rita.get(f"/conversations/{conversation}?turn=1"))
    assert "Sent back Help with tiredness" in seen and "Is this not the course?" in seen
    say(rita, conversation, "prognosis_life_expectancy", seen=2)
    assert decide(lena, "training").headers["location"] == "/corrections?done=approved"

    page = lena.get("/export")
    assert "+    - why does it creep so" in page.text
    patch = lena.get("/export/corrections.patch")
    assert 'filename="corrections.patch"' in patch.headers["content-disposition"]
    assert patch.text.count("+    - why does it creep so\n") == 1
    assert rita.get("/export/corrections.patch").status_code == 403
    form = {"fingerprint": re.search(r'name="fingerprint" value="(\w+)"', page.text)[1]}  # type: ignore[index]
    assert rita.post("/export/write", form).status_code == 403
    assert lena.post("/export/write", form).headers["location"] == "/export?done=written"
    assert "- why does it creep so" in contents(checkout)["data/nlu/about_spms.yml"]
    assert "Exported corrections" in text_of(lena.get("/audit"))
    stale = lena.post("/export/write", form)
    assert stale.status_code == 409 and "changed since this preview" in text_of(stale)


def test_what_the_bot_understood_is_confirmed(own: StaffProcess) -> None:
    conversation = own.store.write_now(ask, "why does it creep so", "and so")
    rita = as_staff(own, "rita")
    say(rita, conversation, "good")
    assert "understood rightly as What SPMS is" in text_of(
        rita.get(f"/conversations/{conversation}")
    )
    say(rita, conversation, "clarify", turn=2)
    assert "the bot should have asked back" in text_of(rita.get(f"/conversations/{conversation}"))
    assert states(own.store) == ["proposed", "proposed"]


def test_two_reviewers_at_once_lose_nothing(own: StaffProcess) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    conversation = own.store.write_now(ask, "why does it creep so")
    assert say(rita, conversation, "symptom_fatigue").status_code == 303
    late = say(lena, conversation, "what_is_spms")
    assert late.status_code == 409
    assert "rita has worked on this correction meanwhile" in text_of(late)
    assert "Help with tiredness , by rita" in text_of(late)
    unknown = say(rita, conversation, "no_such_topic", seen=1)
    assert unknown.status_code == 409 and "none of them" in text_of(unknown)


def test_an_intent_that_was_renamed_meanwhile(own: StaffProcess, checkout: Path) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    conversation = own.store.write_now(ask, "why does it creep so")
    say(rita, conversation, "prognosis_life_expectancy")
    decide(lena, "training")
    file = checkout / "data/nlu/about_spms.yml"
    file.write_text(file.read_text().replace("prognosis_life_expectancy", "prognosis"))
    page = lena.get("/export")
    assert "no intent “prognosis_life_expectancy” any more" in text_of(page)
    assert "Nothing to write" in text_of(page)
    form = {"fingerprint": re.search(r'name="fingerprint" value="(\w+)"', page.text)[1]}  # type: ignore[index]
    before = contents(checkout)
    lena.post("/export/write", form)
    assert contents(checkout) == before
    assert states(own.store) == ["approved"], "it waits for a correction of today"


def test_an_export_while_the_bot_is_trained_waits(own: StaffProcess, checkout: Path) -> None:
    conversation = own.store.write_now(ask, "why does it creep so")
    say(as_staff(own, "rita"), conversation, "symptom_fatigue")
    lena = as_staff(own, "lena")
    decide(lena, "training")
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', lena.get("/export").text)
    assert fingerprint
    form = {"fingerprint": fingerprint[1]}
    with hold_data("the bot is being trained", checkout):
        answer = lena.post("/export/write", form)
    assert answer.status_code == 409
    assert "right now the bot is being trained. The corrections stay approved" in text_of(answer)
    assert states(own.store) == ["approved"]
    assert lena.post("/export/write", form).status_code == 303
    assert states(own.store) == ["exported"]


def test_a_correction_goes_with_its_conversation(own: StaffProcess) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    conversation = own.store.write_now(ask, "erase this please, all of it")
    say(rita, conversation, "symptom_fatigue")
    decide(lena, "training")
    assert "erase this" in lena.get("/export").text
    assert lena.post(f"/conversations/{conversation}/erase").status_code == 303
    for address in ("/export", "/corrections?state=approved", "/corrections?state=exported"):
        assert "erase this" not in lena.get(address).text
    assert states(own.store) == []
