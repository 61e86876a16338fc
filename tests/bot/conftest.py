"""What the tests of the bot share.

Rasa and the libraries it is frozen with warn about deprecated things when they are imported. That
is theirs, so they are imported here once with warnings off; what we do ourselves must not warn.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for module in (
        "rasa.core.agent",
        "rasa.core.run",
        "rasa.engine.recipes.default_components",
        "rasa.shared.importers.importer",
        "rasa_sdk.executor",
        "spacy",
    ):
        importlib.import_module(module)

ROOT = Path(__file__).resolve().parent.parent.parent


# Said while Rasa works, not while it is imported; every line is about a library's own code.
WARNINGS_OF_LIBRARIES = (
    "ignore:the load_module\\(\\) method is deprecated:DeprecationWarning",  # pykwalify
    "ignore:Slot auto-fill has been removed:UserWarning",  # Rasa, for every domain with slots
)


def pytest_configure(config: pytest.Config) -> None:
    """Leave out warnings that nobody here can mend; all others stay errors."""
    for line in WARNINGS_OF_LIBRARIES:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(autouse=True)
def own_var_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep databases and secrets of a test in its own folder."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("BOT_SECRET", "secret-of-the-tests")
    return tmp_path / "var"
