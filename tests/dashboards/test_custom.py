"""Charts of the custom scalars plugin's layouts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.custom_scalar import custom_scalars_plugin, layout_pb2, metadata
from tensorboard.util import tensor_util

import tbtui
from tbtui.dashboards.layout import Section
from tbtui.dashboards.scalars.custom import PREFIX
from tbtui.dashboards.scalars.margins import MarginLine
from tbtui.logdir.updates import Progress
from tbtui.store import Store
from tbtui.store.layouts import LayoutChart, matching_tags
from tests.dashboards.helpers import Page, scalars
from tests.support.eventfiles import framed, version

TAGS = ("loss/a", "loss/b", "my loss/a", "acc", "accuracy", "mid", "lo", "hi", "a(b", "")


def tensorboard_summary(layout: layout_pb2.Layout) -> summary_pb2.Summary:
    """What `tensorboard.plugins.custom_scalar.summary.pb` makes, which itself needs TensorFlow."""
    tensor = tensor_util.make_tensor_proto(layout.SerializeToString())
    summary = summary_pb2.Summary()
    summary.value.add(tag=metadata.CONFIG_SUMMARY_TAG, metadata=metadata.create_summary_metadata(), tensor=tensor)
    return summary


def layout_of(*patterns: str, closed: bool = False) -> layout_pb2.Layout:
    series = layout_pb2.MarginChartContent.Series
    return layout_pb2.Layout(
        category=[
            layout_pb2.Category(
                title="Mine",
                closed=closed,
                chart=[
                    layout_pb2.Chart(title="lines", multiline=layout_pb2.MultilineChartContent(tag=patterns)),
                    layout_pb2.Chart(
                        title="band",
                        margin=layout_pb2.MarginChartContent(series=[series(value="mid", lower="lo", upper="hi")]),
                    ),
                    layout_pb2.Chart(title="none", multiline=layout_pb2.MultilineChartContent(tag=["nope", "zzz.*"])),
                ],
            )
        ]
    )


def write_run(directory: Path, layout: layout_pb2.Layout, tags: tuple[str, ...], count: int = 20) -> None:
    directory.mkdir(parents=True)
    records = [
        version(),
        framed(event_pb2.Event(wall_time=1e9, summary=tensorboard_summary(layout)).SerializeToString()),
    ]
    for step in range(count):
        values = [
            summary_pb2.Summary.Value(tag=tag, simple_value=step + {"lo": -5, "hi": 5}.get(tag, 0)) for tag in tags
        ]
        event = event_pb2.Event(wall_time=1e9 + step, step=step, summary=summary_pb2.Summary(value=values))
        records.append(framed(event.SerializeToString()))
    (directory / "events.out.tfevents.1000000000.x").write_bytes(b"".join(records))


def sections_of(page: Page) -> list[Section]:
    """The groups on the page, each once."""
    return list({slot.section.key: slot.section for slot in page.grid.current.slots}.values())


def read_store(directory: Path) -> Store:
    with tbtui.open_logdir(directory) as logdir:
        store = logdir.store
        store.progress = Progress(1, 1, 1, quiet=True)
        return store


@pytest.mark.parametrize(
    "pattern", ["loss", "loss/.*", ".*", "acc$", "a(b", r"a\(b", "(", "", "LOSS", "l|acc", r"\w+$"]
)
def test_tags_match_as_in_tensorboard(pattern: str) -> None:
    """TensorBoard's own plugin on the same tags; its answer for what is no regular expression is none."""

    class Provider:
        def list_scalars(self, ctx: object, **how: object) -> dict[str, dict[str, None]]:
            return {"run": dict.fromkeys(TAGS)}

    class Scalars:
        def scalars_impl(self, ctx: object, tag: str, *how: object) -> list[str]:
            return [tag]

    plugin = object.__new__(custom_scalars_plugin.CustomScalarsPlugin)
    plugin._data_provider = Provider()
    plugin._get_scalars_plugin = Scalars
    answer = plugin.scalars_impl(None, "run", pattern, "")
    ours = matching_tags(LayoutChart("", (pattern,)), TAGS)
    if answer["regex_valid"]:
        assert ours == tuple(answer["tag_to_events"])
    elif pattern:
        assert ours in ((), (pattern,))  # ours takes it as a name


async def test_a_layout_of_tensorboard_is_shown(tmp_path: Path) -> None:
    for run in ("a", "b"):
        write_run(tmp_path / run, layout_of("loss/.*"), ("loss/a", "loss/b", "mid", "lo", "hi", "other"))
    async with scalars(read_store(tmp_path)) as page:
        assert f"{PREFIX}Mine 3" in page.lines[0]
        section = page.grid.current.slots[0].section
        assert [chart.title for chart in section.charts] == ["lines", "band", "none"]
        subject = page.dashboard.subject()
        assert subject is not None
        assert (subject.title, subject.tags) == ("lines", ("loss/a", "loss/b"))
        entries = page.dashboard.entries()
        assert [(entry.run.name, entry.tag) for entry in entries] == [
            (r, t) for r in "ab" for t in ("loss/a", "loss/b")
        ]
        assert len({entry.color for entry in entries}) == 4
        assert "nothing matches nope, zzz.*" in page.text
        await page.press("l")
        (line, _) = [entry.line for entry in page.dashboard.entries()]
        assert isinstance(line, MarginLine)
        shade = line.shade("step", 0.0, 0xFF)
        assert shade is not None
        page.view.smoothing = 0.0
        page.dashboard.changed()
        await page.settle()
        shade = line.shade("step", 0.0, 0xFF)
        assert shade is not None
        assert shade.low.tolist() == [step - 5 for step in range(20)]
        assert shade.high.tolist() == [step + 5 for step in range(20)]
        await page.press("enter")
        assert page.dashboard.mode == "chart"
        assert page.lines[0].startswith("band")
        window = page.dashboard.full.chart.window  # type: ignore[union-attr]
        assert window.y.low <= -3
        assert window.y.high >= 22
        await page.press("n")
        assert "nothing matches nope, zzz.*" in page.text
        await page.press("left", "z", "v", "e", "Y", "m", "escape")
        assert page.view.pinned == []
        await page.press("F")
        assert page.view.folded == {f"{PREFIX}Mine"}
        await page.press("F", "t", "t")


