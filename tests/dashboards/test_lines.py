"""What is kept of a series between two frames."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.analysis.axes import SAMPLE
from tbtui.analysis.ranges import tensorboard_axis
from tbtui.analysis.smoothing import smooth
from tbtui.dashboards.scalars.lines import Line, Lines
from tests.support.scalars import START, add_points, make_store, noisy


def line_of(values: object, weight: float = 0.6) -> Line:
    store = make_store({"a": {"loss": values}})  # type: ignore[dict-item]
    line = Line(store.run("a").scalars["loss"])  # type: ignore[union-attr]
    line.update(weight)
    return line


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight", [0.0, 0.6, 0.99])
def test_growing_gives_what_looking_at_everything_gives(dtype: type, weight: float) -> None:
    values = noisy(3000).astype(dtype)
    values[[5, 1200, 2999]] = [np.nan, np.inf, np.nan]
    store = make_store({"a": {"loss": values[:1000]}})
    run = store.run("a")
    assert run is not None
    line = Line(run.scalars["loss"])
    line.update(weight)
    for end in (1001, 1500, 2998, 3000):
        add_points(store, "a", "loss", values[len(line) : end])
        assert line.work(weight)
        line.update(weight)
        assert line.work(weight) == 0
    np.testing.assert_array_equal(line.points.values, values)
    expected = values if not weight else smooth(values, weight).astype(dtype)
    np.testing.assert_allclose(line.shown(), expected, rtol=1e-6 if dtype is np.float32 else 1e-12)
    assert line.bad.total == 3
    assert line.bad.first_step == 5
    assert line.bad.infinities == 1
    finite = values[np.isfinite(values)]
    assert line.pyramid.overall()[:2] == (finite.min(), finite.max())


def test_new_points_do_not_smooth_the_old_ones_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store({"a": {"loss": noisy(5000)}})
    line = Line(store.run("a").scalars["loss"])  # type: ignore[union-attr]
    line.update(0.9)
    from tbtui.dashboards.scalars import lines

    lengths = []
    extend = lines.Smoother.extend
    monkeypatch.setattr(lines.Smoother, "extend", lambda self, v: (lengths.append(len(v)), extend(self, v))[1])
    add_points(store, "a", "loss", [1.0, 2.0])
    line.update(0.9)
    assert lengths == [2]


def test_superseded_points_make_the_line_anew() -> None:
    store = make_store({"a": {"loss": [5.0, 4, 3, 2, 1]}})
    line = Line(store.run("a").scalars["loss"])  # type: ignore[union-attr]
    line.update(0.5)
    add_points(store, "a", "loss", [9.0, 8.0], steps=[2, 3])
    line.update(0.5)
    assert line.points.steps.tolist() == [0, 1, 2, 3]
    assert line.points.values.tolist() == [5, 4, 9, 8]
    np.testing.assert_allclose(line.shown(), smooth([5.0, 4, 9, 8], 0.5))
    line.update(0.5, purge=False)
    assert len(line) == 7
    assert line.turns("step").tolist() == [5]


def test_changing_the_weight_and_back() -> None:
    line = line_of(noisy(500))
    before = line.shown().copy()
    line.update(0.0)
    assert line.smooth is None
    line.update(0.6)
    np.testing.assert_array_equal(line.shown(), before)


def test_nearest_point_and_stretch() -> None:
    line = line_of(np.arange(100.0))
    assert line.nearest(41.4, "step") == 41
    assert line.nearest(-5, "step") == 0
    assert line.nearest(1e30, "step") == 99
    assert line.nearest(START + 7.6, "wall") == 8
    assert line.between(10, 20, "step") == slice(10, 21)
    assert line.between(9.5, 20.5, "step") == slice(10, 21)
    assert line.between(START + 10, START + 20, "wall") == slice(10, 21)
    assert line.between(-1e300, 1e300, "step") == slice(0, 100)


def test_steps_at_the_ends_of_int64() -> None:
    store = make_store({"a": {}})
    add_points(store, "a", "loss", [1.0, 2.0, 3.0], steps=[-(2**63), 0, 2**63 - 1])
    line = Line(store.run("a").scalars["loss"])  # type: ignore[union-attr]
    line.update(0.0)
    assert line.between(-1e19, 1e19, "step").start == 0
    assert line.nearest(9.3e18, "step") == 2


def test_the_y_range_of_long_lines_has_their_extremes_when_all_must_be_seen() -> None:
    values = np.zeros(50_000)
    values[12_345] = 77.0
    line = line_of(values, 0.0)
    everything = line.range_values(slice(0, 50_000), everything=True)
    assert everything.max() == 77
    assert len(everything) < 2 * SAMPLE
    assert line.range_values(slice(0, 12_000), everything=True).max() == 0
    assert len(line.range_values(slice(0, 50_000), everything=False)) <= SAMPLE


@pytest.mark.parametrize("period", [2, 3, 4, 8, 16])
def test_the_y_range_of_long_lines_is_tensorboards_also_of_values_that_come_back(period: int) -> None:
    values = np.where(np.arange(50_000) % period == 1, 100.0, 1.0)
    line = line_of(values, 0.0)
    shown = tensorboard_axis([line.range_values(slice(0, 50_000), everything=False)])
    assert shown == tensorboard_axis([values])


def test_lines_are_dropped_when_they_are_not_used_and_cost_too_much() -> None:
    store = make_store({"a": {f"t{i}": noisy(1000) for i in range(20)}})
    run = store.run("a")
    assert run is not None
    lines = Lines()
    for i in range(20):
        line = lines.get(run, f"t{i}")
        assert line is not None
        line.update(0.6)
    lines.trim(in_use=5, kept_bytes=0)
    assert len(lines) == 5
    kept = lines.get(run, "t19")
    assert kept is not None
    assert len(kept) == 1000
    assert lines.get(run, "missing") is None


def test_a_series_that_was_read_anew_is_a_new_line() -> None:
    store = make_store({"a": {"loss": [1.0, 2.0]}})
    run = store.run("a")
    assert run is not None
    lines = Lines()
    first = lines.get(run, "loss")
    del run.scalars["loss"]
    add_points(store, "a", "loss", [3.0])
    assert lines.get(run, "loss") is not first
