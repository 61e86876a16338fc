"""Approved corrections become lines of the training data or the tests: all of them, or none."""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select, update

from content.data_lock import hold_data
from content.reading import ContentError
from helpline.corrections.decisions import Person
from helpline.corrections.examples import load_examples
from helpline.corrections.export import (
    ExportRefused,
    note_taken,
    read_approved,
    write_files,
)
from helpline.corrections.plan import Plan, make_plan
from helpline.privacy.erasure import erase_by_id
from helpline.privacy.retention import erase_batch
from helpline.store.base import utc_now
from helpline.store.correction_models import TEST, TRAINING
from helpline.store.database import Store
from helpline.store.models import AuditEntry, Message
from tests.staff.corrections import ABOUT, approved, contents, people, states
from tests.web.running import ROOT


@pytest.fixture
def store(either: Store) -> Store:
    return either


@pytest.fixture
def staff(store: Store) -> dict[str, Person]:
    return store.write_now(people)


def plan_of(store: Store, checkout: Path) -> Plan:
    return make_plan(checkout, store.read_now(read_approved))


def test_written_where_they_belong_with_where_they_came_from(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    before = contents(checkout)
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    store.write_now(approved, staff, "Every step\nis like mud", "symptom_fatigue", TEST)
    plan = plan_of(store, checkout)
    assert contents(checkout) == before, "a preview changes nothing"
    write_files(store, checkout, "lena", plan.fingerprint)

    after = contents(checkout)
    assert after["data/nlu/about_spms.yml"] == ABOUT.replace(
        "- SPMS meaning\n", "- SPMS meaning\n    - is this the second stage\n"
    )
    assert after["tests/nlu/symptoms.yml"].endswith(
        "- intent: symptom_fatigue\n  examples: |\n    - Every step is like mud\n"
    )
    origin = yaml.safe_load(after["knowledge/corrections.yml"])["corrections"]
    assert [(one["into"], one["intent"], one["example"]) for one in origin] == [
        (TRAINING, "what_is_spms", "is this the second stage"),
        (TEST, "symptom_fatigue", "Every step is like mud"),
    ]
    assert "rita" not in after["knowledge/corrections.yml"]
    assert states(store) == ["exported", "exported"]
    assert not plan_of(store, checkout).taken
    unchanged = set(before) - {"data/nlu/about_spms.yml"}
    assert {path: after[path] for path in unchanged} == {path: before[path] for path in unchanged}
    details = store.read_now(
        lambda session: session.scalar(
            select(AuditEntry.details).where(AuditEntry.action == "corrections.exported")
        )
    )
    assert details is not None and details["lines"] == 2
    assert "mud" not in str(details)


def test_the_patch_applies_and_its_corrections_wait_until_it_was_taken(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    store.write_now(approved, staff, "Every step is like mud", "symptom_fatigue", TEST)
    # A file that does not end with a line break is the awkward case of a diff.
    tests = checkout / "tests/nlu/about_spms.yml"
    tests.write_text(tests.read_text().rstrip("\n"))
    store.write_now(approved, staff, "Tell me what this second type is", "what_is_spms", TEST)
    plan = plan_of(store, checkout)
    assert states(store) == ["approved"] * 3
    git = ["git", "-C", str(checkout)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "apply", "-"], input=plan.diff, text=True, check=True)
    assert contents(checkout) | {} == {
        **contents(checkout),
        **{change.path: change.after for change in plan.changes},
    }
    # The files hold the lines now: what is left to do is to note it.
    again = plan_of(store, checkout)
    assert not again.taken and all(left.there for left in again.left)
    note_taken(store, checkout, "lena", again.fingerprint)
    assert states(store) == ["exported"] * 3


def test_a_patch_taken_elsewhere(store: Store, staff: dict[str, Person], checkout: Path) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    before = contents(checkout)
    plan = plan_of(store, checkout)
    store.write_now(approved, staff, "and what is the third stage then", "what_is_spms")
    with pytest.raises(ExportRefused, match="changed since this patch"):
        note_taken(store, checkout, "lena", plan.fingerprint)
    assert states(store) == ["approved", "approved"]
    note_taken(store, checkout, "lena", plan_of(store, checkout).fingerprint)
    assert states(store) == ["exported", "exported"]
    assert contents(checkout) == before


def test_what_cannot_go_stays_and_says_why(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    for text, intent, into in (
        ("spms, meaning?", "what_is_spms", TRAINING),
        ("SPMS MEANING", "what_is_spms", TEST),
        ("so what is the meaning of it", "intent_of_old", TRAINING),
        ("Will I need a wheelchair?", "symptom_fatigue", TRAINING),
        ("??", "symptom_fatigue", TRAINING),
        ("a new one", "symptom_fatigue", TRAINING),
        ("A new one!", "symptom_fatigue", TRAINING),
        ("a new one...", "what_is_spms", TRAINING),
    ):
        store.write_now(approved, staff, text, intent, into)
    plan = plan_of(store, checkout)
    assert [one.line for one in plan.taken] == ["a new one"]
    said = [left.why for left in plan.left]
    for why, expected in zip(
        said,
        (
            "It stands in the training data already.",
            "cannot measure it",
            "no intent “intent_of_old” any more: it was renamed or removed",
            "stand in the training data as “prognosis_life_expectancy”",
            "Nothing is left",
            "says the same",
            "withdraw one of them",
        ),
        strict=True,
    ):
        assert expected in why
    write_files(store, checkout, "lena", plan.fingerprint)
    assert states(store) == [
        "exported",  # stood there already
        "approved",
        "approved",
        "approved",
        "approved",
        "exported",
        "exported",  # the same words as the one before
        "approved",
    ]


def test_no_personal_data_and_nothing_that_rasa_takes_for_an_annotation(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    for text in (
        "call me on 212-555-0187 about [spms](drug)",
        "- /restart what is {this}",
        "write to [e-mail address] please",
        "born on [date of birth], my name is Jo Miller",
    ):
        store.write_now(approved, staff, text, "what_is_spms")
    lines = [one.line for one in plan_of(store, checkout).taken]
    assert lines == [
        "call me on ... about (spms)(drug)",
        "restart what is (this)",
        "write to ... please",
        "born on ..., my name is ...",
    ]
    write_files(store, checkout, "lena")
    assert "555" not in str(contents(checkout)["data/nlu/about_spms.yml"])
    read = {one.text for one in load_examples(checkout).all}
    assert set(lines) <= read


def test_erasing_reaches_what_is_not_exported(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    by_staff = store.write_now(approved, staff, "erase the first of these", "what_is_spms")
    store.write_now(approved, staff, "the second gets too old", "what_is_spms")
    previewed = plan_of(store, checkout)
    assert len(previewed.taken) == 2
    store.write_now(erase_by_id, by_staff, "lena")
    assert "first" not in plan_of(store, checkout).diff
    store.write_now(lambda session: session.execute(update(Message).values(at=utc_now())))
    store.write_now(erase_batch, -1, 24)
    assert states(store) == ["withdrawn"]
    assert plan_of(store, checkout).diff == ""
    before = contents(checkout)
    with pytest.raises(ExportRefused, match="changed since this preview"):
        write_files(store, checkout, "lena", previewed.fingerprint)
    assert contents(checkout) == before


def test_erased_while_the_files_are_made_ready(
    store: Store, staff: dict[str, Person], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = store.write_now(approved, staff, "erase me in time", "what_is_spms")
    before = contents(checkout)
    sync = os.fsync

    def erase_meanwhile(file: int) -> None:
        sync(file)
        store.write_now(erase_by_id, conversation, "lena")

    monkeypatch.setattr("helpline.corrections.export.os.fsync", erase_meanwhile)
    with pytest.raises(ExportRefused, match="erased or changed at this very moment"):
        write_files(store, checkout, "lena")
    assert contents(checkout) == before


def test_a_file_changed_at_that_moment_is_left_alone(
    store: Store, staff: dict[str, Person], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    target = checkout / "data/nlu/about_spms.yml"
    sync = os.fsync

    def edit_meanwhile(file: int) -> None:
        sync(file)
        target.write_text(f"{ABOUT}# edited by hand\n")

    monkeypatch.setattr("helpline.corrections.export.os.fsync", edit_meanwhile)
    with pytest.raises(ExportRefused, match="was changed at this very moment"):
        write_files(store, checkout, "lena")
    assert target.read_text() == f"{ABOUT}# edited by hand\n"
    assert states(store) == ["approved"]
    assert not [path for path in contents(checkout) if "/." in path]


def test_a_file_that_cannot_be_used_is_named(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    (checkout / "data/nlu/about_spms.yml").write_text("nlu: [")
    with pytest.raises(ContentError, match=r"about_spms\.yml.*not valid YAML"):
        write_files(store, checkout, "lena")
    assert states(store) == ["approved"]


def command(
    store: Store, checkout: Path, *arguments: str, longest_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `make export-corrections` as a process; `longest_file` is where its disk is full."""

    def limit() -> None:
        if longest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (longest_file, longest_file))

    # Where the disk is full, `make coverage` could not write what it counted either
    counted = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "helpline.corrections", *arguments],
        cwd=ROOT,
        env={
            **(os.environ if longest_file is None else counted),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
            "REPOSITORY_DIR": str(checkout),
        },
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def test_the_disk_is_full(store: Store, staff: dict[str, Person], checkout: Path) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    big = checkout / "data/nlu/about_spms.yml"
    big.write_text(ABOUT + "".join(f"    - filler number {one}\n" for one in range(20_000)))
    before = contents(checkout)
    done = command(store, checkout, "--write", "--by", "lena", longest_file=128 * 1024)
    assert done.returncode == 1, done.stdout
    assert "Nothing was written: the disk is full" in done.stderr
    assert "stay approved. Make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(checkout) == before
    assert states(store) == ["approved"]
    done = command(store, checkout, "--write", "--by", "lena")
    assert done.returncode == 0, done.stderr
    assert "1 corrections were written" in done.stderr
    assert states(store) == ["exported"]


def _train(root: Path, begun: multiprocessing.synchronize.Event, end: object) -> None:
    with hold_data("the bot is being trained", root):
        begun.set()
        end.wait(60)  # type: ignore[attr-defined]  # an event, too


def test_while_the_bot_is_being_trained(
    store: Store, staff: dict[str, Person], checkout: Path
) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    before = contents(checkout)
    spawn = multiprocessing.get_context("spawn")
    begun, end = spawn.Event(), spawn.Event()
    training = spawn.Process(target=_train, args=(checkout, begun, end))
    training.start()
    assert begun.wait(60)
    done = command(store, checkout, "--write", "--by", "lena")
    assert done.returncode == 1
    assert "right now the bot is being trained. The corrections stay approved" in done.stderr
    assert contents(checkout) == before
    assert states(store) == ["approved"]
    end.set()
    training.join(60)
    assert command(store, checkout, "--write", "--by", "lena").returncode == 0
    assert states(store) == ["exported"]


def test_the_command_shows_before_it_writes(
    store: Store, staff: dict[str, Person], checkout: Path, tmp_path: Path
) -> None:
    store.write_now(approved, staff, "is this the second stage", "what_is_spms")
    before = contents(checkout)
    shown = command(store, checkout)
    assert "+    - is this the second stage" in shown.stdout
    patch = tmp_path / "corrections.patch"
    assert command(store, checkout, "--patch", str(patch)).returncode == 0
    assert re.sub(r"\s+$", "", patch.read_text()) == re.sub(r"\s+$", "", shown.stdout)
    nameless = command(store, checkout, "--write")
    assert nameless.returncode == 2 and "--write needs --by" in nameless.stderr
    assert contents(checkout) == before and states(store) == ["approved"]
