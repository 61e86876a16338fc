"""A console with conversations and three members of staff, shared by the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from helpline.staff import accounts, passwords
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from tests.factories import fill
from tests.postgres import PostgresServer
from tests.staff.corrections import small_checkout
from tests.staff.running import PASSWORD, Browser, StaffProcess, start_staff

PEOPLE = {"rita": "reviewer", "lena": "lead", "ada": "admin"}
CONVERSATIONS = 60


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hash of PASSWORD; made once, since it is meant to be slow."""
    return passwords.hash_password(PASSWORD)


def add_people(session: Session, hashed: str) -> None:
    for name, role in PEOPLE.items():
        accounts.create(session, name, role, hashed)


@pytest.fixture(scope="session")
def running_console(
    tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[StaffProcess]:
    console = start_staff(tmp_path_factory.mktemp("staff"))
    console.store.write_now(add_people, password_hash)
    fill(console.store.engine, CONVERSATIONS, turns=range(1, 9))
    yield console
    log = console.log
    console.stop()
    assert "request failed" not in log, log


@pytest.fixture
def console(running_console: StaffProcess) -> StaffProcess:
    """The shared console: 60 conversations; rita is reviewer, lena lead, ada admin."""
    return running_console


@pytest.fixture(autouse=True)
def _no_browser_stays_open() -> Iterator[None]:
    yield
    Browser.close_all()


@pytest.fixture(scope="session")
def session_ids(running_console: StaffProcess) -> dict[str, str]:
    """A session of each person: signing in is slow on purpose, and few tests are about it."""
    return {
        name: running_console.browser().sign_in(name).client.cookies["helpline_staff"]
        for name in PEOPLE
    }


@pytest.fixture
def rita(console: StaffProcess, session_ids: dict[str, str]) -> Browser:
    return console.browser(Cookie=f"helpline_staff={session_ids['rita']}")


@pytest.fixture
def lena(console: StaffProcess, session_ids: dict[str, str]) -> Browser:
    return console.browser(Cookie=f"helpline_staff={session_ids['lena']}")


StartStaff = Callable[..., StaffProcess]


@pytest.fixture
def staff_with(tmp_path: Path, empty_file: bytes) -> Iterator[StartStaff]:
    """Start consoles with settings of their own and an empty store; they end with the test."""
    started: list[StaffProcess] = []

    def start(**environment: str) -> StaffProcess:
        folder = tmp_path / f"staff{len(started)}"
        folder.mkdir()
        (folder / "helpline.db").write_bytes(empty_file)
        console = start_staff(folder, **environment)
        started.append(console)
        return console

    yield start
    # A console that ends waits for browsers that keep a connection open.
    Browser.close_all()
    for console in started:
        if console.process.poll() is None:
            console.stop()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated SQLite store without rows, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "helpline.db"
    store = Store(f"sqlite:///{path}")
    upgrade(store.engine)
    store.forget_erased_now()
    store.close()
    return path.read_bytes()


@pytest.fixture
def store(tmp_path: Path, empty_file: bytes) -> Iterator[Store]:
    """An empty store of the test's own."""
    path = tmp_path / "own.db"
    path.write_bytes(empty_file)
    own = Store(f"sqlite:///{path}")
    yield own
    own.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(
    request: pytest.FixtureRequest, tmp_path: Path, empty_file: bytes, postgres: PostgresServer
) -> Iterator[Store]:
    """An empty store in each kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "either.db"
        path.write_bytes(empty_file)
        own = Store(f"sqlite:///{path}")
    else:
        own = Store(postgres.new_database())
        upgrade(own.engine)
    yield own
    own.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a handful of examples."""
    return small_checkout(tmp_path / "checkout")


@pytest.fixture
def own(staff_with: StartStaff, checkout: Path, password_hash: str) -> StaffProcess:
    """A console of the test's own, with a checkout of its own."""
    console = staff_with(REPOSITORY_DIR=str(checkout))
    console.store.write_now(add_people, password_hash)
    return console
