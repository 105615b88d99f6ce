"""Operators by module, by the shapes of their inputs and by type; and two captures against each other."""

from __future__ import annotations

from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.difference import difference_table
from tbtui.profiles.modules import find_modules
from tbtui.profiles.operators import operator_table, operators_by_type
from tbtui.profiles.overview import look_over
from tbtui.profiles.tables import difference_as_table, modules_table, operators_as_table, scoped_operators_table
from tests.support.captures import Trace, training

US = 1_000_000


def model() -> Trace:
    """A net of 100 us that calls a layer of 40 (an operator of 30 with a kernel of 25) twice; and a backward pass of
    the operators, 50 each, in which an operator of 20 launches a kernel of 15."""
    trace = Trace().span("python_function", "train.py(3): step", 0, 300)
    trace.span("python_function", "nn.Module: Net_0", 0, 100)
    for number, at in enumerate((5.0, 50.0), 1):
        trace.span("python_function", "nn.Module: Linear_0", at, 40)
        trace.span("cpu_op", "aten::linear", at + 5, 30, External_id=number, Sequence_number=number, Fwd_thread_id=0)
        trace.span("kernel", "gemm", at + 10, 25, tid=7, pid=0, device=0, External_id=number)
        later = {"Sequence_number": number, "Fwd_thread_id": 1}
        trace.span(
            "cpu_op", "autograd::engine::evaluate_function: AddmmBackward0", 100 * number + 10, 50, tid=2, **later
        )
        trace.span("cpu_op", "AddmmBackward0", 100 * number + 15, 40, tid=2, **later)
        trace.span("cpu_op", "aten::mm", 100 * number + 20, 20, tid=2, External_id=10 + number)
        trace.span("kernel", "gemm", 100 * number + 25, 15, tid=7, pid=0, device=0, External_id=10 + number)
    return trace


def test_modules_and_what_ran_in_them() -> None:
    found = find_modules(read_chrome_trace(model().encode()))
    assert found.are_modules
    net, layer = found.rows
    assert (net.path, net.depth, net.calls, layer.path, layer.depth, layer.calls) == (
        "Net_0", 0, 1, "Net_0/Linear_0", 1, 2)  # fmt: skip
    assert (net.total, net.own, net.device_total, net.device_own) == (100 * US, 20 * US, 50 * US, 0)
    assert (layer.total, layer.own, layer.device_total, layer.device_own) == (80 * US, 80 * US, 50 * US, 50 * US)
    assert (net.backward, net.backward_device) == (layer.backward, layer.backward_device) == (100 * US, 30 * US)
    inside = [row for row in found.operators if row.path]
    assert [(row.path, row.name, row.calls, row.own, row.device_own) for row in inside] == [
        ("Net_0/Linear_0", "aten::linear", 2, 60 * US, 50 * US)
    ]
    assert modules_table(found).rows[1][0] == "  Linear_0"
    assert {row[1] for row in scoped_operators_table(found).rows} == {"Net_0/Linear_0", "(in none)"}


def test_without_modules_the_named_ranges_are_the_scopes() -> None:
    trace = training().span("user_annotation", "loss / all", 5, 60)
    found = find_modules(read_chrome_trace(trace.encode()))
    assert not found.are_modules
    assert [(row.depth, row.calls, row.device_own) for row in found.rows] == [(0, 1, 40 * US)]
    assert "/" not in found.rows[0].path
    empty = find_modules(read_chrome_trace(Trace().span("cpu_op", "a", 0, 1).encode()))
    assert (empty.rows, empty.operators) == ([], [])


def test_operators_by_shape() -> None:
    trace = Trace()
    for number, shapes in enumerate(([[2, 3], [3, 4]], [[2, 3], [3, 4]], [[8, 3], []], [[[2], [3]]])):
        trace.span("cpu_op", "aten::mm", 10 * number, 5, Input_Dims=shapes)
    profile = read_chrome_trace(trace.encode())
    rows = operator_table(profile, shapes=True)
    assert [(row.shapes, row.calls, row.own) for row in rows] == [
        ("2x3, 3x4", 2, 10 * US), ("8x3, -", 1, 5 * US), ("[2, 3]", 1, 5 * US)]  # fmt: skip
    assert operators_as_table(rows).names[-1] == "input_shapes"
    assert operators_as_table(operator_table(profile)).names[-1] == "device_self_us"


def test_operators_by_type() -> None:
    rows = operator_table(read_chrome_trace(training().encode()))
    types = {row.name: (row.calls, row.own, row.device_own) for row in operators_by_type(rows)}
    assert types == {
        "annotation": (4, 140 * US, 0),
        "aten": (4, 52 * US, 80 * US),
        "runtime": (2, 8 * US, 0),
    }


def test_the_difference_of_two_captures_is_of_one_step() -> None:
    before = look_over(read_chrome_trace(training().encode()))
    trace = Trace().span("user_annotation", "ProfilerStep#1", 0, 100).span("cpu_op", "aten::linear", 10, 45)
    trace.span("cpu_op", "aten::new", 60, 1)
    after = look_over(read_chrome_trace(trace.encode()))
    rows = {row.name: row for row in difference_table(before, after)}
    assert (rows["aten::linear"].before.own, rows["aten::linear"].after.own) == (10 * US, 45 * US)
    assert (rows["aten::addmm"].change, rows["aten::addmm"].device_change) == (-16 * US, -40 * US)
    assert (rows["aten::new"].before.calls, rows["aten::new"].after.calls) == (0, 1)
    assert next(iter(rows)) == "aten::addmm"
    table = difference_as_table(list(rows.values()))
    shares = {row[0]: row[table.names.index("change_share")] for row in table.rows}
    assert (shares["aten::linear"], shares["aten::new"]) == (3.5, None)
    assert all(row.change == 0 for row in difference_table(before, before))
