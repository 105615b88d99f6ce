"""What held memory at the peak, and who allocated it."""

from __future__ import annotations

from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.holders import BEFORE, OUTSIDE, Allocator, Holder, memory_holders
from tbtui.profiles.operators import nest_calls
from tests.support.captures import Trace


def test_blocks_are_followed_by_their_address() -> None:
    trace = Trace().span("cpu_op", "outer", 0, 100).span("cpu_op", "inner", 10, 20)
    trace.span("cuda_runtime", "malloc", 14, 4)
    trace.allocate(5, 100, 600, 0, address=1).allocate(15, 300, 900, 0, address=2).allocate(20, -100, 800, 0, address=1)
    trace.allocate(40, 50, 850, 0, address=1).allocate(50, -300, 550, 0, address=2).allocate(200, 10, 560, 0, address=9)
    profile = read_chrome_trace(trace.encode())
    found = memory_holders(profile, nest_calls(profile))
    assert found.at_peak == [Holder(0, BEFORE, 0, 500), Holder(0, "inner", 1, 300), Holder(0, "outer", 1, 100)]
    assert found.allocators == [
        Allocator(0, "inner", 1, 300, 300, 0),
        Allocator(0, "outer", 2, 150, 100, 50),
        Allocator(0, OUTSIDE, 1, 10, 10, 10),
    ]


def test_without_addresses_a_release_is_of_the_last_block_of_its_size() -> None:
    trace = Trace().span("cpu_op", "a", 0, 10).span("cpu_op", "b", 20, 10)
    for ts, size in ((1, 64), (2, 8), (3, -8), (21, 64), (22, -64), (25, 32)):
        trace.allocate(ts, size, None, address=None)
    profile = read_chrome_trace(trace.encode())
    found = memory_holders(profile, nest_calls(profile))
    assert found.at_peak == [Holder(None, "a", 1, 64), Holder(None, "b", 1, 64)]
    assert [(one.name, one.kept) for one in found.allocators] == [("b", 32), ("a", 64)]


def test_each_device_has_a_peak_of_its_own() -> None:
    trace = Trace().span("cpu_op", "a", 0, 10)
    trace.allocate(1, 5, 5, 0).allocate(2, -5, 0, 0).allocate(3, 7, 7, 1, address=3).allocate(4, 9, 9, address=4)
    profile = read_chrome_trace(trace.encode())
    found = memory_holders(profile, nest_calls(profile))
    assert [(one.device, one.size) for one in found.at_peak] == [(None, 9), (0, 5), (1, 7)]
