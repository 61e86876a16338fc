"""What the documents tell people to run, read and set exists."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

from scripts.setup import ROOT
from settings import Settings

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md")]
)
COMMANDS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
SETTINGS = {field.name.upper() for field in dataclasses.fields(Settings)}
# Words of make commands (REASON=…), and variables of the systems we run on, that are no settings
NO_SETTINGS = {"REASON", "BY", "FILE", "LOST", "ARGS", "ID", "GROUP", "LABEL", "COVERS", "VERSION"}

# Written by the first export of corrections
MADE_LATER = {"knowledge/corrections.yml"}


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_are_documents() -> None:
    assert len(DOCUMENTS) > 20
    assert len(COMMANDS) > 20


def test_commands_are_in_the_makefile(document: Path) -> None:
    text = document.read_text("utf-8")
    said = re.findall(r"(?:`|^\s*|-u helpline )make ((?:[a-z][a-z-]*[ `]?)+)", text, re.MULTILINE)
    named = {words.replace("`", " ").split()[0] for words in said}
    assert named <= COMMANDS, named - COMMANDS


def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [
        link.partition("#")[0]
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if not link.startswith(("http", "#", "tel:", "mailto:"))
    ]
    lost = [link for link in links if not (document.parent / link).exists()]
    paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|yml|md|ts|css|json|conf|env|txt))`", text)
    known = (ROOT, document.parent, ROOT / "web" / "helpline")
    paths = [path for path in paths if path not in MADE_LATER and "VAR_DIR" not in path]
    lost += [path for path in paths if not any((folder / path).exists() for folder in known)]
    assert lost == []


def test_settings_are_those_the_code_reads(document: Path) -> None:
    text = document.read_text("utf-8")
    said = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", text)) - NO_SETTINGS
    assert said <= SETTINGS | _variables_of_the_code(), said - SETTINGS


def _variables_of_the_code() -> set[str]:
    """Names in capitals that our files hold: constants, and variables of Rasa and systemd."""
    files = [*ROOT.glob("*.py"), ROOT / "Makefile"]
    for folder in ("actions", "bench", "components", "content", "safety", "scripts", "deploy"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += list((ROOT / "web" / "helpline").rglob("*.py"))
    found: set[str] = set()
    for path in files:
        if path.suffix in {".py", ".env", ".service", ""}:
            found |= set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", path.read_text("utf-8")))
    return found


def test_help_lists_every_command_under_a_heading() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = re.findall(r"^  make ([a-z-]+)  +\S", done.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS - {"setup", "setup-test"})
    first, *parts = done.stdout.strip().split("\n\n")
    assert first.split()[1] == "help"
    for part in parts:
        heading, *commands = part.splitlines()
        assert not heading.startswith(" ") and commands


def test_every_public_command_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    silent = {
        name
        for name, rest in re.findall(r"^([a-z-]+):(.*)$", makefile, re.MULTILINE)
        if "## " not in rest
    }
    assert silent == {"setup", "setup-test"}
