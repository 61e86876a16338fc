"""A copy of the store is whole, private, and brings nothing back that was erased since."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy import make_url, select, update

import settings
from helpline.privacy import restore
from helpline.privacy.erasure import erase_by_id
from helpline.store import backup, migrate
from helpline.store.backup import BackupError
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import check, upgrade
from helpline.store.models import AuditEntry, Conversation, Message
from settings import Settings
from tests.factories import fill
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def values(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Settings:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgresql":
        url = owned(postgres.new_database())
    return dataclasses.replace(settings.load(), database_url=url)


def owned(url: str) -> str:
    """Give a database to a user who may do nothing else, as on a public helpline."""
    address = make_url(url)
    with psycopg.connect(url, autocommit=True) as connection:
        owner = sql.Identifier(f"owner_of_{address.database}")
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(owner))
        given = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        connection.execute(given.format(sql.Identifier(address.database or ""), owner))
    return address.set(username=f"owner_of_{address.database}").render_as_string()


@pytest.fixture
def store(values: Settings) -> Iterator[Store]:
    store = Store(values.database_url)
    upgrade(store.engine)
    fill(store.engine, 5, seed=1, days=0, turns=[2] * 5, until=utc_now())
    yield store
    store.close()


def conversations(store: Store) -> list[str]:
    wanted = select(Conversation.public_id).order_by(Conversation.id)
    return store.read_now(lambda session: list(session.scalars(wanted)))


def texts(store: Store) -> list[str | None]:
    wanted = select(Message.text).order_by(Message.id)
    return store.read_now(lambda session: list(session.scalars(wanted)))


def test_a_copy_brings_everything_back(values: Settings, store: Store, tmp_path: Path) -> None:
    before = conversations(store), texts(store)
    file = tmp_path / "copy"
    backup.save(values.database_url, file)
    assert file.stat().st_mode & 0o777 == 0o600
    fill(store.engine, 3, seed=2, days=0, turns=[1] * 3, until=utc_now())
    assert len(conversations(store)) == 8
    done = restore.restore(values, file, "jo")
    # The connections of `store` were open all the time, as those of a running helpline are
    assert (conversations(store), texts(store)) == before
    assert (done.conversations, done.texts) == (0, 0)
    check(store.engine)
    newest = select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)
    assert store.read_now(lambda session: session.execute(newest).one()) == (
        "jo",
        "store.restored",
    )
    fill(store.engine, 1, seed=3, days=0, turns=[1], until=utc_now())
    assert len(conversations(store)) == 6


def test_a_copy_from_before_an_upgrade(values: Settings, store: Store, tmp_path: Path) -> None:
    before = conversations(store), texts(store)
    file = tmp_path / "copy"
    move_to(store, "0004")
    backup.save(values.database_url, file)
    upgrade(store.engine)
    restore.restore(values, file, "jo")
    assert (conversations(store), texts(store)) == before
    check(store.engine)
    again = tmp_path / "again"
    backup.save(values.database_url, again)
    restore.restore(values, again, "jo")
    assert (conversations(store), texts(store)) == before


def move_to(store: Store, revision: str) -> None:
    """Take the tables back to what an earlier version had."""
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        config = migrate._alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_what_was_erased_since_stays_erased(values: Settings, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    backup.save(values.database_url, file)
    erased, *others = conversations(store)
    store.write_now(erase_by_id, erased, "visitor")
    assert restore.restore(values, file, "jo").conversations == 1
    assert conversations(store) == others


def test_text_past_its_retention_is_erased_again(
    values: Settings, store: Store, tmp_path: Path
) -> None:
    long_ago = utc_now() - timedelta(days=values.retention_days + 1)
    store.write_now(lambda session: session.execute(update(Message).values(at=long_ago)))
    file = tmp_path / "copy"
    backup.save(values.database_url, file)
    assert restore.restore(values, file, "jo").texts == len(texts(store))
    assert set(texts(store)) == {None}


def test_a_copy_is_never_written_over(values: Settings, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_text("the only one")
    with pytest.raises(BackupError, match="exists already"):
        backup.save(values.database_url, file)
    assert file.read_text() == "the only one"


def test_no_room_leaves_no_half_copy(values: Settings, store: Store, small_disk: Path) -> None:
    with pytest.raises(BackupError):
        backup.save(values.database_url, small_disk / "copy")
    assert list(small_disk.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 8 KiB; one that nobody may write into where we may not mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "none", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if not mounted:
        folder.chmod(0o500)
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0garbage", b"PGDMPgarbage"])
def test_what_is_no_copy_changes_nothing(
    values: Settings, store: Store, tmp_path: Path, content: bytes
) -> None:
    before = conversations(store)
    file = tmp_path / "copy"
    file.write_bytes(content)
    with pytest.raises(BackupError):
        restore.restore(values, file, "jo")
    assert conversations(store) == before


def test_a_damaged_copy_is_refused_before_anything_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = dataclasses.replace(settings.load(), database_url=f"sqlite:///{tmp_path / 'store.db'}")
    store = Store(values.database_url)
    upgrade(store.engine)
    fill(store.engine, 50, seed=1, days=0, turns=[4] * 50, until=utc_now())
    file = tmp_path / "copy"
    backup.save(values.database_url, file)
    before = conversations(store)
    with file.open("r+b") as written:
        # The first page stays: it looks like a copy at first sight
        written.seek(8192)
        written.write(b"\xff" * (file.stat().st_size - 16384))
    with pytest.raises(BackupError, match=r"damaged|could not be brought back"):
        backup.bring_back(values.database_url, file)
    assert conversations(store) == before
    store.close()


def test_what_cannot_be_copied_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "copy"
    with pytest.raises(BackupError, match="names no file"):
        backup.save("sqlite://", file)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="apt-get install postgresql-client"):
        backup.save("postgresql://nobody@127.0.0.1/nothing", file)
    assert not file.exists()


def test_a_copy_that_cannot_be_made_ends_the_command_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'store.db'}")
    assert backup.main([str(tmp_path / "copy")]) == 1
    assert "Traceback" not in (told := capsys.readouterr().err) and told
    assert not (tmp_path / "copy").exists()


def test_a_lost_store_must_be_said_to_be_lost(tmp_path: Path) -> None:
    values = dataclasses.replace(settings.load(), database_url=f"sqlite:///{tmp_path / 'store.db'}")
    store = Store(values.database_url)
    upgrade(store.engine)
    fill(store.engine, 2, seed=1, days=0, turns=[1, 1], until=utc_now())
    file = tmp_path / "copy"
    backup.save(values.database_url, file)
    store.close()
    for path in tmp_path.glob("store.db*"):
        path.unlink()
    with pytest.raises(BackupError, match="LOST=yes"):
        restore.restore(values, file, "jo")
    restore.restore(values, file, "jo", store_is_lost=True)
    again = Store(values.database_url)
    assert len(conversations(again)) == 2
    again.close()


def test_the_commands_say_what_they_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    assert backup.main([""]) == 2
    assert restore.main(["", "--by", "jo"]) == 2
    assert restore.main([str(tmp_path / "none"), "--by", "jo", "--store-is-lost"]) == 1
    told = capsys.readouterr().err
    assert "make backup FILE=" in told and "make restore FILE=" in told
    assert "cannot be read" in told


def test_the_commands_copy_and_bring_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    store = Store(settings.load().database_url)
    upgrade(store.engine)
    store.close()
    file = tmp_path / "copy"
    assert backup.main([str(file)]) == 0
    assert restore.main([str(file), "--by", "jo"]) == 0
    assert "The store is as it was in" in capsys.readouterr().out
