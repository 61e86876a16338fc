"""Every picture in the documents is one that a command makes, and none is left over."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, sync_playwright

from scripts.pictures import __main__ as command
from scripts.pictures import imports, staff, visitors
from scripts.pictures.__main__ import MOST_BYTES, MOST_BYTES_OF_VISITORS, NAMES, file_of, main
from scripts.pictures.picture import ARGUMENTS, CHROMIUM, IMAGES, Picture, take
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


def test_the_picture_of_imports_is_what_its_command_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = file_of(imports.NAME).read_text("utf-8")
    monkeypatch.setattr(command, "IMAGES", tmp_path)
    assert main([imports.NAME]) == 0
    assert (tmp_path / "imports.svg").read_text("utf-8") == kept
    assert capsys.readouterr().out == "imports.svg\n"


@pytest.mark.parametrize(("size", "code"), [(MOST_BYTES, 0), (MOST_BYTES + 1, 1)])
def test_a_picture_that_is_too_large_is_named(
    size: int,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "IMAGES", tmp_path)
    monkeypatch.setattr(command, "take_pages", lambda names: [(name, size) for name in names])
    # What many visitors see may be larger
    assert main(["staff-inbox", "demo-desktop"]) == code
    said = capsys.readouterr().out
    assert ("show less of the page: staff-inbox\n" in said) is bool(code)


def test_a_picture_begins_at_its_element_and_is_as_large_as_asked(tmp_path: Path) -> None:
    page = "data:text/html,<body style='margin:0;height:3000px'><div style='height:900px'></div>"
    page += "<p id=here style='height:200px;background:rgb(255,0,0)'>"
    seen: list[float] = []

    def prepare(opened: Page) -> None:
        seen.append(opened.evaluate("document.querySelector('#here').offsetTop"))

    asked = Picture("", ViewportSize(width=320, height=240), prepare, begins="#here")
    file = tmp_path / "picture.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        assert take(browser, page, asked, file) == file.stat().st_size
        whole = Picture("", ViewportSize(width=320, height=240))
        take(browser, page, whole, tmp_path / "top.png")
        browser.close()
    assert seen and seen[0] >= 900
    content = file.read_bytes()
    assert struct.unpack(">II", content[16:24]) == (320, 240)
    # The other one shows the white top of the page
    assert content != (tmp_path / "top.png").read_bytes()
