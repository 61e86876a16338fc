"""A small checkout whose training and comparing are stand-ins that end as a test wants."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import sys
import tarfile
import time
from pathlib import Path

import pytest

from helpline.learning import in_use, jobs, worker
from scripts import candidate

PATIENCE = 60.0
TRAINING = """
import json, os, sys, time
from pathlib import Path
status, how = Path(sys.argv[2]), Path("how.txt").read_text()
Path("training.pid").write_text(str(os.getpid()))
def tell(**told):
    status.with_suffix(".part").write_text(json.dumps({"pid": os.getpid(), **told}))
    status.with_suffix(".part").replace(status)
tell(state="training", step="training something", percent=40)
if how == "dies":
    os._exit(1)
while how == "lasts" and Path("how.txt").read_text() == "lasts":
    time.sleep(0.05)
if how == "fails":
    tell(state="failed", step="", percent=100, problem="data/nlu/x.yml: no such intent")
else:
    tell(state="done", step="", percent=100, model=json.loads(Path("model.json").read_text()))
"""
COMPARING = """
import json, os, sys, time
from pathlib import Path
Path("comparing.pid").write_text(str(os.getpid()))
texts = json.load(sys.stdin)
if Path("how.txt").read_text() == "compare-fails":
    sys.exit(3)
while Path("how.txt").read_text() == "compare-lasts":
    time.sleep(0.05)
answers = json.loads(Path("answers.json").read_text())
found = {name: [[answers[name].get(t, "other"), 0.9, 5.0] for t in texts] for name in answers}
Path(sys.argv[3]).write_text(json.dumps(found))
"""
HELD_OUT = """version: "3.1"
nlu:
- intent: fatigue
  examples: |
    - so tired
    - no energy
- intent: out_of_scope
  examples: |
    - best pizza
"""


def make_model(path: Path, model_id: str) -> str:
    """Write a file that has the form of a model, with its stamp; return its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"model_id": model_id}).encode()
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp = path.with_name(path.name.removesuffix(".tar.gz") + ".json")
    stamp.write_text(json.dumps({"inputs": "x", "sha256": digest}))
    return digest


class SmallCheckout:
    """Folders, the model in use, a candidate, and what the models answer."""

    def __init__(self, root: Path) -> None:
        """Write it all below `root`."""
        self.root = root
        for name, text in (
            ("scripts/candidate", TRAINING),
            ("data_tools/compare_models", COMPARING),
        ):
            (root / name).parent.mkdir()
            (root / f"{name}.py").write_text(text)
        (root / "tests" / "nlu").mkdir(parents=True)
        (root / "tests" / "nlu" / "held_out.yml").write_text(HELD_OUT)
        safety = root / "tests" / "safety" / "cases"
        safety.mkdir(parents=True)
        for kind in ("crisis", "emergency", "abuse", "look_alikes"):
            (safety / f"{kind}.yml").write_text(f"some: [{kind} text]\n")
        self.old = make_model(root / "models" / "helpline.tar.gz", "old-id")
        made = root / "models" / "made.tar.gz"
        self.new = make_model(made, "new-id")
        kept = root / "models" / "candidates" / f"{self.new[:12]}.tar.gz"
        kept.parent.mkdir()
        for suffix in (".tar.gz", ".json"):
            source = made.with_name(f"made{suffix}")
            source.rename(kept.with_name(f"{self.new[:12]}{suffix}"))
        told = {"path": str(kept), "sha256": self.new, "model_id": "new-id", "inputs": "x"}
        (root / "model.json").write_text(json.dumps(told))
        self.train("well")
        safe = {f"{kind} text": kind for kind in ("crisis", "emergency", "abuse")}
        self.answer({**safe, "so tired": "fatigue"}, {**safe, "so tired": "fatigue"})

    def train(self, how: str) -> None:
        """Say how training or comparing goes: well, fails, dies, lasts, compare-..."""
        (self.root / "how.txt").write_text(how)

    def answer(self, old: dict[str, str], new: dict[str, str]) -> None:
        """Say which intents the models give to texts; any other is "other"."""
        (self.root / "answers.json").write_text(json.dumps({"old": old, "new": new}))

    async def pid_of(self, what: str) -> int:
        """Wait until "training" or "comparing" has begun; return its process id."""
        file = self.root / f"{what}.pid"
        give_up = time.monotonic() + PATIENCE
        while not (told := file.read_text() if file.exists() else ""):
            assert time.monotonic() < give_up, f"{what} did not begin"
            await asyncio.sleep(0.05)
        return int(told)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCheckout:
    """A small checkout that the worker takes for its own."""
    root = tmp_path / "checkout"
    root.mkdir()
    small = SmallCheckout(root)
    for module in (worker, jobs):
        monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(jobs, "python_of", lambda _name: Path(sys.executable))
    monkeypatch.setattr(jobs, "bot_environment", lambda: {"PYTHONPATH": str(root)})
    monkeypatch.setattr(candidate, "FOLDER", root / "models" / "candidates")
    monkeypatch.setattr(in_use, "MODEL", root / "models" / "helpline.tar.gz")
    return small
