"""The chart of memory: what stands over it in every width."""

from __future__ import annotations

import pytest

from tbtui.charts.cells import Cells
from tbtui.dashboards.looks import Looks
from tbtui.dashboards.profile.memory import draw_memory
from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.memory import memory_use
from tests.support.captures import Trace


def lines_of(cells: Cells) -> list[str]:
    return ["".join(chr(glyph or 32) for glyph in row).rstrip() for row in cells.glyphs.tolist()]


@pytest.mark.parametrize(("width", "lines"), [(100, 1), (60, 2), (43, 3)])
def test_all_of_a_peak_is_told_in_every_width(width: int, lines: int) -> None:
    trace = Trace().span("cpu_op", "a", 0, 100).allocate(10, 1000, 5000, 0).allocate(90, -1000, 4000, 0)
    properties = [{"id": 0, "name": "Some GPU", "totalGlobalMem": 50_000}]
    uses = memory_use(read_chrome_trace(trace.encode(deviceProperties=properties)))
    rows = lines_of(draw_memory(uses, width, 20, Looks()))
    assert " ".join(" ".join(rows[:lines]).split()) == (
        "device 0: at most 5.00 kB allocated at 10.0 µs 10% of its 50.0 kB at most 10.0 kB reserved"
    )
    assert "kB" in rows[lines]
    assert "over µs" in rows[lines]


def test_several_devices_have_a_line_each() -> None:
    trace = Trace().allocate(10, 1000, 5000, 0).allocate(20, 1000, 7000, 1).allocate(90, 50, 50)
    rows = lines_of(draw_memory(memory_use(read_chrome_trace(trace.encode())), 60, 20, Looks()))
    assert [row.partition(" allocated")[0] for row in rows[:3]] == [
        "host: at most 50 B", "device 0: at most 5.00 kB", "device 1: at most 7.00 kB",
    ]  # fmt: skip
