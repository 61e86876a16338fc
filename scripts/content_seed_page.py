"""The table of `docs/seed-page.md`: every item of the seed page and the question that finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from content.reading import ROOT, ContentError
from content.responses import Variation
from scripts.content_rules import Content, Finding

SEED_PAGE_FILE = ROOT / "docs" / "seed-page.md"
COLUMNS = ["item", "the old page said", "question", "intent", "answer", "must say"]


@dataclass(frozen=True)
class SeedRow:
    """One item of the seed page: the question a visitor asks, and what must come back."""

    item: str
    question: str
    intent: str
    answer: str
    must_say: tuple[str, ...]


def read_rows(path: Path = SEED_PAGE_FILE) -> list[SeedRow]:
    """Return the rows of the table.

    Raises:
        ContentError: the file is missing, has no such table, or a row has other columns.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContentError(path, f"cannot be read ({error.strerror})") from error
    table = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in lines
        if line.lstrip().startswith("|")
    ]
    if not table or table[0] != COLUMNS:
        raise ContentError(path, f"has no table with the columns {', '.join(COLUMNS)}")
    rows = []
    for cells in table[2:]:
        if len(cells) != len(COLUMNS) or not all(cells):
            raise ContentError(path, f"must have {len(COLUMNS)} filled cells", cells[0])
        item, _, question, intent, answer, must_say = cells
        wanted = tuple(words.strip() for words in must_say.split(";") if words.strip())
        rows.append(SeedRow(item, question, intent, answer, wanted))
    return rows


def seed_page(content: Content) -> Iterator[Finding]:
    """Check that every item has a row, and that the answers say what their row wants."""
    try:
        rows = read_rows(content.root / "docs" / "seed-page.md")
    except ContentError as error:
        yield Finding("error", "seed page", str(error))
        return
    wanted = {item for item, kind in content.seed_kinds.items() if kind != "page furniture"}
    listed = {row.item for row in rows}
    for item in sorted(wanted - listed):
        yield Finding("error", "docs/seed-page.md", f"has no row for {item}")
    for item in sorted(listed - wanted):
        yield Finding("error", "docs/seed-page.md", f"{item} is not an item of seed-facts.yml")
    for row in rows:
        where = f"docs/seed-page.md, {row.item}"
        if row.intent not in content.intents:
            yield Finding("error", where, f"'{row.intent}' is no intent")
        variations = content.responses.get(row.answer, [])
        if not any(_says(content, variation, row.must_say) for variation in variations):
            yield Finding("error", where, f"{row.answer} does not say: {'; '.join(row.must_say)}")


def _says(content: Content, variation: Variation, wanted: tuple[str, ...]) -> bool:
    metadata = variation.get("metadata", {})
    parts = [variation["text"], *(link["label"] for link in metadata.get("links") or [])]
    contact = content.contacts.get(metadata.get("contact", ""))
    if contact:
        parts.append(contact.name)
    said = " ".join(" ".join(parts).split()).lower()
    return all(words.lower() in said for words in wanted)
