"""What the time of an XLA capture's steps went into, in xprof's categories and by its order of what counts first.

Waiting for input counts even while the host does something else, launching kernels counts more than computing on the
host, and so on; what a device does counts before all that the host does. Source: xprof's event types and their
priorities.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from tbtui.profiles.blocks import looked_up
from tbtui.profiles.intervals import EMPTY, Stretches, subtract, together, when
from tbtui.profiles.model import DEVICE_WORK, NOTHING, Indexes, Kind, Mask, Profile

INPUT, COLLECTIVES, LAUNCH, HOST = "input", "collectives", "kernel launch", "host compute"
DEVICE, TO_DEVICE, COMPILATION, OUTPUT = "device compute", "device to device", "compilation", "output"

_WAITS = re.compile(r"^(?:.*/)?(?:IteratorGetNext|enumerate\(DataLoader\))", re.IGNORECASE)
_SENDS = re.compile(r"InfeedEnqueue|MEMCPYHtoD", re.IGNORECASE)
_COMPILES = re.compile(r"^Compile|::Compile|XlaCompile|backend_compile")
_COPIES = (("dtoh", OUTPUT), ("d2h", OUTPUT), ("dtod", TO_DEVICE), ("d2d", TO_DEVICE), ("ptop", TO_DEVICE))
_FEEDS = (("infeed", INPUT), ("outfeed", OUTPUT))
_PLACES = {category: place for place, category in enumerate((DEVICE, OUTPUT, TO_DEVICE, INPUT, COLLECTIVES))}


def xla_categories(
    profile: Profile,
    begin: Indexes,
    end: Indexes,
    collective: Callable[[str], bool],
    device: Mask,
    of: Callable[[Mask], Stretches],
) -> dict[str, Stretches]:
    """When each category was done, what counts first being first; "other" is left out. `begin`, `end`: of the steps;
    `device`: which spans ran on one; `of`: when some spans run. Of the host only what began in a step counts, up to the
    step's end: it belongs to that step."""
    spans, names = profile.spans, profile.names
    on_host = ~device

    latest = _latest_ends(begin, end)

    def in_steps(which: Mask) -> Stretches:
        return when(spans, which & on_host, latest)

    def named(pattern: re.Pattern[str], but: Kind | None = None) -> Stretches:
        wanted = np.array([bool(pattern.search(name)) for name in names], bool)
        if not wanted.any():
            return EMPTY
        which = looked_up(wanted, spans.name)
        return in_steps(which if but is None else which & ~spans.are(but))

    work = device & spans.are(*DEVICE_WORK, Kind.OPERATOR)
    does = looked_up(np.array([_PLACES[_device_category(name, collective)] for name in names], np.int8), spans.name)
    copies = spans.are(Kind.MEMCPY)
    does[copies] = [_PLACES[category] for category in _copies(profile, copies)]

    def on_device(category: str) -> Stretches:
        return of(work & (does == _PLACES[category]))

    host = ~spans.are(Kind.ANNOTATION, Kind.OVERHEAD)
    waits = named(_WAITS, but=Kind.PYTHON)
    first = {
        DEVICE: on_device(DEVICE),
        OUTPUT: on_device(OUTPUT),
        TO_DEVICE: on_device(TO_DEVICE),
        INPUT: waits,
        COLLECTIVES: on_device(COLLECTIVES),
        LAUNCH: in_steps(host & (spans.correlation != NOTHING)) if device.any() else EMPTY,
    }
    # Moving data to the device is input as well, but only where nothing of the above is done.
    moved = together(named(_SENDS), on_device(INPUT))
    if len(moved):
        first[INPUT] = together(waits, subtract(moved, together(*first.values())))
    return {
        **first,
        COMPILATION: named(_COMPILES, but=Kind.PYTHON),
        HOST: in_steps(host),
    }


def _latest_ends(begin: Indexes, end: Indexes) -> Callable[[Indexes], Indexes] | None:
    """When spans that begin at some times end at the latest: with the step that they begin in, or the last before that.
    What begins before any step does not count."""
    if not len(begin):
        return None
    order = np.argsort(begin, kind="stable")
    begin, ends = begin[order], np.append(np.iinfo(np.int64).min, end[order])

    def latest(start: Indexes) -> Indexes:
        if (start[1:] < start[:-1]).any():
            return ends[np.searchsorted(begin, start, "right")]
        return np.repeat(ends, np.diff(np.searchsorted(start, begin), prepend=0, append=len(start)))

    return latest


def _device_category(name: str, collective: Callable[[str], bool]) -> str:
    if collective(name):
        return COLLECTIVES
    return next((category for start, category in _FEEDS if name.lower().startswith(start)), DEVICE)


def _copies(profile: Profile, copies: Mask) -> list[str]:
    """What copies are, by their names and those of their streams: to the device is input, from it output."""
    known: dict[tuple[int, int], str] = {}
    found = []
    which = np.flatnonzero(copies)
    for pair in zip(profile.spans.name[which].tolist(), profile.spans.lane[which].tolist(), strict=True):
        if pair not in known:
            lane = profile.lanes[pair[1]]
            text = f"{profile.names[pair[0]]} {lane.thread}".lower()
            known[pair] = next((category for part, category in _COPIES if part in text), INPUT)
        found.append(known[pair])
    return found
