"""Layouts of custom scalars, put together over runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.plugins.custom_scalar import layout_pb2

import tbtui
from tbtui.store.layouts import (
    Category,
    LayoutCache,
    LayoutChart,
    Layouts,
    MarginTags,
    matching_tags,
    merge_layouts,
    parse_layout,
)
from tests.support.eventfiles import framed, version


def layout(**categories: dict[str, list[str]]) -> layout_pb2.Layout:
    """category -> chart -> patterns"""
    return layout_pb2.Layout(
        category=[
            layout_pb2.Category(
                title=title,
                chart=[
                    layout_pb2.Chart(title=chart, multiline=layout_pb2.MultilineChartContent(tag=tags))
                    for chart, tags in charts.items()
                ],
            )
            for title, charts in categories.items()
        ]
    )


def record(what: layout_pb2.Layout, step: int = 0) -> bytes:
    value = summary_pb2.Summary.Value(tag="custom_scalars__config__")
    value.metadata.plugin_data.plugin_name = "custom_scalars"
    value.tensor.dtype = types_pb2.DT_STRING
    value.tensor.string_val.append(what.SerializeToString())
    event = event_pb2.Event(wall_time=1.6e9, step=step, summary=summary_pb2.Summary(value=[value]))
    return framed(event.SerializeToString())


def test_a_layout() -> None:
    margin = layout_pb2.MarginChartContent.Series(value="v", lower="l", upper="u")
    written = layout(a={"all": ["loss/.*", "acc"]})
    written.category[0].chart.add(title="band", margin=layout_pb2.MarginChartContent(series=[margin]))
    written.category[0].closed = True
    all_, band = LayoutChart("all", ("loss/.*", "acc")), LayoutChart("band", (), (MarginTags("v", "l", "u"),))
    assert parse_layout(written.SerializeToString()) == (Category("a", (all_, band), True),)
    with pytest.raises(ValueError, match="can't be read"):
        parse_layout(b"\xff")


def category(title: str, *charts: str, closed: bool = False) -> Category:
    return Category(title, tuple(LayoutChart(chart, (chart,)) for chart in charts), closed)


def test_merged_by_title() -> None:
    merged = merge_layouts(
        [
            (category("a", "x", closed=True), category("b", "y")),
            (category("c", "z"), category("a", "x", "w")),
            (category("a", "v"), category("c", "z", "u")),
        ]
    )
    assert merged == (category("a", "x", "w", "v", closed=True), category("b", "y"), category("c", "z", "u"))
    assert merge_layouts([]) == ()


def test_tags_of_a_chart() -> None:
    tags = ("loss/a", "my loss/a", "acc", "accuracy", "a(b")
    assert matching_tags(LayoutChart("", ("acc", "loss/.*", "acc$")), tags) == ("acc", "accuracy", "loss/a")
    assert matching_tags(LayoutChart("", ("a(b", "(")), tags) == ("a(b",)
    assert matching_tags(LayoutChart("", ()), tags) == ()


def test_over_runs_and_time(tmp_path: Path) -> None:
    name = "events.out.tfevents.1600000000.x"
    for run, what in (("b", layout(one={"x": ["x"]})), ("a", layout(two={"y": ["y"]}))):
        (tmp_path / run).mkdir()
        (tmp_path / run / name).write_bytes(version() + record(what))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / name).write_bytes(version())
    with tbtui.open_logdir(tmp_path) as logdir:
        cache = LayoutCache()
        found = cache.of(logdir.runs())
        assert [one.title for one in found.categories] == ["two", "one"]
        assert found.problems == ()
        assert cache.of(logdir.runs()) is found
        with open(tmp_path / "a" / name, "ab") as file:
            file.write(record(layout(one={"z": ["z"]}), step=1))
        logdir.refresh()
        (one,) = cache.of(logdir.runs()).categories
        assert [chart.title for chart in one.charts] == ["z", "x"]
        assert cache.of([]) == Layouts(())


def test_a_layout_that_is_none(tmp_path: Path) -> None:
    written = record(layout(a={"x": ["x"]}))
    body = bytearray(written[12:-4])
    at = bytes(body).index(b"\n\x01a")
    body[at : at + 3] = b"\xff\xff\xff"
    (tmp_path / "events.out.tfevents.1600000000.x").write_bytes(version() + framed(bytes(body)))
    with tbtui.open_logdir(tmp_path) as logdir:
        found = LayoutCache().of(logdir.runs())
        assert found.categories == ()
        ((run, reason),) = found.problems
        assert run == "."
        assert "can't be read" in reason
