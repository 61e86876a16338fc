"""The content page: what visitors read, how old it is, hidden at once, signed by a role."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
import yaml

from helpline.staff.answers import load_answers
from tests.staff.corrections import as_staff, ask
from tests.staff.running import StaffProcess, text_of
from tests.web.running import ROOT

NAME = "utter_what_is_spms"


def test_every_answer_and_treatment_with_facts_and_age() -> None:
    rows = load_answers(ROOT, datetime.date(2026, 11, 24))
    by_name = {one.name: one for one in rows}
    spms, siponimod = by_name[NAME], by_name["treatment/siponimod"]
    assert spms.facts and spms.sources and spms.checked_on == "2026-11-22"
    assert siponimod.answers[0] == "siponimod/what" and len(siponimod.parts) > 5
    assert all(part.text for one in rows for part in one.parts)
    assert not any(
        row.fact.confidence in ("low", "unverified") for one in rows for row in one.facts
    )


def test_overdue_comes_first() -> None:
    rows = load_answers(ROOT, datetime.date(2027, 4, 1))
    late = [one.overdue_days for one in rows]
    assert late[0] > 0 and late == sorted(late, reverse=True) and late[-1] == 0


def test_hidden_with_a_reason_and_shown_again(own: StaffProcess) -> None:
    rita, lena = as_staff(own, "rita"), as_staff(own, "lena")
    form = {"name": NAME, "answer": NAME, "reason": "The figure is wrong."}
    assert rita.post("/content/hide", form).status_code == 403
    without = lena.post("/content/hide", {**form, "reason": " "})
    assert without.status_code == 422 and "Say why" in text_of(without)
    assert lena.post("/content/hide", form).status_code == 303
    page = text_of(rita.get(f"/content/answer?name={NAME}"))
    assert "by lena: The figure is wrong." in page and "Show it again" not in page
    assert "What is SPMS Hidden" in text_of(rita.get("/content?show=hidden"))
    again = {"name": NAME, "answer": NAME}
    assert rita.post("/content/show", again).status_code == 403
    assert lena.post("/content/show", again).status_code == 303
    assert "There is none" in text_of(rita.get("/content?show=hidden"))
    audit = text_of(lena.get(f"/audit?about={NAME}"))
    assert "Hid an answer" in audit and "Showed an answer again" in audit


def test_an_answer_is_found_by_its_words(own: StaffProcess) -> None:
    rita = as_staff(own, "rita")
    listed = text_of(rita.get("/content?q=siponimod+heart"))
    assert "Siponimod About Treatment" in listed and "Ocrelizumab" not in listed
    assert "ATA188 About Treatment" in text_of(rita.get("/content?q=ata188"))
    assert "No answer has these words" in text_of(rita.get("/content?q=xylophone"))
    # Who types what an answer is called wants that one, not whatever else has the words
    called = text_of(rita.get("/content?q=what+is+spms"))
    assert called.index("What is SPMS About") < called.index("Siponimod About Treatment")


def test_one_aspect_of_a_treatment(own: StaffProcess) -> None:
    lena = as_staff(own, "lena")
    form = {"name": "treatment/siponimod", "answer": "siponimod/side_effects", "reason": "old"}
    assert lena.post("/content/hide", form).status_code == 303
    assert re.search(r"Siponimod Hidden: 1 of \d", text_of(lena.get("/content?show=hidden")))


@pytest.mark.parametrize(
    "name",
    ["utter_crisis", "utter_emergency", "utter_abuse", "utter_hand_off", "utter_unavailable"],
)
def test_answers_for_people_in_need_cannot_be_hidden(own: StaffProcess, name: str) -> None:
    lena = as_staff(own, "lena")
    page = lena.get(f"/content/answer?name={name}")
    assert page.status_code == 200 and "/content/hide" not in page.text
    refused = lena.post("/content/hide", {"name": name, "answer": name, "reason": "x"})
    assert refused.status_code == 422 and "cannot be hidden" in text_of(refused)


def test_feedback_is_counted(own: StaffProcess) -> None:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from helpline.store.base import utc_now
    from helpline.store.models import Feedback, Message

    def rate(session: Session) -> None:
        ask(session, "one", "two", "three")
        answers = session.scalars(select(Message).where(Message.answer == NAME))
        for message, helpful in zip(answers, (True, False, False), strict=True):
            session.add(
                Feedback(
                    message_id=message.id,
                    conversation_id=message.conversation_id,
                    at=utc_now(),
                    helpful=helpful,
                )
            )

    own.store.write_now(rate)
    page = text_of(as_staff(own, "rita").get(f"/content/answer?name={NAME}"))
    assert "Found helpful 1 times, not helpful 2 times." in page


def test_signed_by_a_role_into_the_file_or_as_a_patch(own: StaffProcess, checkout: Path) -> None:
    lena = as_staff(own, "lena")
    address = f"/content/answer?name={NAME}"
    code = re.search(r'name="code" value="([^"]+)"', lena.get(address).text)
    assert code is not None
    form = {"name": NAME, "code": code[1], "role": " MS  nurse "}
    signoff = checkout / "knowledge" / "signoff.yml"
    before = signoff.read_text()
    patch = lena.post("/content/sign", {**form, "how": "patch"})
    assert "+  role: MS nurse" in patch.text and signoff.read_text() == before
    assert lena.post("/content/sign", {**form, "role": ""}).status_code == 422
    assert lena.post("/content/sign", form).status_code == 303
    [signed] = yaml.safe_load(signoff.read_text())["signed"]
    assert (signed["answer"], signed["role"]) == (NAME, "MS nurse")
    assert "signed by a MS nurse" in text_of(lena.get(address))
    assert "Signed answers" in text_of(lena.get(f"/audit?about={NAME}"))
    stale = lena.post("/content/sign", {**form, "code": f"{NAME}@00000000"})
    assert stale.status_code == 422 and "has changed since you opened" in text_of(stale)


def test_a_broken_file_is_named(own: StaffProcess, checkout: Path) -> None:
    (checkout / "knowledge" / "facts.yml").write_text("facts: [")
    page = as_staff(own, "rita").get("/content")
    assert page.status_code == 409 and "facts.yml" in text_of(page)
