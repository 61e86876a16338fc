"""Invitations and resets by one-time link, and the page on which an admin manages staff."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.staff import accounts
from helpline.staff.accounts import AccountError
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.models import AuditEntry
from helpline.store.staff_models import StaffLink, StaffUser
from tests.staff.conftest import StartStaff
from tests.staff.running import PASSWORD, Browser, StaffProcess, text_of
from tests.staff.test_accounts import run

NEW_PASSWORD = "a brand new pass phrase"
FORM = {"new": NEW_PASSWORD, "again": NEW_PASSWORD}
_numbers: Iterator[int] = iter(range(1000))


@pytest.fixture
def ada(console: StaffProcess, session_ids: dict[str, str]) -> Browser:
    return console.browser(Cookie=f"helpline_staff={session_ids['ada']}")


def link_in(answer: httpx2.Response) -> str:
    """Return the path of the link that a page shows."""
    found = re.search(r'id="link" readonly value="([^"]*)"', answer.text)
    assert found is not None, text_of(answer)
    return re.sub(r"^https?://[^/]*", "", html.unescape(found[1]))


def invite(ada: Browser, role: str = "reviewer") -> tuple[str, str]:
    """Invite somebody; return the name and the link's path."""
    name = f"guest{next(_numbers)}"
    return name, link_in(ada.post("/staff/invite", {"name": name, "role": role}))


def user_id(console: StaffProcess, name: str) -> int:
    return console.store.read_now(
        lambda s: s.scalars(select(StaffUser.id).where(StaffUser.name == name)).one()
    )


def test_an_invited_person_chooses_a_password_once(console: StaffProcess, ada: Browser) -> None:
    name, path = invite(ada, "lead")
    assert "Invited" in text_of(ada.get("/staff"))
    guest = console.browser()
    assert guest.try_sign_in(name, "").status_code == 401, "there is no password yet"
    assert f"For the account {name}" in text_of(guest.get(path))
    assert guest.get(path).status_code == 200, "looking does not use it up"
    answer = guest.post(path, FORM)
    assert answer.headers["location"] == "/sign-in?set=1"
    assert "Your password is set" in text_of(guest.get("/sign-in?set=1"))
    guest.sign_in(name, NEW_PASSWORD)
    assert "Role Lead" in text_of(guest.get("/account"))

    for again in (console.browser().get(path), console.browser().post(path, FORM)):
        assert again.status_code == 410
        assert "This link cannot be used any more" in text_of(again)


def test_the_store_knows_a_link_only_as_a_hash(console: StaffProcess, ada: Browser) -> None:
    _, path = invite(ada)
    token = path.rpartition("/")[2]
    assert len(token) == 43
    console.store.forget_erased_now()
    for file in console.var_dir.glob("helpline.db*"):
        assert token.encode() not in file.read_bytes(), file.name
    assert token not in console.log
    assert token not in ada.get("/staff").text, "it is shown once"


def test_a_reset_ends_the_sessions_when_it_is_used(console: StaffProcess, ada: Browser) -> None:
    name, path = invite(ada)
    console.browser().post(path, FORM)
    guest = console.browser().sign_in(name, NEW_PASSWORD)
    answer = ada.post(f"/staff/{user_id(console, name)}/link")
    assert "chooses a new password" in text_of(answer)
    assert guest.get("/conversations").status_code == 200, "nothing changes until it is used"
    again = {"new": PASSWORD, "again": PASSWORD}
    assert console.browser().post(link_in(answer), again).status_code == 303
    assert guest.get("/conversations").status_code == 303
    assert console.browser().try_sign_in(name, NEW_PASSWORD).status_code == 401
    console.browser().sign_in(name)


def test_a_new_link_ends_the_one_before(console: StaffProcess, ada: Browser) -> None:
    name, first = invite(ada)
    second = link_in(ada.post(f"/staff/{user_id(console, name)}/link"))
    assert console.browser().get(first).status_code == 410
    assert console.browser().get(second).status_code == 200


