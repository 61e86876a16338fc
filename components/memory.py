"""Giving memory back to the system."""

from __future__ import annotations

import ctypes
import gc


def give_back_memory() -> None:
    """Return what was freed to the system; does nothing where the C library cannot.

    Loading a model leaves about 80 MB that the allocator of glibc would keep for later.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
