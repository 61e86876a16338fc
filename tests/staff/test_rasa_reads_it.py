"""What an export writes is what Rasa itself reads from the files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from helpline.corrections.export import write_files
from helpline.store.correction_models import TEST
from helpline.store.database import Store
from scripts.setup import ROOT, python_of
from tests.staff.corrections import approved, people

READ = """
import json, sys
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.constants import TEXT, INTENT
print(json.dumps([
    [(one.get(TEXT), one.get(INTENT), bool(one.get("entities"))) for one in
     load_data(folder).intent_examples] for folder in sys.argv[1:]]))
"""


def rasa_reads(checkout: Path) -> list[list[tuple[str, str, bool]]]:
    """Return the examples of the training data and of the tests as Rasa has them."""
    done = subprocess.run(
        [python_of("bot"), "-c", READ, "data/nlu", "tests/nlu"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": "", "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout.splitlines()[-1])
    return [[(text, intent, marked) for text, intent, marked in part] for part in listed]


def test_rasa_reads_the_new_lines_and_all_the_old(store: Store, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for folder in ("data/nlu", "tests/nlu", "knowledge"):
        shutil.copytree(
            ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("*.py", "*cache*")
        )
    before = rasa_reads(checkout)
    staff = store.write_now(people)
    awkward = "so: [is] it {this} - 'or' \"that\" # \\ (spms)? | 100%"
    store.write_now(approved, staff, awkward, "what_is_spms")
    store.write_now(approved, staff, "quite unseen words of a visitor", "symptom_pain", TEST)
    store.write_now(approved, staff, "and these are as unseen as those", "greet", TEST)
    plan = write_files(store, checkout, "lena")
    assert not plan.left
    after = rasa_reads(checkout)
    new = [sorted(set(now) - set(then)) for then, now in zip(before, after, strict=True)]
    assert new == [
        [("so: (is) it (this) - 'or' \"that\" # \\ (spms)? | 100%", "what_is_spms", False)],
        [
            ("and these are as unseen as those", "greet", False),
            ("quite unseen words of a visitor", "symptom_pain", False),
        ],
    ]
    for then, now in zip(before, after, strict=True):
        assert set(then) <= set(now)
