"""What an export would write, and what stays behind and why; nothing is changed yet."""

from __future__ import annotations

import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from content.reading import ContentError
from helpline.corrections import provenance
from helpline.corrections.examples import FOLDERS, Examples, load_examples, normal
from helpline.corrections.wording import as_example, problem_with
from helpline.corrections.yaml_edit import EditError, add_examples, holds_intent
from helpline.store.correction_models import TEST, TRAINING

WHERE_LABELS = {TRAINING: "the training data", TEST: "the tests"}


@dataclass(frozen=True)
class Approved:
    """An approved correction with what an export needs of it; `text` is None once erased."""

    id: int
    public_id: str
    version: int
    intent: str
    destination: str
    text: str | None
    understood: str | None
    approved_at: datetime

    @property
    def line(self) -> str:
        """The example as it will be written."""
        return as_example(self.text or "")


@dataclass(frozen=True)
class Left:
    """A correction that is not written; `there` says that its line stands in the files already."""

    correction: Approved
    why: str
    there: bool = False


@dataclass(frozen=True)
class Change:
    """A file as it is and as it will be; `before` is None where it is new."""

    path: str
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """The change as `git apply` takes it."""
        old, new = _lines(self.before or ""), _lines(self.after)
        a, b = f"a/{self.path}", f"b/{self.path}"
        head = [f"diff --git {a} {b}\n"]
        if self.before is None:
            head.append("new file mode 100644\n")
            a = "/dev/null"
        lines = difflib.unified_diff(old, new, a, b)
        ended = (
            one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in lines
        )
        return "".join([*head, *ended])


def _lines(text: str) -> list[str]:
    """Split as git does; str.splitlines knows other ends of a line, too."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]


@dataclass(frozen=True)
class Plan:
    """What one export does."""

    taken: tuple[Approved, ...]
    left: tuple[Left, ...]
    changes: tuple[Change, ...]

    @property
    def diff(self) -> str:
        """All changes as one patch."""
        return "".join(change.diff for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """What tells this export from one of other corrections or other files."""
        told = [self.diff, *(f"{one.public_id} {one.version}" for one in self.taken)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def make_plan(root: Path, approved: Sequence[Approved]) -> Plan:
    """Work out the export of these corrections into the files below the checkout `root`.

    Raises:
        ContentError: a file of the training data or the tests cannot be used.
    """
    examples = load_examples(root)
    trained = frozenset(one.intent for one in examples.all if one.where == TRAINING)
    taken: list[Approved] = []
    left: list[Left] = []
    batch: dict[str, Approved] = {}
    for one in approved:
        why = _why_left(one, examples, trained, batch)
        if why is None:
            batch[normal(one.line)] = one
            taken.append(one)
        else:
            left.append(why)
    files = _Files(root)
    wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in taken:
        wanted[files.place(one)][one.intent].append(one.line)
    changes = []
    try:
        for path, added in sorted(wanted.items()):
            before = files.read(path)
            changes.append(Change(path, before, add_examples(before or "", added)))
        if taken:
            before = files.read(provenance.PATH)
            after = provenance.add_entries(before or "", map(_entry, taken))
            # First: a line without its origin would be worse than an origin without its line.
            changes.insert(0, Change(provenance.PATH, before, after))
    except EditError as error:
        raise ContentError(root / path, str(error)) from error
    return Plan(tuple(taken), tuple(left), tuple(changes))


def _why_left(
    one: Approved, examples: Examples, trained: frozenset[str], batch: dict[str, Approved]
) -> Left | None:
    if one.text is None:
        return Left(one, "Its text was erased.")
    problem = problem_with(one.line)
    if problem is not None:
        return Left(one, problem)
    if one.intent not in trained:
        return Left(
            one,
            f"There is no intent “{one.intent}” any more: it was renamed or removed. Correct the "
            "message again, with the intent of today; until then it stays here.",
        )
    same = examples.same(one.line)
    for other in same:
        if other.intent != one.intent:
            return Left(
                one,
                f"The same words stand in {WHERE_LABELS[other.where]} as “{other.intent}”. One of "
                "the two must go: change the file, or withdraw this correction.",
            )
    for other in same:
        if other.where == one.destination:
            return Left(one, f"It stands in {WHERE_LABELS[other.where]} already.", there=True)
    if same:
        return Left(
            one,
            f"It stands in {WHERE_LABELS[same[0].where]} already: what the bot learns cannot "
            "measure it, too.",
        )
    twin = batch.get(normal(one.line))
    if twin is not None:
        if (twin.intent, twin.destination) == (one.intent, one.destination):
            return Left(one, "Another correction in this export says the same.", there=True)
        return Left(
            one,
            f"Another correction says “{twin.intent}” into {WHERE_LABELS[twin.destination]} for "
            "the same words: withdraw one of them.",
        )
    return None


def _entry(one: Approved) -> provenance.Entry:
    return {
        "correction": one.public_id,
        "into": one.destination,
        "intent": one.intent,
        "example": one.line,
        "understood": one.understood,
        "approved_on": one.approved_at.date().isoformat(),
    }


class _Files:
    """The files below a checkout, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[str, str | None] = {}

    def read(self, path: str) -> str | None:
        if path not in self._texts:
            file = self._root / path
            # newline="": bytes that this export does not touch stay as they are
            self._texts[path] = file.read_bytes().decode() if file.exists() else None
        return self._texts[path]

    def place(self, one: Approved) -> str:
        """Return the file that an example belongs into: its intent's, or that of its like."""
        return (
            self._holding(FOLDERS[one.destination], one.intent)
            or f"{FOLDERS[one.destination]}/{Path(self._training_file(one.intent)).name}"
        )

    def _training_file(self, intent: str) -> str:
        return self._holding(FOLDERS[TRAINING], intent) or f"{intent}.yml"

    def _holding(self, folder: str, intent: str) -> str | None:
        return next((path for path in self._in(folder) if self._holds(path, intent)), None)

    def _in(self, folder: str) -> Iterable[str]:
        return (
            path.relative_to(self._root).as_posix()
            for path in sorted((self._root / folder).glob("*.yml"))
        )

    def _holds(self, path: str, intent: str) -> bool:
        return holds_intent(self.read(path) or "", intent)
