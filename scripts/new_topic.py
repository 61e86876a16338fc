"""`make new-topic`: every place a new topic needs, filled in as far as a command can.

    make new-topic ID=symptom_sleep GROUP=symptoms LABEL="Help with sleep" COVERS="sleep at night"

What only a person can write is marked TODO, and `make check-content` fails until it is written. The
guide is docs/content.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from content.reading import ROOT, read_mapping
from content.topics import load_group_labels, load_other_intents, load_topics
from scripts.content_wording import TODO

LONGEST_LABEL = 40
EXAMPLES = ("data/nlu", "tests/nlu")
MOST_PLACES = 8
# As `data_tools.faults` counts them, in the bot's environment: a test compares
FEWEST, FEWEST_UNSEEN = 60, 8


class NewTopicError(ValueError):
    """The topic cannot be made like this; the message says what to change."""


def _check(root: Path, topic: str, group: str, label: str, covers: str) -> None:
    file = root / "knowledge" / "topics.yml"
    groups, topics = load_group_labels(file), load_topics(file)
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic):
        raise NewTopicError("ID is small letters with _ between the words, as in symptom_sleep.")
    if topic in topics or topic in load_other_intents(file):
        raise NewTopicError(f"There is an intent {topic} already: choose another ID.")
    if group not in groups:
        raise NewTopicError(f"GROUP is one of {', '.join(groups)}.")
    if not label or len(label) > LONGEST_LABEL or "_" in label:
        raise NewTopicError(f"LABEL is what a visitor reads: words, at most {LONGEST_LABEL} signs.")
    if label in {each.label for each in topics.values()}:
        raise NewTopicError(f"Another topic is called “{label}” already: choose another LABEL.")
    if not covers:
        raise NewTopicError("COVERS says for writers where the topic begins and ends.")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _after_group(text: str, group: str, entry: str) -> str:
    """Add a topic behind the last one of its group."""
    lines = text.splitlines()
    last = max(n for n, line in enumerate(lines) if line == f"    group: {group}")
    while last + 1 < len(lines) and lines[last + 1].startswith("    "):
        last += 1
    lines.insert(last + 1, entry)
    return "\n".join(lines) + "\n"


def _under_heading(text: str, group: str, entry: str) -> str:
    """Add lines at the end of the part below the comment that names the group."""
    lines = text.splitlines()
    start = lines.index(f"  # {group.replace('_', ' ')}")
    end = start + 1
    while end < len(lines) and lines[end].startswith("  ") and not lines[end].startswith("  #"):
        end += 1
    lines.insert(end, entry)
    return "\n".join(lines) + "\n"


def make(root: Path, topic: str, group: str, label: str, covers: str) -> list[str]:
    """Write the topic into every file that knows topics; returns what is left to write.

    Raises:
        NewTopicError: a value cannot be used; nothing was written.
    """
    _check(root, topic, group, label, covers)
    words = topic.replace("_", " ")
    # "MS and sleep" stays as it is
    small = label if label[1:2].isupper() else label[0].lower() + label[1:]

    def at_end(entry: str) -> Callable[[str], str]:
        return lambda text: f"{text.rstrip()}\n{entry}\n"

    changes: dict[str, Callable[[str], str]] = {
        "knowledge/topics.yml": lambda text: _after_group(
            text,
            group,
            f"  - id: {topic}\n    group: {group}\n    label: {_quoted(label)}\n"
            f"    covers: {_quoted(covers)}",
        ),
        "domain.yml": lambda text: _under_heading(
            text, group, f"  - {topic}: {{use_entities: []}}"
        ),
        "data/rules/topics.yml": lambda text: _under_heading(
            text,
            group,
            f"  - rule: {words}\n    steps:\n      - intent: {topic}\n"
            f"      - action: utter_{topic}",
        ),
        f"data/nlu/{group}.yml": at_end(f"- intent: {topic}\n  examples: |\n    - {small}"),
        f"tests/nlu/{group}.yml": at_end(
            f"- intent: {topic}\n  examples: |\n    - can you tell me about {small}"
        ),
        f"data/responses/{group}.yml": at_end(
            f"  utter_{topic}:\n    - text: |-\n        {TODO}: the answer.\n      buttons:\n"
            "        - title: Talk to a person\n          payload: /contact_navigator_support\n"
            "      metadata:\n        facts: []"
        ),
        "data/responses/simpler.yml": at_end(
            f"  utter_{topic}_simple:\n    - text: |-\n        {TODO}: the same in fewer words.\n"
            f"      buttons:\n        - title: The longer answer\n          payload: /{topic}\n"
            "        - title: Talk to a person\n          payload: /contact_navigator_support\n"
            "      metadata:\n        facts: []"
        ),
        "tests/conversations/happy_path.yml": at_end(
            f"\n- name: {words}\n  turns:\n    - say: can you tell me about {small}\n"
            f"      expect: {{kind: answer, topic: {topic}, sources: true}}"
        ),
    }
    written = {}
    for file, change in changes.items():
        path = root / file
        written[path] = change(path.read_text("utf-8"))
    for path, text in written.items():
        path.write_text(text, "utf-8")
    return [
        f"data/responses/{group}.yml: the answer, the facts it rests on, two or three choices",
        "data/responses/simpler.yml: the same in fewer and easier words",
        f"data/nlu/{group}.yml: at least {FEWEST} examples of what people would really write",
        f"tests/nlu/{group}.yml: at least {FEWEST_UNSEEN} others, which the bot never learns",
        "tests/conversations/happy_path.yml: a question as a person would put it",
    ]


def asked_before(root: Path, topic: str) -> list[str]:
    """Where examples of other topics have the topic's words; most lines first.

    A topic's words are those of its id that no other topic has ("sleep" of symptom_sleep).
    """
    topics = load_topics(root / "knowledge" / "topics.yml")
    known = {word for other in topics if other != topic for word in other.split("_")}
    words = sorted(set(topic.split("_")) - known)
    if not words:
        return []
    found: Counter[str] = Counter()
    for path in sorted(path for folder in EXAMPLES for path in (root / folder).glob("*.yml")):
        for entry in read_mapping(path)["nlu"]:
            if entry.get("intent") not in (None, topic):
                lines = entry["examples"].lower().splitlines()
                place = f"{path.relative_to(root)}, {entry['intent']}"
                found[place] += sum(any(word in line for word in words) for line in lines)
    asked = " or ".join(f"“{word}”" for word in words)
    return [f"{place}: {n} with {asked}" for place, n in found.most_common(MOST_PLACES) if n]


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Begin a new topic.")
    for name in ("id", "group", "label", "covers"):
        parser.add_argument(f"--{name}", default="")
    given = parser.parse_args()
    try:
        left = make(ROOT, given.id, given.group, given.label, given.covers)
    except NewTopicError as error:
        print(
            f'{error}\nusage: make new-topic ID=… GROUP=… LABEL="…" COVERS="…"',
            file=sys.stderr,
        )
        return 2
    print("The topic is begun. `make check-content` fails until these are written:")
    for line in left:
        print(f"  {line}")
    if moving := asked_before(ROOT, given.id):
        print("People asked before there was a topic. Move what belongs to the new one:")
        for line in moving:
            print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
