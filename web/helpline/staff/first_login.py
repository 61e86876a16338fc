"""The first account: an admin with a generated password, made where there is no account yet.

    python -m helpline.staff.first_login

prints the credentials, once. They also stand in VAR_DIR/secrets/first-staff-login, readable by the
owner alone, until that password is changed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

import settings
from helpline.staff import accounts, passwords
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.staff_models import ADMIN, StaffUser
from settings import Settings

FIRST_NAME = "admin"
_SHOWN = "shown in the terminal\n"


def credentials_file(values: Settings) -> Path:
    """Path of the file that holds the first name and password."""
    return values.var_dir / "secrets" / "first-staff-login"


def create_if_needed(store: Store, values: Settings) -> bool:
    """Make the first account if there is none; return whether it was made.

    Several processes may call this at once: one of them makes the account.
    """
    if store.read_now(_has_accounts):
        return False
    password = passwords.generate()
    hashed = passwords.hash_password(password)
    return store.write_now(_create, credentials_file(values), password, hashed)


def forget(values: Settings) -> None:
    """Remove the file: its password is not valid any more."""
    credentials_file(values).unlink(missing_ok=True)


def show_once(values: Settings) -> str | None:
    """Return what is to be printed, or None if it was printed before or is no longer valid."""
    path = credentials_file(values)
    try:
        content = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    if content.endswith(_SHOWN):
        return None
    _write(path, content + _SHOWN)
    return content


def _has_accounts(session: Session) -> bool:
    return session.scalar(select(StaffUser.id).limit(1)) is not None


def _create(session: Session, path: Path, password: str, hashed: str) -> bool:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE staff_user IN EXCLUSIVE MODE"))
    if _has_accounts(session):
        return False
    accounts.create(session, FIRST_NAME, ADMIN, hashed)
    # Before the account counts: nobody could sign in to an account whose password is nowhere.
    _write(path, f"name      {FIRST_NAME}\npassword  {password}\n")
    return True


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content)
    os.replace(draft, path)


def main() -> int:
    """Make the first account if needed and print its credentials if nobody has seen them."""
    values = settings.load()
    store = Store(values.database_url)
    try:
        upgrade(store.engine)
        create_if_needed(store, values)
    finally:
        store.close()
    sys.stdout.write(show_once(values) or "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
