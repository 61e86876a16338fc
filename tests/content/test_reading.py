from __future__ import annotations

import os
from pathlib import Path

import pytest

from content.reading import ContentError, cached, read_entries, read_yaml


def test_error_names_file_entry_and_field(tmp_path: Path) -> None:
    path = tmp_path / "things.yml"
    path.write_text("things:\n  - id: first\n    label: [not, text]\n", encoding="utf-8")
    entry = next(iter(read_entries(path, "things")))
    with pytest.raises(ContentError) as caught:
        entry.text("label")
    assert (caught.value.path, caught.value.entry, caught.value.field) == (path, "first", "label")
    assert "things.yml, entry 'first', field 'label': must be text" in str(caught.value)


def test_key_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yml"
    path.write_text("utter_a: 1\nutter_b: 2\nutter_a: 3\n", encoding="utf-8")
    with pytest.raises(ContentError, match="'utter_a' is given twice"):
        read_yaml(path)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (b"a: [1, 2", "is not valid YAML"),
        (b"a: \xff\xfe", "is not saved as UTF-8"),
        (b"a: !!python/object/apply:os.getcwd []", "is not valid YAML"),
    ],
)
def test_unreadable_file_is_reported(tmp_path: Path, written: bytes, complaint: str) -> None:
    path = tmp_path / "broken.yml"
    path.write_bytes(written)
    with pytest.raises(ContentError, match=complaint):
        read_yaml(path)


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        read_yaml(tmp_path / "nowhere.yml")


def test_id_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "things.yml"
    path.write_text("things:\n  - id: same\n  - id: same\n", encoding="utf-8")
    with pytest.raises(ContentError, match="entry 'same', field 'id': is given twice"):
        list(read_entries(path, "things"))


def test_a_file_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "one.yml"
    path.write_text("1", encoding="utf-8")
    reads: list[Path] = []

    def read(file: Path) -> int:
        reads.append(file)
        return int(file.read_text(encoding="utf-8"))

    assert [cached(read, path), cached(read, path)] == [1, 1]
    assert len(reads) == 1
    path.write_text("22", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert cached(read, path) == 22
