from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.staff import accounts, passwords
from helpline.staff.accounts import AccountError
from helpline.store.database import Store
from helpline.store.models import AuditEntry
from helpline.store.staff_models import StaffSession, StaffUser
from tests.staff.conftest import StartStaff
from tests.staff.running import PASSWORD, Browser, StaffProcess, text_of
from tests.web.running import ROOT


def run(module: str, var_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the console's commands."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", f"helpline.staff.{module}", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}",
            "VAR_DIR": str(var_dir),
            "DATABASE_URL": f"sqlite:///{var_dir / 'helpline.db'}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def credentials(text: str) -> tuple[str, str]:
    lines = dict(line.split(maxsplit=1) for line in text.splitlines() if line)
    return lines["name"], lines["password"]


def test_the_first_start_makes_an_admin_whose_password_is_shown_once(
    staff_with: StartStaff,
) -> None:
    console = staff_with()
    path = console.var_dir / "secrets" / "first-staff-login"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    shown = run("first_login", console.var_dir)
    assert shown.returncode == 0, shown.stderr
    name, password = credentials(shown.stdout)
    assert password in path.read_text()
    assert password not in console.log
    again = run("first_login", console.var_dir)
    assert (again.returncode, again.stdout) == (0, "")

    browser = console.browser().sign_in(name, password)
    assert "Role Admin" in text_of(browser.get("/account"))
    answer = browser.post(
        "/account/password", {"current": password, "new": PASSWORD, "again": PASSWORD}
    )
    assert answer.status_code == 303
    assert not path.exists(), "the password in it is no longer valid"
    assert run("first_login", console.var_dir).stdout == ""


def test_the_command_makes_the_account_before_the_console_starts(tmp_path: Path) -> None:
    first = run("first_login", tmp_path)
    assert first.returncode == 0, first.stderr
    name, password = credentials(first.stdout)
    store = Store(f"sqlite:///{tmp_path / 'helpline.db'}")

    def check(session: Session) -> None:
        user = session.scalars(select(StaffUser)).one()
        assert (user.name, user.role) == (name, "admin")
        assert passwords.matches(user.password_hash, password)

    store.read_now(check)
    store.close()


def test_of_many_processes_one_makes_the_first_account(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as together:
        results = list(together.map(lambda _: run("first_login", tmp_path), range(3)))
    assert [result.returncode for result in results] == [0, 0, 0], results
    store = Store(f"sqlite:///{tmp_path / 'helpline.db'}")
    hashes = store.read_now(lambda s: list(s.scalars(select(StaffUser.password_hash))))
    store.close()
    assert len(hashes) == 1
    text = (tmp_path / "secrets" / "first-staff-login").read_text()
    assert passwords.matches(hashes[0], credentials(text)[1])
    assert len([result for result in results if result.stdout]) >= 1


def test_accounts_are_made_reset_and_locked_by_command(
    staff_with: StartStaff,
) -> None:
    console = staff_with()
    folder = console.var_dir
    added = run("accounts", folder, "add", "Nina", "reviewer")
    assert added.returncode == 0, added.stderr
    name, first = credentials(added.stdout)
    assert name == "nina"
    browser = console.browser().sign_in(name, first)

    _, second = credentials(run("accounts", folder, "reset", "nina").stdout)
    assert browser.get("/conversations").status_code == 303, "a reset ends open sessions"
    assert console.browser().try_sign_in(name, first).status_code == 401
    browser = console.browser().sign_in(name, second)

    assert "locked out" in run("accounts", folder, "disable", "nina").stdout
    assert browser.get("/conversations").status_code == 303
    assert console.browser().try_sign_in(name, second).status_code == 401
    assert "let in again" in run("accounts", folder, "enable", "nina").stdout
    console.browser().sign_in(name, second)

    listed = run("accounts", folder, "list").stdout
    assert "nina" in listed
    assert "reviewer" in listed
    actions = console.store.read_now(
        lambda s: list(s.scalars(select(AuditEntry.action).where(AuditEntry.subject == "nina")))
    )
    assert "staff.account_created" in actions
    assert "staff.password_changed" in actions
    assert actions.count("staff.account_changed") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "system", "lead"), "meaning of its own"),
        (("add", "x", "lead"), "cannot be a name"),
        (("add", "with space", "lead"), "cannot be a name"),
        (("add", "admin", "lead"), "an account 'admin' already"),
        (("reset", "nobody"), "no account 'nobody'"),
        (("disable", "nobody"), "no account 'nobody'"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    tmp_path: Path, empty_file: bytes, password_hash: str, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "helpline.db").write_bytes(empty_file)
    store = Store(f"sqlite:///{tmp_path / 'helpline.db'}")
    store.write_now(lambda s: accounts.create(s, "admin", "admin", password_hash) and None)
    store.close()
    done = run("accounts", tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_role_is_refused(store: Store) -> None:
    with pytest.raises(AccountError, match="no role"):
        store.write_now(lambda s: accounts.create(s, "nina", "boss", "hash") and None)


@pytest.fixture
def own(console: StaffProcess, password_hash: str, request: pytest.FixtureRequest) -> Browser:
    """A browser of somebody whom no other test uses."""
    name = f"own{abs(hash(request.node.name)) % 10**9}"
    console.store.write_now(lambda s: accounts.create(s, name, "reviewer", password_hash) and None)
    return console.browser().sign_in(name)


def name_of(browser: Browser) -> str:
    return text_of(browser.get("/account")).split("Name ")[1].split()[0]


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(
    console: StaffProcess, own: Browser
) -> None:
    name = name_of(own)
    other = console.browser().sign_in(name)
    new = "another good phrase"
    answer = own.post("/account/password", {"current": PASSWORD, "new": new, "again": new})
    assert answer.headers["location"] == "/account?done=password"
    assert "Your password is changed" in text_of(own.get("/account?done=password"))
    assert other.get("/conversations").status_code == 303
    assert console.browser().try_sign_in(name, PASSWORD).status_code == 401
    console.browser().sign_in(name, new)
    entry = console.store.read_now(
        lambda s: s.scalars(
            select(AuditEntry).where(
                AuditEntry.subject == name, AuditEntry.action == "staff.password_changed"
            )
        ).one()
    )
    assert entry.actor == name


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"current": "wrong", "new": "another good phrase"}, "not your present password"),
        ({"current": PASSWORD, "new": "short"}, "too short"),
        ({"current": PASSWORD, "new": "another good phrase", "again": "x"}, "differ"),
        ({"current": PASSWORD, "new": PASSWORD}, "is the present one"),
        ({}, "too short"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    own: Browser, form: dict[str, str], message: str
) -> None:
    answer = own.post("/account/password", {"again": form.get("new", ""), **form})
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert PASSWORD not in answer.text


def test_the_present_password_cannot_be_guessed_without_end(own: Browser) -> None:
    form = {"current": "a guess", "new": "another good phrase", "again": "another good phrase"}
    statuses = [own.post("/account/password", form).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    answer = own.post("/account/password", {**form, "current": PASSWORD})
    assert answer.status_code == 429
    assert "Too many attempts" in text_of(answer)


def test_single_letter_keys_can_be_switched_off(own: Browser) -> None:
    assert '<body data-keys="on">' in own.get("/account").text
    own.post("/account/keys", {})
    assert '<body data-keys="off">' in own.get("/account").text
    assert "Single-letter keys are switched off for you" in text_of(own.get("/keys"))
    own.post("/account/keys", {"single_keys": "on"})
    assert '<body data-keys="on">' in own.get("/account").text


def test_sessions_are_not_shared_between_people(console: StaffProcess) -> None:
    first = console.browser().sign_in("rita")
    second = console.browser().sign_in("lena")
    assert "Account: rita" in first.get("/keys").text
    assert "Account: lena" in second.get("/keys").text
    owners = console.store.read_now(
        lambda s: {one.user.name for one in s.scalars(select(StaffSession))}
    )
    assert {"rita", "lena"} <= owners