async def test_missing_ends_are_named(tmp_path: Path) -> None:
    write_run(tmp_path / "a", layout_of("other", "loss.*"), ("mid", "lo", "other"))
    async with scalars(read_store(tmp_path)) as page:
        assert "no tag hi" in page.text
        assert "nothing matches loss.*" in page.text
        await page.press("l")
        (line,) = [entry.line for entry in page.dashboard.entries()]
        assert isinstance(line, MarginLine)
        assert line.shade("step", 0.0, 0) is None


async def test_closed_categories_begin_folded(tmp_path: Path) -> None:
    write_run(tmp_path / "a", layout_of("mid", closed=True), ("mid", "lo", "hi"))
    async with scalars(read_store(tmp_path)) as page:
        assert f"▸ {PREFIX}Mine" in page.text
        page.grid.focus = (f"{PREFIX}Mine", "")
        await page.press("enter")
        assert f"▾ {PREFIX}Mine" in page.text


async def test_the_filter_lets_charts_through_by_title_or_tag(tmp_path: Path) -> None:
    write_run(tmp_path / "a", layout_of("loss"), ("loss", "mid", "lo", "hi"))
    async with scalars(read_store(tmp_path)) as page:
        for typed, titles in (("band", ["band"]), ("loss", ["lines"]), ("mid", ["band"]), ("lo", ["lines"]), ("q", [])):
            page.view.tag_filter = typed
            page.dashboard.changed()
            await page.settle()
            charts = [chart.title for section in sections_of(page) for chart in section.charts]
            assert charts == titles


async def test_a_damaged_layout_is_a_problem(tmp_path: Path) -> None:
    write_run(tmp_path / "a", layout_of("mid"), ("mid",))
    write_run(tmp_path / "b", layout_pb2.Layout(), ("mid",))
    path = next((tmp_path / "a").iterdir())
    summary = summary_pb2.Summary()
    summary.value.add(
        tag=metadata.CONFIG_SUMMARY_TAG,
        metadata=metadata.create_summary_metadata(),
        tensor=tensor_util.make_tensor_proto(b"\xff\xff"),
    )
    path.write_bytes(version() + framed(event_pb2.Event(wall_time=1e9, summary=summary).SerializeToString()))
    store = read_store(tmp_path)
    async with scalars(store) as page:
        assert PREFIX not in page.text
        assert any("layout" in problem.reason for problem in store.problems())


def test_ends_at_other_steps_are_joined() -> None:
    from tests.support.scalars import add_points, new_store

    store = new_store("a")
    add_points(store, "a", "v", [1.0, 2.0, 3.0], steps=[0, 5, 10])
    add_points(store, "a", "l", [0.0, 10.0], steps=[0, 10])
    add_points(store, "a", "u", [5.0, 5.0, 5.0], steps=[0, 4, 10])
    from threading import RLock

    from tbtui.dashboards.scalars.margins import MarginSeries

    run = store.run("a")
    assert run is not None
    value, lower, upper = (run.scalars[tag] for tag in "vlu")
    line = MarginLine(MarginSeries(value, (lower, upper), RLock()), lower, upper)
    assert line.work(0.0) == 8
    line.update(0.0)
    assert line.work(0.0) == 0
    shade = line.shade("step", 0.0, 0)
    assert shade is not None
    assert np.asarray(shade.x).tolist() == [0, 4, 10]
    assert shade.low.tolist() == [0, 4, 10]
    add_points(store, "a", "u", [6.0], steps=[11])
    assert line.work(0.0) > 0


def test_a_group_has_the_mean_of_the_margins() -> None:
    from tbtui.dashboards.scalars.grouped import GroupLine
    from tbtui.dashboards.scalars.model import Model
    from tbtui.settings import View
    from tbtui.store.layouts import MarginTags
    from tbtui.widgets.session import Session
    from tests.support.scalars import add_points, new_store

    store = new_store()
    for run, value in (("g/0", 10.0), ("g/1", 20.0)):
        add_points(store, run, "v", [value, value, value])
        add_points(store, run, "l", [value - 1, value - 3], steps=[0, 2])
        add_points(store, run, "u", [value + 4, value + 4, value + 4])
    model = Model(Session(store, View(grouping="directory", group_band="std", smoothing=0.0)))
    chart = LayoutChart("band", (), (MarginTags("v", "l", "u"),))
    entries = model.entries(model.custom.subject(chart))
    model.update(entries)
    line = entries[0].line
    assert isinstance(line, GroupLine)
    assert line.low is not None
    assert line.high is not None
    assert line.shown().tolist() == [15, 15, 15]
    assert line.low.tolist() == [14, 13, 12]
    assert line.high.tolist() == [19, 19, 19]
    assert model.head_words(entries, False) == "mean and margin, n=2"
    add_points(store, "g/0", "u", [8.0])
    assert list(model.work(model.entries(model.custom.subject(chart))))
