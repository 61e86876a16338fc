from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.store.kill_switch import read_switch
from helpline.store.models import AuditEntry
from tests.staff.conftest import StartStaff, add_people
from tests.staff.running import Browser, StaffProcess, text_of


def test_a_lead_stops_and_resumes_the_answers(staff_with: StartStaff, password_hash: str) -> None:
    console = staff_with()
    console.store.write_now(add_people, password_hash)
    lena = console.browser().sign_in("lena")
    assert "The bot answers" in text_of(lena.get("/kill-switch"))

    stopped = lena.post("/kill-switch/stop", {"reason": "  a <wrong> dose was shown "})
    assert (stopped.status_code, stopped.headers["location"]) == (303, "/kill-switch?done=stopped")
    page = lena.get("/kill-switch?done=stopped")
    assert "answers are stopped since" in text_of(page)
    assert "a &lt;wrong&gt; dose was shown" in page.text
    assert console.store.read_now(read_switch).stopped is True

    assert lena.post("/kill-switch/resume").status_code == 303
    assert console.store.read_now(read_switch).stopped is False

    def entries(session: Session) -> list[tuple[str, str]]:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("answers.%")).order_by(AuditEntry.id)
        )
        return [(row.actor, row.action) for row in rows]

    assert console.store.read_now(entries) == [
        ("lena", "answers.stopped"),
        ("lena", "answers.resumed"),
    ]
    log = text_of(lena.get("/audit"))
    assert "Stopped the bot's answers" in log.replace("&#39;", "'")
    assert "a &lt;wrong&gt; dose was shown" in log


def test_a_reason_is_required(console: StaffProcess, lena: Browser) -> None:
    refused = lena.post("/kill-switch/stop", {"reason": " \u200b "})
    assert refused.status_code == 422
    assert "Say why the answers are stopped" in text_of(refused)
    long = lena.post("/kill-switch/stop", {"reason": "x" * 501})
    assert long.status_code == 422 and "x" * 501 in long.text, "what was typed is kept"
    assert console.store.read_now(read_switch).stopped is False


def test_a_reviewer_sees_the_switch_and_cannot_use_it(console: StaffProcess, rita: Browser) -> None:
    page = rita.get("/kill-switch")
    assert page.status_code == 200
    assert "Only a lead or an admin" in text_of(page)
    assert 'action="/kill-switch' not in page.text
    for address in ("/kill-switch/stop", "/kill-switch/resume"):
        assert rita.post(address, {"reason": "because"}).status_code == 403
    assert console.store.read_now(read_switch).stopped is False
