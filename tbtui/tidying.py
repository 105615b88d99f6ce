"""When Python looks for garbage: never while somebody waits for the answer to a key, for it takes milliseconds."""

from __future__ import annotations

import gc
import time

from tbtui.store import Store

LITTER, MOST_LITTER = 4_000, 20_000
"""With more new objects than this, garbage is looked for among them: as soon as no key was typed for a moment, and
anyway."""

SOME_LOOKS, MOST_LOOKS = 5, 100
"""After so many such looks those are looked through that were new at one of them, which takes some ten milliseconds:
once nobody has typed for a while, and anyway."""

MANY_PASSES, MOST_PASSES = 15, 300
"""After so many of these passes all there is is looked through, which takes longer: when nobody types, and anyway."""

MUCH = 1 << 20
"""Bytes that are found and not read yet, from which on what is made now will stay."""

MANY_UNSETTLED = 100
"""Runs whose points are being put in place after a large read: what is made for it will stay too."""

MOMENT, REST = 0.15, 3.0
"""Seconds."""


def begin() -> None:
    """What was imported stays: it is never looked through. What comes is, by the rules of `Tidying`."""
    gc.freeze()
    gc.set_threshold(MOST_LITTER, MOST_LOOKS, MOST_PASSES)


def forget() -> None:
    """What was left out of the search for good may go: everything is read again."""
    gc.unfreeze()


class Tidying:
    """Looks for garbage when it is time to. last_event: when (monotonic) the user did something last."""

    def __init__(self) -> None:
        self.last_event = 0.0
        self._much_was_read = False

    def look(self, store: Store) -> None:
        """To be called now and then, and a moment after each key."""
        litter, looks, passes = gc.get_count()
        idle = time.monotonic() - self.last_event
        unread = store.progress.bytes_found - store.progress.bytes_read
        if unread > MUCH or store.unsettled > MANY_UNSETTLED:  # what is read stays, and is looked through for nothing
            if litter > LITTER:
                gc.freeze()
                self._much_was_read = True
            return
        if self._much_was_read:  # once: what is frozen is never found to be garbage, and panels come and go
            gc.freeze()  # before anything is looked through, which would take a third of a second
            self._much_was_read = False
        if passes > MANY_PASSES and idle >= REST:
            gc.collect()
        elif looks > SOME_LOOKS and idle >= REST:
            gc.collect(1)
        elif litter > LITTER and idle >= MOMENT:
            gc.collect(0)
