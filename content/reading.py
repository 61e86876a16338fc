"""Reading content files: YAML with errors that name the file, the entry and the field."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE = ROOT / "knowledge"

# The C parser is about ten times as fast; some builds of PyYAML come without it.
_Parser: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Result = TypeVar("Result")


class ContentError(ValueError):
    """A content file cannot be used. The message names file, entry and field for its editor."""

    def __init__(
        self, path: Path, problem: str, entry: str | None = None, field: str | None = None
    ) -> None:
        """Say what is wrong (`problem`) and where: in which file, which entry, which field."""
        where = [_shown_path(path)]
        if entry is not None:
            where.append(f"entry '{entry}'")
        if field is not None:
            where.append(f"field '{field}'")
        super().__init__(f"{', '.join(where)}: {problem}")
        self.path = path
        self.entry = entry
        self.field = field
        self.problem = problem


def _shown_path(path: Path) -> str:
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return str(path)


class _UniqueKeys(_Parser):  # type: ignore[misc]  # the parser class is chosen at run time
    """PyYAML keeps the last of two equal keys without a word; an answer would vanish."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build the mapping, refusing a key that is given twice."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                if key_node.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"'{key_node.value}' is given twice", key_node.start_mark
                    )
                seen.add(key_node.value)
        built: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return built


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises:
        ContentError: the file is missing, is not UTF-8, is not YAML, or gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContentError(path, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ContentError(path, "is not saved as UTF-8 text") from error
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506  (a subclass of the safe loader)
    except yaml.YAMLError as error:
        raise ContentError(path, f"is not valid YAML: {error}") from error


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file whose top level is a mapping; see `read_yaml`."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ContentError(path, "must begin with named fields, such as `version: 1`")
    return content


class Entry:
    """One entry of a content file: reads its fields, and knows where it stands for the errors."""

    def __init__(self, path: Path, name: str, fields: Any) -> None:
        """Wrap `fields`, the mapping that the entry called `name` holds.

        Raises:
            ContentError: the entry is not a mapping.
        """
        self.path = path
        self.name = name
        if not isinstance(fields, dict):
            raise self.error("must be a block of named fields")
        self.fields: dict[str, Any] = fields

    def error(self, problem: str, field: str | None = None) -> ContentError:
        """Make the error that names this entry."""
        return ContentError(self.path, problem, self.name, field)

    def only(self, *allowed: str) -> None:
        """Refuse fields that nobody reads: they are most often typing errors."""
        for field in self.fields:
            if field not in allowed:
                raise self.error(f"is not known; known are: {', '.join(allowed)}", str(field))

    def text(self, field: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.optional_text(field)
        if value is None:
            raise self.error("is missing or empty", field)
        return value

    def optional_text(self, field: str) -> str | None:
        """Return a text, or None where the field is missing, null or empty.

        YAML reads `2026-11-22` as a date and `2002` as a number; both come back as text.
        """
        value = self.fields.get(field)
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise self.error("must be text", field)
        return value.strip() or None if value else None

    def flag(self, field: str) -> bool:
        """Return a yes-or-no value that must be there."""
        value = self.fields.get(field)
        if not isinstance(value, bool):
            raise self.error("must be true or false", field)
        return value

    def day(self, field: str) -> str | None:
        """Return a date as YYYY-MM-DD, or None where there is none."""
        value = self.optional_text(field)
        if value is None:
            return None
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            raise self.error(f"is {value!r}: write a date as YYYY-MM-DD", field) from None

    def one_of(self, field: str, allowed: tuple[str, ...]) -> str:
        """Return a text that must be one of `allowed`."""
        value = self.text(field)
        if value not in allowed:
            raise self.error(f"is {value!r}: write one of {', '.join(allowed)}", field)
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of texts; missing or null counts as empty."""
        value = self.fields.get(field)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error("must be a list of texts", field)
        return tuple(value)

    def entries(self, field: str) -> Iterator[Entry]:
        """Yield the blocks of a list; missing or null counts as empty."""
        value = self.fields.get(field)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.error("must be a list", field)
        for number, fields in enumerate(value, start=1):
            yield Entry(self.path, f"{self.name}, {field} number {number}", fields)


def read_entries(path: Path, field: str) -> Iterator[Entry]:
    """Yield the entries of the list `field`, each with an `id` that no other entry has.

    Raises:
        ContentError: the list is missing or empty, or an id is missing or given twice.
    """
    listed = read_mapping(path).get(field)
    if not isinstance(listed, list) or not listed:
        raise ContentError(path, "must hold a list with at least one entry", field=field)
    seen: set[str] = set()
    for number, fields in enumerate(listed, start=1):
        entry = Entry(path, f"number {number}", fields)
        entry.name = entry.text("id")
        if entry.name in seen:
            raise entry.error("is given twice", "id")
        seen.add(entry.name)
        yield entry


_cache: dict[tuple[str, str], tuple[tuple[Any, ...], Any]] = {}


def _state(path: Path) -> tuple[Any, ...]:
    """What changes when a file, or a file in a folder, is edited."""
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    try:
        return tuple((file, (at := file.stat()).st_mtime_ns, at.st_size) for file in files)
    except OSError:
        return ()


def cached(read: Callable[[Path], Result], path: Path) -> Result:
    """Return `read(path)`, reading again only when the file or folder has changed since.

    What is returned is shared between callers, so they must not change it.
    """
    key = (f"{read.__module__}.{read.__qualname__}", os.path.abspath(path))
    state = _state(path)
    held = _cache.get(key)
    if held is None or held[0] != state or not state:
        held = (state, read(path))
        _cache[key] = held
    result: Result = held[1]
    return result


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` where it is a mapping, and an empty one otherwise."""
    return value if isinstance(value, Mapping) else {}
