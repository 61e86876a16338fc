"""Giving memory back to the system once a process has loaded everything: bot, chat and staff."""

from __future__ import annotations

import ctypes
import gc


def give_back_memory() -> None:
    """Return what was freed to the system, where the C library can; called once all is loaded.

    Loading a model leaves about 80 MB that the allocator of glibc would keep for later. Looking
    through what is loaded takes the console 80 ms, again and again, in the middle of a page.
    """
    gc.collect()
    # What is loaded stays until the end: it need not be looked through again and again
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
