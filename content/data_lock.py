"""One at a time works on the data that the bot is trained from: a training run, or an export.

The lock ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content.reading import ROOT

LOCK_FILE = Path("models") / "data.lock"


class DataBusy(Exception):
    """Somebody else works on the data; the message says what they do."""


@contextmanager
def hold_data(purpose: str, root: Path = ROOT, *, wait: bool = False) -> Iterator[None]:
    """Keep others from the data below the checkout `root` meanwhile.

    Args:
        purpose: what is done, in words that follow "right now": "the bot is being trained".
        root: the checkout.
        wait: wait for whoever holds it, however long that takes.

    Raises:
        DataBusy: somebody holds it, and `wait` is false.
        OSError: the lock file cannot be made.
    """
    path = root / LOCK_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            held = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            raise DataBusy(held or "somebody works on the training data") from None
        os.ftruncate(descriptor, 0)
        try:
            os.pwrite(descriptor, purpose.encode(), 0)
        except OSError:
            pass  # on a full disk the lock holds all the same, without words
        yield
    finally:
        os.close(descriptor)
