"""The commands of `make run` need nothing that its environment “tools” lacks."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from scripts.setup import ROOT

OURS = {"scripts", "content", "safety", "settings"}
PACKAGES = {"yaml": "pyyaml"}


def _imports(module: str, seen: set[str]) -> set[str]:
    """Names of foreign packages that a module of ours needs, with all that it imports."""
    if module in seen:
        return set()
    seen.add(module)
    path = ROOT / f"{module.replace('.', '/')}.py"
    if not path.exists():
        path = ROOT / module.replace(".", "/") / "__init__.py"
    if not path.exists():  # a name in a module, not a module
        return set()
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            root = name.partition(".")[0]
            if root in OURS:
                found |= _imports(name, seen)
            elif root not in sys.stdlib_module_names:
                found.add(root)
    return found


@pytest.mark.parametrize("command", ["run", "train", "shell", "candidate", "release"])
def test_its_foreign_packages_are_locked(command: str) -> None:
    lock = (ROOT / "requirements" / "tools.txt").read_text("utf-8")
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    needed = {PACKAGES.get(name, name) for name in _imports(f"scripts.{command}", set())}
    assert needed <= locked
    assert "pyyaml" in needed
