"""`rasa train` without work whose result nobody uses: it takes a third of the time.

    python -m scripts.train_model [arguments of `rasa train`]

Rasa 3.6 copies every example seven times while it reads the data, because merging must not change
what is merged; here nothing is used again after it was merged. It reads most files two or more
times with a parser in Python, its schemas fifty times. And it compresses the model as tightly as
gzip can, which is slow for numbers that hardly become smaller. docs/adr/0014 has the figures.
"""

from __future__ import annotations

import copy
import importlib
import sys
import tarfile
from collections.abc import Callable
from functools import partial
from typing import Any

# 1 (quick) to 9 (tight): the model becomes 2 % larger than with 9
COMPRESSION = 1


def merge_without_copies(mine: Any, *others: Any) -> Any:
    """Do what `TrainingData.merge` does, with the examples themselves instead of copies."""
    kept = [data for data in (mine, *others) if data is not None and _holds_something(data)]
    if len(kept) == 1:
        return kept[0]
    examples = [example for data in kept for example in data.training_examples]
    synonyms: dict[str, str] = {}
    responses: dict[str, Any] = {}
    for data in kept:
        synonyms |= data.entity_synonyms
        responses |= data.responses
    return type(mine)(
        examples,
        synonyms,
        [feature for data in kept for feature in data.regex_features],
        [table for data in kept for table in data.lookup_tables],
        responses,
    )


def _holds_something(data: Any) -> bool:
    return bool(
        data.training_examples
        or data.entity_synonyms
        or data.regex_features
        or data.lookup_tables
        or data.responses
    )


def read_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """Return what reads a YAML text as `read` does, the same text with the same reader once."""
    known: dict[tuple[str, str], Any] = {}

    def read_or_copy(content: str, reader_type: str | list[str] = "safe") -> Any:
        key = (content, str(reader_type))
        if key not in known:
            known[key] = read(content, reader_type)
        # Whoever reads may change what was read
        return copy.deepcopy(known[key])

    return read_or_copy


def main(arguments: list[str]) -> None:
    """Be `rasa train`, and end the process as that does."""
    training_data = importlib.import_module("rasa.shared.nlu.training_data.training_data")
    training_data.TrainingData.merge = merge_without_copies
    reading: Any = importlib.import_module("rasa.shared.utils.io")
    reading.read_yaml = read_once(reading.read_yaml)
    importlib.import_module("components.stored_domain").install_writing()
    pack = tarfile.TarFile.gzopen.__func__  # type: ignore[attr-defined]
    tarfile.TarFile.gzopen = classmethod(partial(pack, compresslevel=COMPRESSION))  # type: ignore[method-assign,assignment]
    sys.argv = ["rasa", "train", *arguments]
    importlib.import_module("rasa.__main__").main()


if __name__ == "__main__":
    main(sys.argv[1:])
