from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.staff import accounts, sessions
from helpline.staff.throttle import ACCOUNT_ATTEMPTS, ADDRESS_ATTEMPTS
from helpline.store.base import utc_now
from helpline.store.models import AuditEntry
from helpline.store.staff_models import StaffSession, StaffUser
from tests.staff.conftest import StartStaff, add_people
from tests.staff.running import PASSWORD, Browser, StaffProcess, text_of


def cookies_of(answer: httpx2.Response) -> dict[str, str]:
    """Return name -> the whole Set-Cookie header."""
    return {one.partition("=")[0]: one for one in answer.headers.get_list("set-cookie")}


def last_entry(session: Session, action: str) -> AuditEntry:
    return session.scalars(
        select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    ).first() or pytest.fail(f"no {action} in the audit log")


def test_signing_in_leads_to_the_list_with_a_cookie_no_script_reads(console: StaffProcess) -> None:
    answer = console.browser().try_sign_in("rita", PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/conversations"
    cookie = cookies_of(answer)["helpline_staff"]
    assert re.search(r"helpline_staff=[\w-]{43};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    # Over plain HTTP on this machine a Secure cookie would be lost.
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie and "expires" not in cookie.lower()


def test_only_the_hash_of_the_session_is_stored(console: StaffProcess) -> None:
    browser = console.browser().sign_in("rita")
    session_id = browser.client.cookies["helpline_staff"]
    hashes = console.store.read_now(lambda s: list(s.scalars(select(StaffSession.id_hash))))
    assert sessions.hash_of(session_id) in hashes
    assert session_id not in hashes


def test_names_are_not_case_sensitive(console: StaffProcess) -> None:
    console.browser().sign_in("  Rita ")


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(console: StaffProcess) -> None:
    def wrong(name: str) -> httpx2.Response:
        return console.browser().try_sign_in(name, "a wrong password")

    known, unknown = wrong("ada"), wrong("nobody")
    assert known.status_code == unknown.status_code == 401
    assert text_of(known) == text_of(unknown)
    assert "not right" in text_of(known)
    assert known.text.replace('value="ada"', "") == unknown.text.replace('value="nobody"', "")
    assert {k: v for k, v in known.headers.items() if k != "content-length"} == {
        k: v for k, v in unknown.headers.items() if k != "content-length"
    }


def test_a_failed_attempt_is_recorded_without_what_was_typed(console: StaffProcess) -> None:
    console.browser().try_sign_in("my secret password", "x")
    entry = console.store.read_now(last_entry, "staff.sign_in_failed")
    assert (entry.actor, entry.subject, entry.details) == ("unknown", None, None)
    console.browser().try_sign_in("ada", "a wrong password")
    entry = console.store.read_now(last_entry, "staff.sign_in_failed")
    assert (entry.actor, entry.subject) == ("unknown", "ada")
    console.browser().sign_in("ada")
    assert console.store.read_now(last_entry, "staff.signed_in").actor == "ada"


def test_a_disabled_account_gets_the_same_words(console: StaffProcess, password_hash: str) -> None:
    def add(session: Session) -> None:
        user = accounts.create(session, "gone", "lead", password_hash)
        accounts.set_disabled(session, user, True, by="ada")

    console.store.write_now(add)
    answer = console.browser().try_sign_in("gone", PASSWORD)
    assert answer.status_code == 401
    assert "not right" in text_of(answer)


def test_disabling_an_account_ends_its_sessions(console: StaffProcess, password_hash: str) -> None:
    console.store.write_now(lambda s: accounts.create(s, "leaver", "lead", password_hash) and None)
    browser = console.browser().sign_in("leaver")
    assert browser.get("/conversations").status_code == 200

    def disable(session: Session) -> None:
        user = accounts.find(session, "leaver")
        assert user is not None
        accounts.set_disabled(session, user, True, by="ada")

    console.store.write_now(disable)
    assert browser.get("/conversations").status_code == 303


def test_after_signing_in_one_comes_to_the_page_one_wanted(console: StaffProcess) -> None:
    browser = console.browser()
    answer = browser.get("/conversations?flag=crisis&below=50")
    assert answer.status_code == 303
    form = browser.get(answer.headers["location"])
    wanted = re.search(r'name="next" value="([^"]*)"', form.text)
    assert wanted is not None
    address = wanted[1].replace("&amp;", "&")
    assert address == "/conversations?flag=crisis&below=50"
    answer = browser.try_sign_in("rita", PASSWORD, next=address)
    assert answer.headers["location"] == address


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example",
        "javascript:alert(1)",
        "conversations",
        "/sign-out",
        "/conversations\r\nX-Evil: 1",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(console: StaffProcess, address: str) -> None:
    answer = console.browser().try_sign_in("rita", PASSWORD, next=address)
    assert answer.headers["location"] == "/conversations"
    assert "x-evil" not in answer.headers


def test_every_sign_in_has_a_session_of_its_own(console: StaffProcess) -> None:
    planted = console.browser(Cookie="helpline_staff=chosen-by-an-attacker")
    set_cookie = cookies_of(planted.try_sign_in("rita", PASSWORD))["helpline_staff"]
    first = set_cookie.partition("=")[2].partition(";")[0]
    assert len(first) == 43
    second = console.browser().sign_in("rita").client.cookies["helpline_staff"]
    assert first != second


def test_signing_out_ends_the_session_on_the_server(console: StaffProcess) -> None:
    browser = console.browser().sign_in("rita")
    session_id = browser.client.cookies["helpline_staff"]
    answer = browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?out=1"
    assert "signed out" in text_of(browser.get("/sign-in?out=1"))
    assert "helpline_staff" not in browser.client.cookies
    browser.client.cookies.set("helpline_staff", session_id)
    assert browser.get("/conversations").status_code == 303
    assert console.store.read_now(last_entry, "staff.signed_out").actor == "rita"


def age(console: StaffProcess, browser: Browser, column: str, by: timedelta) -> None:
    hashed = sessions.hash_of(browser.client.cookies["helpline_staff"])

    def change(session: Session) -> None:
        session.execute(
            update(StaffSession)
            .where(StaffSession.id_hash == hashed)
            .values({column: utc_now() - by})
        )

    console.store.write_now(change)


@pytest.mark.parametrize(
    ("column", "longest"), [("seen_at", sessions.IDLE), ("started_at", sessions.LONGEST)]
)
def test_a_session_ends_unused_or_after_a_day(
    console: StaffProcess, column: str, longest: timedelta
) -> None:
    browser = console.browser().sign_in("rita")
    age(console, browser, column, longest - timedelta(seconds=30))
    assert browser.get("/conversations").status_code == 200
    age(console, browser, column, longest + timedelta(seconds=1))
    answer = browser.get("/conversations?flag=crisis")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?ended=1&next=/conversations%3F")
    assert "helpline_staff" not in browser.client.cookies
    page = text_of(browser.get(answer.headers["location"]))
    assert "Your session has ended" in page


def test_using_the_console_keeps_the_session_alive(console: StaffProcess) -> None:
    browser = console.browser().sign_in("rita")
    hashed = sessions.hash_of(browser.client.cookies["helpline_staff"])

    def seen(session: Session) -> datetime:
        return session.get_one(StaffSession, hashed).seen_at

    before = console.store.read_now(seen)
    browser.get("/conversations")
    assert console.store.read_now(seen) == before, "written at every request"
    age(console, browser, "seen_at", timedelta(minutes=30))
    browser.get("/conversations")
    assert utc_now() - console.store.read_now(seen) < timedelta(minutes=5)


def test_ended_sessions_are_swept_out(console: StaffProcess) -> None:
    browser = console.browser().sign_in("rita")
    old = sessions.hash_of(browser.client.cookies["helpline_staff"])
    age(console, browser, "seen_at", 2 * sessions.IDLE)
    console.browser().sign_in("rita")
    assert console.store.read_now(lambda s: s.get(StaffSession, old)) is None


def test_guessing_is_slowed_down_for_every_name_alike(
    staff_with: StartStaff, password_hash: str
) -> None:
    console = staff_with()
    console.store.write_now(add_people, password_hash)
    known_device = console.browser().sign_in("rita")
    pages = {}
    for name in ("rita", "nobody"):
        browser = console.browser()
        for _ in range(ACCOUNT_ATTEMPTS):
            assert browser.try_sign_in(name, "a wrong password").status_code == 401
        answer = browser.try_sign_in(name, PASSWORD)
        assert answer.status_code == 429, "the right password must not be tried either"
        assert 0 < int(answer.headers["retry-after"]) <= 300
        pages[name] = re.sub(r"Wait \d+ \w+", "", text_of(answer))
        assert "Too many attempts" in pages[name]
    assert pages["rita"] == pages["nobody"]
    # Whoever signed in here before can still do so.
    known_device.client.cookies.delete("helpline_staff")
    assert known_device.try_sign_in("rita", PASSWORD).status_code == 303
    # Refused attempts leave no rows that would fill the database.
    failed = select(AuditEntry).where(AuditEntry.action == "staff.sign_in_failed")
    count = console.store.read_now(lambda s: len(list(s.scalars(failed))))
    assert count == 2 * ACCOUNT_ATTEMPTS


def test_one_address_cannot_try_many_names_and_is_not_stored(
    staff_with: StartStaff, password_hash: str
) -> None:
    console = staff_with(TRUSTED_PROXIES="1")
    console.store.write_now(add_people, password_hash)
    here = console.browser(**{"X-Forwarded-For": "192.0.2.77"})
    for number in range(ADDRESS_ATTEMPTS):
        assert here.try_sign_in(f"name{number}", "x").status_code == 401
    assert here.try_sign_in("rita", PASSWORD).status_code == 429
    console.browser(**{"X-Forwarded-For": "192.0.2.78"}).sign_in("rita")
    console.store.forget_erased_now()
    for path in console.var_dir.iterdir():
        if path.is_file():
            assert b"192.0.2.7" not in path.read_bytes(), path.name


def test_behind_tls_the_cookie_is_secure(staff_with: StartStaff, password_hash: str) -> None:
    console = staff_with(TRUSTED_PROXIES="1")
    console.store.write_now(add_people, password_hash)
    browser = console.browser(**{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"})
    answer = browser.try_sign_in("rita", PASSWORD)
    cookie = cookies_of(answer)["__Host-helpline_staff"]
    assert "Secure" in cookie
    assert "SameSite=Strict" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    session_id = cookie.partition("=")[2].partition(";")[0]
    page = browser.get("/conversations", headers={"Cookie": f"__Host-helpline_staff={session_id}"})
    assert page.status_code == 200


def test_proxy_headers_are_not_believed_without_a_proxy(console: StaffProcess) -> None:
    browser = console.browser(**{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"})
    assert "helpline_staff" in cookies_of(browser.try_sign_in("rita", PASSWORD))


def test_a_changed_password_hash_refuses_a_sign_in_that_was_under_way(
    console: StaffProcess,
) -> None:
    from helpline.staff.views.sign_in import _Account, _begin

    stale = _Account("rita", "an old hash", False)
    assert console.store.write_now(_begin, stale, None, None) is None


def test_an_outdated_hash_is_renewed_at_sign_in(console: StaffProcess) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    console.store.write_now(lambda s: accounts.create(s, "weak", "reviewer", weak) and None)
    console.browser().sign_in("weak")
    renewed = console.store.read_now(
        lambda s: s.scalar(select(StaffUser.password_hash).where(StaffUser.name == "weak"))
    )
    assert renewed is not None
    assert renewed != weak
    console.browser().sign_in("weak")


def test_whoever_is_signed_in_need_not_sign_in_again(rita: Browser) -> None:
    answer = rita.get("/sign-in?next=/audit")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/audit"


def test_a_link_from_elsewhere_offers_a_way_on(console: StaffProcess) -> None:
    """A SameSite=Strict cookie does not come along with it."""
    answer = console.browser().get("/sign-in?next=/audit", headers={"Sec-Fetch-Site": "cross-site"})
    assert '<a href="/audit">go on to the page</a>' in answer.text
