"""Who signed which answer: `knowledge/signoff.yml`.

A signature belongs to an answer's id and to the SHA-256 of its text, so an answer that has been
changed is a draft again. A treatment is signed as a whole: all that visitors can read about it.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from content.empathy import without_empathy
from content.facts import load_facts
from content.reading import KNOWLEDGE, ROOT, ContentError, Entry, cached, read_mapping
from content.responses import load_responses
from content.summary import TAKE_ALONG
from content.treatment_answers import NOT_COVERED, WHICH, TreatmentAnswers, read_name
from content.treatment_words import (
    ASPECTS,
    SHORT_FORMS_FILE,
    WORDS_FILE,
    load_treatment_words,
)
from content.treatments import load_treatments

SIGNOFF_FILE = KNOWLEDGE / "signoff.yml"
TREATMENT_PREFIX = "treatment/"

# What a visitor in need, or one whom the helpline cannot answer, must be told whatever anybody has
# signed: lines to call, the greeting, the hand-off, what chat says by itself, the question which
# treatment is meant, and what only says which questions there were.
ALWAYS_SHOWN = (
    "utter_welcome",
    "utter_greet",
    "utter_unavailable",
    "notice_redacted",
    "notice_careful",
    "utter_no_detail",
    "utter_also_asked",
    TAKE_ALONG,
    NOT_COVERED,
)
ALWAYS_SHOWN_FAMILIES = (
    "utter_crisis",
    "utter_emergency",
    "utter_abuse",
    "utter_hand_off",
    "last_words_",
    f"{WHICH}/",
)

HEADER = """\
# Who signed which answer. An answer that is not listed here is a draft, and so is one whose text
# has been changed since: a signature belongs to the SHA-256 of the text.
# The fact brief behind the answers has had no clinician's review yet, and no answer has been read
# and signed by anyone. Read them in the report (`make content-report`), which says how to sign.
# answer:      name of the answer, or treatment/<id> for all that is said about one treatment
# text_sha256: of the text that was read, as it stands in data/responses/
# role:        who signed: a role, such as "neurologist", never a person's name
# signed_on:   the day
"""


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """Where an answer stands: a draft, or signed by somebody in `role` on a day (YYYY-MM-DD)."""

    role: str | None = None
    signed_on: str | None = None

    @property
    def signed(self) -> bool:
        """Whether somebody has signed this very text."""
        return self.role is not None

    def __str__(self) -> str:
        """The state in words."""
        return f"signed ({self.role}, {self.signed_on})" if self.signed else "draft"


DRAFT = State()


@dataclass(frozen=True)
class Signable:
    """A text that can be signed: the id of its answer and the words."""

    answer: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return text_digest(self.text)

    @property
    def code(self) -> str:
        """What a reader writes down to sign it: id and the beginning of the digest."""
        return f"{self.answer}@{self.digest[:8]}"


Signoffs = Mapping[tuple[str, str], State]


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal; blanks around it do not count."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def load_signoffs(path: Path = SIGNOFF_FILE) -> Signoffs:
    """Return (answer id, digest of the text) -> its state; a draft is not among them.

    Raises:
        ContentError: the file cannot be used, or a text is signed twice.
    """
    return cached(_read_signoffs, path)


def _read_signoffs(path: Path) -> dict[tuple[str, str], State]:
    listed = read_mapping(path).get("signed")
    if not isinstance(listed, list):
        raise ContentError(path, "must be a list; write [] while nothing is signed", field="signed")
    signoffs: dict[tuple[str, str], State] = {}
    for number, fields in enumerate(listed, start=1):
        entry = Entry(path, f"signed number {number}", fields)
        entry.only("answer", "text_sha256", "role", "signed_on")
        entry.name = entry.text("answer")
        digest = entry.text("text_sha256")
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise entry.error("must be 64 hexadecimal digits in small letters", "text_sha256")
        signed_on = entry.day("signed_on")
        if signed_on is None:
            raise entry.error("is missing", "signed_on")
        if (entry.name, digest) in signoffs:
            raise entry.error("has this text twice", "text_sha256")
        signoffs[entry.name, digest] = State(entry.text("role"), signed_on)
    return signoffs


def signable(root: Path = ROOT) -> list[Signable]:
    """Return every text below the checkout `root` that can be signed, each once: all wordings of
    all answers, then all treatments.

    Raises:
        ContentError: a content file cannot be used.
    """
    texts = [
        Signable(name, variation["text"].strip())
        for name, variations in load_responses(root / "data" / "responses").items()
        for variation in variations
    ]
    treatments = Treatments(root)
    return [*dict.fromkeys(texts), *(treatments.signable(each) for each in treatments.ids)]


class Treatments:
    """What visitors can read about the treatments below a checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read the files.

        Raises:
            ContentError: one of them cannot be used.
        """
        knowledge = root / "knowledge"
        treatments = load_treatments(knowledge / "treatments.yml")
        words = load_treatment_words(knowledge / WORDS_FILE.name, knowledge / SHORT_FORMS_FILE.name)
        facts = load_facts(knowledge / "facts.yml")
        self.ids = tuple(treatments)
        self.answers = TreatmentAnswers(treatments, words, facts)
        self._short_forms = words.short_forms

    def signable(self, treatment: str) -> Signable:
        """Return all that can be read about one treatment: the answer to each aspect, in the US
        and abroad, and the few words used beside another treatment.
        """
        answers = [self.answers.about(treatment, aspect) for aspect in ASPECTS]
        answers.append(self.answers.about(treatment, "approval", abroad=True))
        texts = [answer.text for answer in answers]
        short = self._short_forms.get(treatment)
        if short is not None:
            texts.append("\n".join(short.forms.values()))
        return Signable(TREATMENT_PREFIX + treatment, "\n\n".join(texts))


def state_of(answer_id: str, text: str, signoffs: Signoffs | None = None) -> State:
    """Return the state of an answer with this text.

    Raises:
        ContentError: the file of signatures cannot be used.
    """
    held = load_signoffs() if signoffs is None else signoffs
    return held.get((answer_id, text_digest(text)), DRAFT)


def unsigned(texts: Iterable[Signable] | None = None, signoffs: Signoffs | None = None) -> int:
    """Return how many texts nobody has signed; all there are unless `texts` are given.

    Raises:
        ContentError: a content file cannot be used.
    """
    held = load_signoffs() if signoffs is None else signoffs
    return sum(
        (one.answer, one.digest) not in held for one in (signable() if texts is None else texts)
    )


def always_shown(answer_id: str) -> bool:
    """Whether an answer is given to visitors whether or not somebody has signed it."""
    return answer_id in ALWAYS_SHOWN or answer_id.startswith(ALWAYS_SHOWN_FAMILIES)


def may_be_shown(answer_id: str | None, text: str, require_signed: bool) -> bool:
    """Whether a visitor may see an answer; never fails.

    Args:
        answer_id: `answer` of the message: name of a response, or treatment and aspect
            ("siponimod/side_effects"). Of two treatments side by side, both must be signed. None
            for a text that nobody has written down: not shown when signatures are required.
        text: the text of the message.
        require_signed: the setting REQUIRE_SIGNED_ANSWERS.
    """
    if not require_signed:
        return True
    if answer_id is None:
        return False
    if always_shown(answer_id):
        return True
    try:
        named = read_name(answer_id)
        if named is None:
            return state_of(answer_id, without_empathy(text)).signed
        treatments = Treatments()
        entries = [treatments.signable(each) for each in named[0] if each in treatments.ids]
        return bool(entries) and all(state_of(one.answer, one.text).signed for one in entries)
    except ContentError as error:
        _log.error("signatures cannot be read, so no answer counts as signed: %s", error)
        return False


def sign(
    texts: Iterable[Signable],
    role: str,
    signed_on: datetime.date,
    path: Path = SIGNOFF_FILE,
) -> None:
    """Add signatures to the file; one that the text has already is renewed.

    Args:
        texts: what was read.
        role: who read it, as a role ("neurologist").
        signed_on: the day.
        path: the file; it is replaced in one step.

    Raises:
        ValueError: the role is empty.
        ContentError: the file as it is cannot be used; it is left alone.
    """
    role = " ".join(role.split())
    if not role:
        raise ValueError("Say in which role the answers are signed, such as 'neurologist'.")
    signoffs = dict(_read_signoffs(path)) if path.exists() else {}
    for text in texts:
        signoffs[text.answer, text.digest] = State(role, signed_on.isoformat())
    listed = [
        {"answer": answer, "text_sha256": digest, "role": one.role, "signed_on": one.signed_on}
        for (answer, digest), one in sorted(signoffs.items(), key=lambda item: item[0])
    ]
    written = yaml.safe_dump(
        {"version": 1, "signed": listed}, sort_keys=False, allow_unicode=True, width=100
    )
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as draft:
        draft.write(HEADER + written)
    os.chmod(draft.name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    os.replace(draft.name, path)
