from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

from components.quick_logs import MODULES


def _names(tree: ast.AST) -> set[int]:
    """Return the places of the name `copy` in a tree."""
    return {id(node) for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_rasa_copies_for_log_lines_only(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    lines = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "structlogger.debug"
    ]
    in_lines = set[int]().union(*map(_names, lines))
    assert in_lines
    assert _names(tree) == in_lines
