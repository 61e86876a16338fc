"""Accounts of staff, and the command that makes, resets and disables them.

    python -m helpline.staff.accounts list
    python -m helpline.staff.accounts add NAME reviewer|lead|admin
    python -m helpline.staff.accounts invite NAME reviewer|lead|admin
    python -m helpline.staff.accounts reset NAME
    python -m helpline.staff.accounts link NAME
    python -m helpline.staff.accounts disable NAME
    python -m helpline.staff.accounts enable NAME

`add` and `reset` print a generated password, `invite` and `link` print a link with which its owner
chooses one: once, and usable once. `reset` ends the old password at once, `link` when it is used.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import settings
from helpline.staff import audit, passwords
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.staff_models import ADMIN, ROLES, StaffLink, StaffSession, StaffUser

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")


class AccountError(ValueError):
    """An account cannot be made or changed; the message says why."""


def clean_name(raw: str) -> str:
    """Bring a typed name into the form that accounts have."""
    return raw.strip().casefold()


def find(session: Session, name: str) -> StaffUser | None:
    """Return the account of that name, disabled or not."""
    return session.scalar(select(StaffUser).where(StaffUser.name == clean_name(name)))


def create(
    session: Session, name: str, role: str, password_hash: str, *, by: str = audit.SYSTEM
) -> StaffUser:
    """Make an account.

    Raises:
        AccountError: the name is taken, reserved or not a name, or there is no such role.
    """
    name = clean_name(name)
    if not _NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} cannot be a name: use 2 to 64 letters, digits and . _ - @ +, "
            "beginning with a letter or digit."
        )
    if name in audit.NOT_STAFF:
        raise AccountError(f"{name!r} has a meaning of its own in the audit log: use another name.")
    if role not in ROLES:
        raise AccountError(f"{role!r} is no role: use {', '.join(ROLES)}.")
    if find(session, name) is not None:
        raise AccountError(f"There is an account {name!r} already.")
    user = StaffUser(
        name=name, role=role, password_hash=password_hash, created_at=utc_now(), single_keys=True
    )
    session.add(user)
    audit.record(session, by, audit.ACCOUNT_CREATED, name, {"role": role})
    return user


def set_password(
    session: Session, user: StaffUser, password_hash: str, *, by: str, keep_session: str | None
) -> None:
    """Change a password and end every session of the account but `keep_session` (its hash)."""
    user.password_hash = password_hash
    user.password_changed_at = utc_now()
    others = delete(StaffSession).where(StaffSession.user_id == user.id)
    if keep_session is not None:
        others = others.where(StaffSession.id_hash != keep_session)
    session.execute(others)
    audit.record(session, by, audit.PASSWORD_CHANGED, user.name)


def set_role(session: Session, user: StaffUser, role: str, *, by: str) -> None:
    """Give an account another role; it holds from the next request on.

    Raises:
        AccountError: there is no such role, or nobody would be left who can manage accounts.
    """
    if role not in ROLES:
        raise AccountError(f"{role!r} is no role: use {', '.join(ROLES)}.")
    if role != ADMIN:
        _leave_an_admin(session, user)
    before, user.role = user.role, role
    audit.record(session, by, audit.ACCOUNT_CHANGED, user.name, {"role": role, "before": before})


def _leave_an_admin(session: Session, but: StaffUser) -> None:
    """See that an admin is left when `but` is none any more; two at once must not both go.

    Raises:
        AccountError: there is none.
    """
    admins = session.scalars(
        select(StaffUser)
        .where(
            StaffUser.role == ADMIN, StaffUser.disabled_at.is_(None), StaffUser.password_hash != ""
        )
        .order_by(StaffUser.id)
        .with_for_update()
    ).all()
    if but in admins and len(admins) == 1:
        raise AccountError(
            f"{but.name} is the only admin who can sign in: make another one an admin first."
        )


def set_disabled(session: Session, user: StaffUser, disabled: bool, *, by: str) -> None:
    """Lock an account out, ending its sessions and its link, or let it in again.

    Raises:
        AccountError: nobody would be left who can manage accounts.
    """
    if disabled:
        _leave_an_admin(session, user)
        session.execute(delete(StaffLink).where(StaffLink.user_id == user.id))
    user.disabled_at = utc_now() if disabled else None
    if disabled:
        session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))
    audit.record(session, by, audit.ACCOUNT_CHANGED, user.name, {"disabled": disabled})


def _existing(session: Session, name: str) -> StaffUser:
    user = find(session, name)
    if user is None:
        raise AccountError(f"There is no account {clean_name(name)!r}.")
    return user


def _add(session: Session, name: str, role: str) -> str:
    password = passwords.generate()
    user = create(session, name, role, passwords.hash_password(password))
    return f"name      {user.name}\npassword  {password}\n"


def _reset(session: Session, name: str) -> str:
    user = _existing(session, name)
    password = passwords.generate()
    hashed = passwords.hash_password(password)
    set_password(session, user, hashed, by=audit.SYSTEM, keep_session=None)
    return f"name      {user.name}\npassword  {password}\n"


def _disable(session: Session, name: str, disabled: bool) -> str:
    user = _existing(session, name)
    set_disabled(session, user, disabled, by=audit.SYSTEM)
    return f"{user.name} is {'locked out' if disabled else 'let in again'}.\n"


def _invite(session: Session, name: str, role: str) -> str:
    return _with_link(session, create(session, name, role, ""))


def _link(session: Session, name: str) -> str:
    return _with_link(session, _existing(session, name))


def _with_link(session: Session, user: StaffUser) -> str:
    from helpline.staff import links  # it needs this module

    path = links.make(session, user, by=audit.SYSTEM)
    return f"name      {user.name}\nlink      {settings.load().staff_address}{path}\n"


def _list(session: Session) -> str:
    def day(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d}" if moment else "-"

    lines = [f"{'name':24} {'role':10} {'made':12} disabled"]
    lines += [
        f"{user.name:24} {user.role:10} {day(user.created_at):12} {day(user.disabled_at)}"
        for user in session.scalars(select(StaffUser).order_by(StaffUser.name))
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run one command on the database of DATABASE_URL; returns the exit code."""
    from helpline.staff import first_login  # it needs this module

    parser = argparse.ArgumentParser(description="Accounts of the staff console.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the accounts")
    add = commands.add_parser("add", help="make an account and print its password")
    add.add_argument("name")
    add.add_argument("role", choices=ROLES)
    invite = commands.add_parser("invite", help="make an account and print a link for its owner")
    invite.add_argument("name")
    invite.add_argument("role", choices=ROLES)
    for name, meaning in (
        ("link", "print a link with which the owner of an account chooses a new password"),
        ("reset", "give an account a new password and print it"),
        ("disable", "lock an account out"),
        ("enable", "let a locked-out account in again"),
    ):
        commands.add_parser(name, help=meaning).add_argument("name")
    given = parser.parse_args(arguments)
    values = settings.load()
    store = Store(values.database_url)
    try:
        upgrade(store.engine)
        if given.command == "list":
            text = store.read_now(_list)
        elif given.command == "add":
            text = store.write_now(_add, given.name, given.role)
        elif given.command == "invite":
            text = store.write_now(_invite, given.name, given.role)
        elif given.command == "link":
            text = store.write_now(_link, given.name)
        elif given.command == "reset":
            text = store.write_now(_reset, given.name)
            if clean_name(given.name) == first_login.FIRST_NAME:
                first_login.forget(values)
        else:
            text = store.write_now(_disable, given.name, given.command == "disable")
    except AccountError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        store.close()
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
