"""The machinery of the stand-ins: placeholder classes, placeholder modules, and their finder.

Rasa builds classes on TensorFlow's and names its types in annotations as soon as it is imported,
so every attribute is a class that can be inherited from, subscripted and compared with, but not
instantiated or called.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

PACKAGES = ("tensorflow", "tensorflow_hub", "tensorflow_text", "keras")

# thinc imports this to learn whether TensorFlow is there; finding it would make spaCy use it.
UNFINDABLE = "tensorflow.experimental"

# Attributes that are used as decorators while a module of Rasa's is imported.
DECORATORS = ("function",)

VERSION = "2.12.0+inert"


class TensorFlowAbsentError(RuntimeError):
    """Something wants to use TensorFlow, and only the stand-ins are installed."""

    def __init__(self, name: str) -> None:
        """Say that `name`, a dotted name such as `tensorflow.keras.Model`, does not exist here."""
        super().__init__(
            f"{name} was used, but this environment has no TensorFlow: 'tensorflow' {VERSION} is "
            "an inert stand-in that only lets Rasa start. DIETClassifier, TEDPolicy, "
            "UnexpecTEDIntentPolicy, ResponseSelector, LanguageModelFeaturizer and "
            "ConveRTFeaturizer do not work with it: remove them from config.yml, or install "
            "TensorFlow 2.12 as compat/README.md explains."
        )


class _PlaceholderType(type):
    """Type of the placeholder classes: an attribute of one is another, a call is refused."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        placeholder = _attribute(f"{cls.__module__}.{cls.__qualname__}", name)
        setattr(cls, name, placeholder)  # the same object at every look-up
        return placeholder

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise TensorFlowAbsentError(f"{cls.__module__}.{cls.__qualname__}")


class Placeholder(metaclass=_PlaceholderType):
    """Stands for any class or function of TensorFlow's."""

    def __class_getitem__(cls, item: object) -> type[Placeholder]:
        return cls


def _undecorated(*args: Any, **kwargs: Any) -> Any:
    """Return the decorated function as it is, with or without arguments to the decorator."""
    if len(args) == 1 and callable(args[0]) and not kwargs:
        return args[0]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    return decorate


def _attribute(owner: str, name: str) -> Any:
    if name in DECORATORS:
        return _undecorated
    return _PlaceholderType(name, (Placeholder,), {"__module__": owner, "__qualname__": name})


def module_attribute(module: str) -> Callable[[str], Any]:
    """Return a `__getattr__` (PEP 562) that makes a placeholder of every attribute of `module`."""

    def attribute(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        placeholder = _attribute(module, name)
        setattr(sys.modules[module], name, placeholder)  # the same object at every look-up
        return placeholder

    return attribute


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every submodule of the four packages and makes a placeholder module of it."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a submodule of ours, None for anything else."""
        package, _, submodule = fullname.partition(".")
        if package not in PACKAGES or not submodule:
            return None
        if fullname == UNFINDABLE or fullname.startswith(f"{UNFINDABLE}."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Let Python make an ordinary module."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Give the module its placeholders."""
        module.__dict__["__getattr__"] = module_attribute(module.__name__)


def install_finder() -> None:
    """Put the finder behind Python's own, once."""
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder())
