"""`knowledge/corrections.yml`: where each exported example came from.

A comment cannot stand beside an example, and Rasa refuses files with other keys below data/. The
file names no conversation and no person: a correction's id leads to both in the console, for as
long as they are kept there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from content.reading import as_mapping
from helpline.corrections.yaml_edit import EditError, load_yaml

PATH = "knowledge/corrections.yml"
HEADER = """\
# Where examples in data/nlu/ and tests/nlu/ came from that staff corrected and a lead approved.
# Written by the export of the staff console; nothing is trained from this file.
# correction:  its id in the console, for as long as the conversation is kept
# into:        training (data/nlu/) or test (tests/nlu/)
# understood:  the intent that the bot had understood, null where it gave none
version: 1
corrections:
"""
Entry = Mapping[str, str | None]


def add_entries(text: str, entries: Iterable[Entry]) -> str:
    """Return the text of the file with entries added; one that is there already stays as it is.

    Raises:
        EditError: the file as it is cannot be used.
    """
    document = as_mapping(load_yaml(text or HEADER))
    listed = document.get("corrections") or []
    if document.get("version") != 1 or not isinstance(listed, list):
        raise EditError(f"{PATH} is not laid out as its first lines say")
    known = {as_mapping(one).get("correction") for one in listed}
    lines = [text.removesuffix("\n") if text else HEADER.removesuffix("\n")]
    for entry in entries:
        if entry["correction"] in known:
            continue
        # JSON is YAML, too: quotes and signs within an example do no harm.
        fields = [
            f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()
        ]
        lines.append("  - " + "\n    ".join(fields))
    return "\n".join(lines) + "\n"
