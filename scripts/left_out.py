"""Packages that Rasa imports for channels, stores and plots which the helpline does not have.

Rasa imports all of them when its server starts: a second of waiting and about 40 MB in every bot.
In the bot's own process inert placeholders take their places (TensorFlow's places are taken in the
whole environment, see compat/README.md). Training and Rasa's other commands use the real ones.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any, NoReturn

PACKAGES = frozenset(
    (
        # channels of other companies
        *("aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API", "slack_sdk", "twilio"),
        "webexteamssdk",
        # stores and brokers
        *(
            "aio_pika",
            "aiormq",
            "boto3",
            "botocore",
            "bson",
            "confluent_kafka",
            "gridfs",
            "pymongo",
        ),
        # plots of tests, and questions in the terminal
        *("matplotlib", "prompt_toolkit", "questionary"),
    )
)


class LeftOutError(RuntimeError):
    """Something wants to use a package that is left out of the bot's server."""


class _Placeholder(type):
    """Type of what stands for classes and functions: can be inherited from, but not called."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise LeftOutError(
            f"{cls.__module__}.{cls.__qualname__} was used, but its package is left out when the "
            "bot's server starts. Take it from the list in scripts/left_out.py."
        )


def _placeholder(owner: str, name: str) -> Any:
    return _Placeholder(name, (), {"__module__": owner})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Let Python make an ordinary module."""

    def exec_module(self, module: types.ModuleType) -> None:
        def attribute(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            return _placeholder(module.__name__, name)

        module.__dict__["__getattr__"] = attribute


def leave_out() -> None:
    """Put placeholders in the places of PACKAGES, in this process, before Rasa is imported."""
    sys.meta_path.insert(0, _Finder())