def test_a_link_ends_with_time_and_with_the_account(console: StaffProcess, ada: Browser) -> None:
    name, path = invite(ada)

    def age(session: Session) -> None:
        [link] = session.scalars(select(StaffLink).join(StaffUser).where(StaffUser.name == name))
        assert timedelta(days=2) < link.expires_at - utc_now() <= timedelta(days=3)
        session.execute(
            update(StaffLink)
            .where(StaffLink.user_id == link.user_id)
            .values(expires_at=utc_now() - timedelta(seconds=1))
        )

    console.store.write_now(age)
    assert console.browser().get(path).status_code == 410
    assert console.browser().post(path, FORM).status_code == 410

    other, path = invite(ada)
    assert ada.post(f"/staff/{user_id(console, other)}/disable").status_code == 303
    assert console.browser().post(path, FORM).status_code == 410


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": NEW_PASSWORD, "again": "another"}, "The two passwords differ"),
        ({}, "too short"),
    ],
)
def test_a_password_that_cannot_be_used_leaves_the_link(
    console: StaffProcess, ada: Browser, form: dict[str, str], said: str
) -> None:
    _, path = invite(ada)
    answer = console.browser().post(path, form)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert console.browser().post(path, FORM).status_code == 303


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("rita", "reviewer", "There is an account 'rita' already"),
        ("visitor", "lead", "meaning of its own in the audit log"),
        ("?", "lead", "cannot be a name"),
        ("newcomer", "owner", "is no role"),
    ],
)
def test_an_invitation_that_cannot_be_made_is_explained(
    ada: Browser, name: str, role: str, said: str
) -> None:
    answer = ada.post("/staff/invite", {"name": name, "role": role})
    assert answer.status_code == 422
    assert said in html.unescape(text_of(answer))
    assert f'value="{name}"' in answer.text


def test_only_an_admin_manages_staff(rita: Browser, lena: Browser, console: StaffProcess) -> None:
    for person in (rita, lena):
        assert person.get("/staff").status_code == 403
        for path in ("invite", "1/link", "1/role", "1/disable", "1/enable"):
            form = {"name": "x", "role": "admin"}
            assert person.post(f"/staff/{path}", form).status_code == 403
        assert 'href="/staff"' not in person.get("/conversations").text


def test_a_role_holds_at_once_and_is_audited(console: StaffProcess, ada: Browser) -> None:
    name, path = invite(ada)
    console.browser().post(path, FORM)
    guest = console.browser().sign_in(name, NEW_PASSWORD)
    assert guest.get("/staff").status_code == 403
    number = user_id(console, name)
    assert ada.post(f"/staff/{number}/role", {"role": "admin"}).status_code == 303
    assert guest.get("/staff").status_code == 200
    log = text_of(ada.get(f"/audit?about={name}"))
    assert "role: admin, before: reviewer" in log
    assert "Made a link to set a password" in log
    assert ada.post(f"/staff/{number}/role", {"role": "reviewer"}).status_code == 303
    assert ada.post(f"/staff/{number}/role", {"role": "king"}).status_code == 422
    assert ada.post("/staff/999999/role", {"role": "lead"}).status_code == 404


def test_the_last_admin_stays(store: Store) -> None:
    def check(session: Session) -> None:
        ada = accounts.create(session, "ada", "admin", "a hash")
        # Invited only: nobody can sign in as this one yet.
        accounts.create(session, "guest", "admin", "")
        session.flush()
        with pytest.raises(AccountError, match="the only admin"):
            accounts.set_role(session, ada, "lead", by="ada")
        with pytest.raises(AccountError, match="the only admin"):
            accounts.set_disabled(session, ada, True, by="ada")
        other = accounts.create(session, "olga", "admin", "a hash")
        session.flush()
        accounts.set_role(session, other, "reviewer", by="ada")
        accounts.set_role(session, other, "admin", by="ada")
        accounts.set_disabled(session, ada, True, by="ada")

    store.write_now(check)


def test_links_are_made_by_command(staff_with: StartStaff) -> None:
    console = staff_with()
    invited = run("accounts", console.var_dir, "invite", "Nina", "reviewer")
    assert invited.returncode == 0, invited.stderr
    lines = dict(line.split(maxsplit=1) for line in invited.stdout.splitlines())
    assert lines["name"] == "nina"
    path = re.sub(r"^http://[^/]*", "", lines["link"])
    assert console.browser().post(path, FORM).status_code == 303
    console.browser().sign_in("nina", NEW_PASSWORD)
    reset = run("accounts", console.var_dir, "link", "nina")
    assert "/password/" in reset.stdout
    assert run("accounts", console.var_dir, "link", "nobody").returncode == 1

    def made(session: Session) -> list[str]:
        wanted = select(AuditEntry.actor).where(AuditEntry.action == "staff.link_made")
        return list(session.scalars(wanted))

    assert console.store.read_now(made) == ["system", "system"]
