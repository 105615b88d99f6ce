"""Decodes the laps of a cycle: each event of it is a column of points, verified like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.checksum import MASK_DELTA, rotated_sum
from tbtui.events.chunk import Columns
from tbtui.events.cycles import KEYS
from tbtui.events.found import Found
from tbtui.events.heads import Positions, add_numbers, head_checksums, step_mask, steps_of
from tbtui.events.laps import Laps

_WALL = 8


def decode_laps(laps: Laps, found: Found) -> None:
    """Give the points of all laps to `found`, which knows the spans that they are taken from."""
    sizes = [(block.form.size, block.begin, block.end) for block in laps.blocks]
    walls, words = _heads(laps)
    size = max(size for size, _, _ in sizes)
    steps = steps_of(words[:1] if (words == words[0]).all() else words, size)  # most often all events have the same
    at = _places(laps)
    order, spans = _by_span(laps.spans)
    stretches = _stretches(spans)
    for number, (tail, layout) in enumerate(laps.cycle.events):
        crc = head_checksums(walls[number], words[number], sizes, len(tail))
        crc ^= np.uint32(rotated_sum(np.frombuffer(tail, np.uint8)))
        values = []
        for offset, dtype in layout.slots:
            value = _column(laps, number, dtype, offset)
            add_numbers(crc, value, len(tail) - offset - value.itemsize)
            values.append(value)
        crc += np.uint32(MASK_DELTA)
        wrong = crc != _column(laps, number, "<u4", len(tail))
        own, keys, begins, ends = order, *stretches
        if wrong.any():
            found.bad.append(at[number][wrong].astype(np.int64))
            everything = np.arange(len(wrong), dtype=np.uint32) if order is None else order
            own = everything[~wrong[everything]]
            keys, begins, ends = _stretches(laps.spans[own])
        for tag, value in zip(layout.tags, values, strict=True):
            columns = Columns(steps[number % len(steps)], walls[number], value, at[number], own)
            found.add([tag], columns, keys, begins, ends)


def _heads(laps: Laps) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Wall times and varints of steps, of each event (rows) in each lap."""
    shape = len(laps.cycle.events), len(laps.starts)
    walls, words = np.empty(shape, np.float64), np.empty(shape, np.uint64)
    for form, begin, end, rows in laps.blocks:
        for number, tail in enumerate(form.tails):
            walls[number, begin:end] = rows.column("<f8", tail - form.size - _WALL)
            words[number, begin:end] = rows.column("<u8", tail - max(form.size - 1, 0))
        words[:, begin:end] &= step_mask(form.size)
    return walls, words


def _places(laps: Laps) -> NDArray[np.uint32]:
    """Where the record of each event (rows) in each lap begins in the buffer."""
    places = np.empty((len(laps.cycle.events), len(laps.starts)), np.uint32)
    for form, begin, end, _ in laps.blocks:
        first = np.array(form.tails, np.int64) - (form.size + KEYS)
        np.add(laps.starts[begin:end], first[:, None], out=places[:, begin:end], casting="unsafe")
    return places


def _column(laps: Laps, number: int, dtype: str, offset: int) -> NDArray[Any]:
    """What lies `offset` bytes behind the beginning of the tail of event `number` in each lap."""
    column: NDArray[Any] = np.empty(len(laps.starts), dtype)
    for form, begin, end, rows in laps.blocks:
        column[begin:end] = rows.column(dtype, form.tails[number] + offset)
    return column


def _by_span(spans: NDArray[np.int64]) -> tuple[NDArray[np.uint32] | None, NDArray[np.int64]]:
    """How to take laps so that those of a span lie together (None: they do), and the spans in that order."""
    if bool((spans[1:] >= spans[:-1]).all()):
        return None, spans
    order = np.argsort(spans, kind="stable")
    return order.astype(np.uint32), spans[order]


def _stretches(spans: NDArray[np.int64]) -> tuple[NDArray[np.int64], Positions, Positions]:
    """Of each run of the same number in `spans`: the number, where it begins and where it ends."""
    if not len(spans):
        return spans, spans, spans
    begins = np.flatnonzero(np.concatenate(([True], spans[1:] != spans[:-1])))
    return spans[begins], begins, np.append(begins[1:], len(spans))
