"""Memory that was freed, given back to the system: reading a large log frees a lot, and the C library keeps it."""

from __future__ import annotations

__all__ = ["give_back_freed_memory"]


def give_back_freed_memory() -> None:
    """Asks the C library to return what it holds without use; does nothing where it has no such call (not glibc)."""
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return
    trim(0)
