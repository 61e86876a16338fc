"""Rules on whole files: answers that nothing leads to, telephone numbers where none may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from content.contacts import NAVIGATOR_ID
from content.message import RESPONSE_PREFIX
from scripts.content_rules import SIMPLE, Content, Finding
from scripts.content_wording import OTHER_LANGUAGE


def unreachable(content: Content) -> Iterator[Finding]:
    """Find answers that no rule, story, action or page gives: they are written, but never read."""
    places = [
        *(content.root / "data" / "rules").rglob("*.yml"),
        *(content.root / "data" / "stories").rglob("*.yml"),
        *(content.root / "actions").rglob("*.py"),
        *(content.root / "content").rglob("*.py"),
        *(content.root / "components").rglob("*.py"),
        *(content.root / "web" / "helpline").rglob("*.py"),
    ]
    whom = {*content.topics, *(topic.group for topic in content.topics.values())}
    whom |= {contact.country.lower() for contact in content.contacts.values()}
    put_together = {f"utter_hand_off_{each}" for each in whom}
    put_together |= {f"{RESPONSE_PREFIX}{topic}{SIMPLE}" for topic in content.topics}
    named = set(re.findall(r"utter_\w+", " ".join(path.read_text("utf-8") for path in places)))
    for name in content.responses:
        # These names are put together: from the kind and the rule of an alarm, from a topic, its
        # group, a country or a language
        by_parts = name.startswith(("utter_crisis_", "utter_emergency_", "utter_abuse_"))
        by_parts = by_parts or name in put_together or name.startswith(f"{OTHER_LANGUAGE}_")
        if name not in named and not by_parts:
            yield Finding("warning", content.files[name].name, f"nothing leads to {name}")


_PHONE = re.compile(r"(?<![\w.-])(?:\+?1[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?![\w-])")
_CODE_FOLDERS = (
    "actions",
    "components",
    "content",
    "data",
    "knowledge",
    "safety",
    "scripts",
    "web",
)
_CODE_SUFFIXES = {".py", ".yml", ".yaml", ".html", ".js", ".css", ".json", ".toml"}
# The widget carries the last-resort number, for when nothing can be loaded
_WIDGET = "web/widget/"
# The one last-resort constant, the file of contacts, and the brief, which is checked against it
_MAY_SPELL_PHONES = {
    "content/contacts.py",
    "knowledge/contacts.yml",
    "knowledge/facts.yml",
    "knowledge/seed-facts.yml",
}


def phone_numbers(content: Content) -> Iterator[Finding]:
    """Find telephone numbers outside the file of contacts, in data and in code."""
    navigator = content.contacts[NAVIGATOR_ID].phone
    # In code, ids and hashes look like numbers: there, only the contacts' own numbers count
    own = {
        re.sub(r"\D", "", contact.phone)
        for contact in content.contacts.values()
        if contact.phone and len(re.sub(r"\D", "", contact.phone)) >= 9
    }
    for path in _code_files(content.root):
        name = path.relative_to(content.root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        found = {match.group().strip() for match in _PHONE.finditer(text)}
        if not name.startswith(("data/responses/", "knowledge/", _WIDGET)):
            found = {
                number
                for number in found
                if any(one.endswith(re.sub(r"\D", "", number)[-10:]) for one in own)
            }
        for number in sorted(found):
            if name.startswith(_WIDGET) and number == navigator:
                continue
            yield Finding("error", name, f"spells {number}: numbers stand in contacts.yml only")


def _code_files(root: Path) -> Iterator[Path]:
    for folder in _CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            hidden = {"node_modules", "dist", "__pycache__", "tests"} & set(relative.parts)
            if path.suffix in _CODE_SUFFIXES and path.is_file() and not hidden:
                if relative.as_posix() not in _MAY_SPELL_PHONES:
                    yield path
