"""Every picture in the documents is one that a command makes, and none is left over."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from scripts.pictures import imports, staff, visitors
from scripts.pictures.__main__ import MOST_BYTES, MOST_BYTES_OF_VISITORS, NAMES, file_of, main
from scripts.pictures.picture import IMAGES
from scripts.setup import ROOT
from tests.scripts.test_documents import DOCUMENTS

# `make simulate-month` draws it, with its figures
CURVE = IMAGES / "simulated-month.svg"
PATHS_OF_STAFF = {name: picture.path for name, (_, picture) in staff.PICTURES.items()}


def shown() -> set[Path]:
    """Pictures that a document shows."""
    found: set[Path] = set()
    for document in DOCUMENTS:
        for link in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", document.read_text("utf-8")):
            found.add((document.parent / link).resolve())
    return found


def test_what_is_shown_is_taken_and_kept() -> None:
    taken = {file_of(name) for name in NAMES} | {CURVE}
    assert shown() <= taken
    assert {path.resolve() for path in IMAGES.iterdir()} == taken


def test_each_picture_of_the_console_stands_in_the_guide_for_staff() -> None:
    text = (ROOT / "docs" / "staff.md").read_text("utf-8")
    for name in staff.PICTURES:
        assert f"(images/{name}.png)" in text


@pytest.mark.parametrize("name", [*visitors.PICTURES, *staff.PICTURES])
def test_a_picture_is_as_large_as_it_was_asked_for(name: str) -> None:
    content = file_of(name).read_bytes()
    picture = visitors.PICTURES[name] if name in visitors.PICTURES else staff.PICTURES[name][1]
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == (picture.size["width"], picture.size["height"])
    limit = MOST_BYTES if name in staff.PICTURES else MOST_BYTES_OF_VISITORS
    assert len(content) <= limit


@pytest.mark.parametrize("name", staff.PICTURES)
def test_a_page_that_is_pictured_is_one_of_the_console(name: str) -> None:
    first = PATHS_OF_STAFF[name].partition("?")[0]
    folder = ROOT / "web" / "helpline" / "staff" / "views"
    routes = [path.read_text("utf-8") for path in folder.glob("*.py")]
    assert any(f'@blueprint.get("{first}"' in text for text in routes), first


def test_a_name_that_is_no_picture_starts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff-inbox", "nonsense"]) == 2
    assert "No such picture: nonsense." in capsys.readouterr().out


def test_the_picture_of_imports_has_the_folders_and_arrows_of_today() -> None:
    drawn = file_of(imports.NAME).read_text("utf-8")
    names = set(re.findall(r"<text[^>]*>([^<]+)</text>", drawn))
    arrows = set(re.findall(r'data-from="([^"]+)" data-to="([^"]+)"', drawn))
    now = imports.needed(imports.read_imports())
    assert names == set(now)
    assert arrows == {(importer, one) for importer, known in now.items() for one in known}


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    known = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert imports.needed(known) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}
