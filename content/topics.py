"""Topics and the other intents: ids, and the words a visitor reads on a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.reading import KNOWLEDGE, ContentError, Entry, cached, read_entries, read_mapping

TOPICS_FILE = KNOWLEDGE / "topics.yml"


@dataclass(frozen=True)
class Topic:
    """One of the subjects the helpline answers. `id` is the name of its intent, `label` what a
    visitor reads on a choice, `covers` where the topic begins and ends (for writers).
    """

    id: str
    label: str
    covers: str
    group: str


@dataclass(frozen=True)
class OtherIntent:
    """An intent that is no topic: safety, boundaries, conversation. Not every one has a label,
    since some are never offered as a choice.
    """

    id: str
    label: str | None
    group: str


def load_topics(path: Path = TOPICS_FILE) -> Mapping[str, Topic]:
    """Return the topics by id, in the order of the file.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read_topics, path)


def load_other_intents(path: Path = TOPICS_FILE) -> Mapping[str, OtherIntent]:
    """Return the intents that are no topics, by id; errors as in `load_topics`."""
    return cached(_read_other_intents, path)


def load_labels(path: Path = TOPICS_FILE) -> dict[str, str]:
    """Return intent id -> words for a choice, for every intent that may be offered as one."""
    return cached(_read_labels, path)


def _read_labels(path: Path) -> dict[str, str]:
    labels = {topic.id: topic.label for topic in load_topics(path).values()}
    labels.update(
        {other.id: other.label for other in load_other_intents(path).values() if other.label}
    )
    return labels


def load_group_labels(path: Path = TOPICS_FILE) -> dict[str, str]:
    """Return topic group -> its human name, such as "About SPMS"."""
    groups = Entry(path, "groups", read_mapping(path).get("groups"))
    return {group: groups.text(group) for group in groups.fields}


def _read_topics(path: Path) -> dict[str, Topic]:
    groups = tuple(load_group_labels(path))
    topics = {}
    for entry in read_entries(path, "topics"):
        entry.only("id", "group", "label", "covers")
        topics[entry.name] = Topic(
            id=entry.name,
            label=entry.text("label"),
            covers=entry.text("covers"),
            group=entry.one_of("group", groups),
        )
    labels = [topic.label for topic in topics.values()]
    for topic in topics.values():
        if labels.count(topic.label) > 1:
            raise ContentError(path, "is the label of another topic too", topic.id, "label")
    return topics


def _read_other_intents(path: Path) -> dict[str, OtherIntent]:
    others = {}
    for entry in read_entries(path, "other_intents"):
        entry.only("id", "group", "label")
        others[entry.name] = OtherIntent(
            id=entry.name,
            label=entry.optional_text("label"),
            group=entry.one_of("group", ("safety", "boundaries", "conversation")),
        )
    return others
