"""The graph dashboard: every key, every size, on graphs made by hand."""

from __future__ import annotations

import pytest

from tbtui.dashboards import REGISTRY
from tbtui.dashboards.graph import going, opening
from tbtui.dashboards.graph.rows import Rows
from tbtui.graphs import Graph, GraphSource
from tbtui.widgets.help_screen import HelpScreen
from tbtui.widgets.key_table import KEYS, Key
from tbtui.widgets.keys import split_keys
from tbtui.widgets.tag_picker import TagPicker
from tests.app.test_window import SIZES
from tests.support.graphs import FakeGraph, fake_source, graph_shown, with_graph
from tests.support.payloads import CONTROL, MARKUP
from tests.support.scalars import make_store, noisy

GRAPH_KEYS = [key for key in KEYS if key.scope == "graph"]


class Files:
    """Which graphs runs have, and what reading them gives; a run without an entry here has the one of "a"."""

    def __init__(self) -> None:
        self.sources: dict[str, list[GraphSource]] = {"a": [fake_source()]}
        self.graphs: dict[str, Graph] = {"graph": FakeGraph(costs=True)}
        self.read: list[str] = []

    def read_graph(self, source: GraphSource, variant: str = "") -> Graph:
        self.read.append(source.title + variant)
        return self.graphs[source.title]


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files()
    monkeypatch.setattr(opening, "sources", lambda run: made.sources.get(run.name, made.sources["a"]))
    monkeypatch.setattr(opening, "read_graph", made.read_graph)
    return made


@pytest.mark.parametrize("key", GRAPH_KEYS, ids=lambda key: key.id)
async def test_every_key_of_the_table_does_something(key: Key) -> None:
    async with graph_shown() as page:
        assert callable(getattr(page.dashboard, f"action_{key.action}"))
        for name in split_keys(key.keys):
            await page.press(
                {"<": "less_than_sign", ">": "greater_than_sign", "+": "plus", "-": "minus"}.get(name, name)
            )
        assert "Does nothing here" not in page.notice


async def test_scopes_unfold_and_fold() -> None:
    async with graph_shown() as page:
        assert page.rows == ["x", "net", "layer_0", "w", "MatMul", "Relu", "layer_1", "layer_2", "loss"]
        await page.press("j", "j", "h")
        assert page.rows == ["x", "net", "layer_0", "layer_1", "layer_2", "loss"]
        await page.press("l")
        assert page.rows[2:6] == ["layer_0", "w", "MatMul", "Relu"]
        await page.press("l", "l")  # into it, and on a node to its details
        assert page.here == "net/layer_0/w"
        assert page.dashboard.details.has_focus
        await page.press("h")
        assert page.dashboard.pane.has_focus
        await page.press("h")
        assert page.here == "net/layer_0"
        await page.press("h")
        assert "MatMul" not in page.rows
        await page.press("enter")
        assert "MatMul" in page.rows


async def test_fold_and_unfold_everything() -> None:
    async with graph_shown() as page:
        await page.press("j", "z")
        assert len(page.rows) == 6 + 9
        await page.press("G", "k", "Z")
        assert page.rows == ["x", "net", "loss"]
        assert page.here == "net"


async def test_links_lead_to_neighbours_and_back() -> None:
    async with graph_shown() as page:
        await page.press("G", "enter")
        assert "not in this graph" in page.text
        await page.press("enter")
        assert page.here == "net/layer_2/Relu"
        assert page.dashboard.details.has_focus
        await page.press("enter", "enter")
        assert page.here == "net/layer_1/Relu"
        await page.press("b")
        assert page.here == "net/layer_2/MatMul"
        await page.press("b", "b")
        assert page.here == "loss"
        await page.press("b")
        assert "where you began" in page.notice
        await page.press("w")
        assert page.here == "net/layer_2/Relu"


async def test_producers_and_consumers() -> None:
    async with graph_shown() as page:
        await page.press("less_than_sign")
        assert "reads from nothing" in page.notice
        await page.press("greater_than_sign", "greater_than_sign")
        assert page.here == "net/layer_0/Relu"
        await page.press("less_than_sign")
        assert page.here == "net/layer_0/MatMul"


async def test_search_with_next_and_previous() -> None:
    async with graph_shown() as page:
        await page.type("relu")
        assert "3 found" in page.text
        assert page.here == "net/layer_0/Relu"
        await page.press("enter", "n")
        assert page.here == "net/layer_1/Relu"
        assert "2 of 3" in page.text
        await page.press("n", "n")
        assert page.here == "net/layer_0/Relu"
        await page.press("p")
        assert page.here == "net/layer_2/Relu"
        await page.press("escape")
        assert "of 3" not in page.text
        await page.press("n")
        assert "/ searches" in page.notice


async def test_search_goes_on_from_the_row_one_moved_to() -> None:
    async with graph_shown() as page:
        await page.type("relu")
        await page.press("enter", "n", "p", "G", "n")
        assert page.here == "net/layer_1/Relu"


async def test_who_moves_on_is_not_called_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going, "SMALL", 0)
    async with graph_shown() as page:
        assert page.dashboard.graph is not None
        entry = page.dashboard.graph.find("loss")
        assert entry is not None
        page.dashboard.show_row(entry)
        page.dashboard.pane.action_down()
        await page.settle()
        assert page.here == "net"
        page.dashboard.show_row(entry)
        await page.settle()
        assert page.here == "loss"


async def test_a_wrong_expression_is_told() -> None:
    async with graph_shown() as page:
        await page.type("re(")
        assert "unterminated" in page.text or "missing )" in page.text
        await page.press("backspace")
        assert "3 found" in page.text


async def test_nothing_found() -> None:
    async with graph_shown() as page:
        await page.type("zzz")
        assert "0 found" in page.text
        await page.press("enter", "n")
        assert "Nothing is called like zzz" in page.notice


async def test_the_way_from_the_inputs() -> None:
    async with graph_shown() as page:
        await page.type("layer_1/Relu")
        await page.press("enter", "P")
        assert "inputs to Relu: 5" in page.text
        assert page.here == "net/layer_1/Relu"
        await page.press("home")
        assert page.here == "x"
        await page.press("j", "enter")
        assert page.here == "net/layer_0/MatMul"
        assert "inputs to" not in page.text
        await page.press("h", "P")
        assert "No way leads" in page.notice


async def test_all_nodes_of_a_type() -> None:
    async with graph_shown() as page:
        await page.type("MatMul")
        await page.press("enter", "O")
        assert "MatMul: 3" in page.text
        assert page.rows == ["MatMul"] * 3
        await page.press("j", "O")
        assert page.here == "net/layer_1/MatMul"
        assert "net" in page.rows
        await page.press("O", "escape")
        assert "net" in page.rows
        await page.press("h", "O")
        assert "no type" in page.notice


async def test_the_drawing_moves_from_box_to_box() -> None:
    async with graph_shown() as page:
        await page.type("layer_1/MatMul")
        await page.press("enter", "v")
        drawing = page.dashboard.drawing
        assert drawing.has_focus

        def box() -> str:
            assert drawing.current is not None
            assert drawing.current.entry is not None
            return drawing.current.entry.path

        assert box() == "net/layer_1/MatMul"
        assert "?×8" in page.text
        await page.press("l")
        assert box() == "net/layer_1/Relu"
        await page.press("h", "h")
        first = box()
        await page.press("j")
        second = box()
        await page.press("j")
        assert box() == second
        await page.press("k")
        assert box() == first
        assert {first, second} == {"net/layer_0/Relu", "net/layer_1/w"}
        await page.press("enter")
        assert box() == first
        assert page.here == first
        await page.press("plus")
        assert "2 levels" in page.notice
        await page.press("b")
        assert box() == "net/layer_1/MatMul"
        await page.press("minus", "minus")
        assert "1 level of" in page.notice
        await page.press("escape")
        assert page.dashboard.pane.has_focus
        assert page.here == "net/layer_1/MatMul"


async def test_the_drawing_in_a_narrow_window() -> None:
    async with graph_shown(size=(45, 30)) as page:
        await page.type("layer_1/MatMul")
        await page.press("enter", "v")
        for key in ("k", "k", "j", "j", "j", "pagedown", "pageup", "home", "end"):
            await page.press(key)
        assert page.dashboard.drawing.current is not None
        assert "Relu" in page.text


async def test_summary_lists_a_type() -> None:
    async with graph_shown() as page:
        await page.press("m")
        assert "edges" in page.text
        assert "VariableV2" in page.text
        await page.press("m")
        assert "layer_0" in page.text
        await page.press("m", "j", "enter")
        assert page.dashboard.listed
        assert len(page.rows) == 3


async def test_sorted_by_time_and_back() -> None:
    async with graph_shown() as page:
        await page.press("j", "j", "h", "home", "s")
        assert page.rows == ["net", "layer_2", "layer_1", "layer_0", "loss", "x"]
        assert "by time" in page.text
        assert page.here == "x"
        await page.press("s")
        assert "Sorted by nodes" in page.notice
        await page.press("s")
        assert page.rows[0] == "x"


async def test_costs_are_bars() -> None:
    async with graph_shown() as page:
        assert "█" in page.text
        assert "54ms" in page.text


async def test_colours_by_device() -> None:
    async with graph_shown() as page:
        shown = page.dashboard.pane.shown
        assert shown is not None

        def colors() -> list[object]:
            return [page.dashboard.color(row.entry) for row in shown.rows.rows]

        by_type = colors()
        assert by_type[1] is None  # a scope
        await page.press("y")
        assert len({page.dashboard.color(page.dashboard.graph.entries[name]) for name in ("x", "net/layer_0/w")}) == 2  # type: ignore[union-attr]
        assert "device" in page.notice
        await page.press("y")
        assert set(colors()) == {None}
        await page.press("y")
        assert colors() == by_type


async def test_details_beside_and_not() -> None:
    async with graph_shown() as page:
        assert "float32 ?×8" in page.text
        assert page.dashboard.details.display
        await page.press("t")
        assert not page.dashboard.details.display
        await page.press("enter")
        assert page.dashboard.over
        await page.press("escape")
        assert not page.dashboard.details.display
        await page.press("t")
        assert page.dashboard.details.display


async def test_panes_in_turn() -> None:
    async with graph_shown() as page:
        await page.press("tab")
        assert page.dashboard.details.has_focus
        await page.press("tab")
        assert not page.dashboard.details.has_focus
        await page.press("tab")
        assert page.dashboard.pane.has_focus


async def test_copy_the_name() -> None:
    async with graph_shown() as page:
        await page.press("greater_than_sign", "Y")
        assert page.screen.app.clipboard == "net/layer_0/MatMul"


async def test_another_graph_of_the_run(files: Files) -> None:
    files.sources["a"] = [fake_source(), fake_source("other", "step")]
    files.graphs["other"] = FakeGraph([("only", "NoOp", ())])
    async with graph_shown() as page:
        await page.press("j", "l", "S")
        assert isinstance(page.screen.app.screen, TagPicker)
        await page.press("down", "enter")
        assert page.rows == ["only"]
        await page.press("S", "up", "enter")
        assert page.here == "net/layer_0"  # as it was left
        assert files.read == ["graph", "other", "graph"]


async def test_one_graph_only_is_told() -> None:
    async with graph_shown() as page:
        await page.press("S")
        assert "one graph only" in page.notice


async def test_keys_hold_while_the_runs_have_the_focus() -> None:
    async with graph_shown() as page:
        await page.press("tab", "tab")
        assert not page.dashboard.has_focus_within
        await page.press("greater_than_sign")
        assert page.here == "net/layer_0/MatMul"


async def test_the_graph_of_the_run_at_the_cursor(files: Files) -> None:
    files.sources["b"] = [fake_source("graph of b")]
    files.graphs["graph of b"] = FakeGraph([("only_b", "NoOp", ())])
    store = with_graph(make_store({name: {"loss": noisy(20)} for name in "abc"}), "a", "b")
    async with graph_shown(store) as page:
        page.screen.view.focused_run = "b"
        page.dashboard.changed()
        await page.settle()
        assert page.rows == ["only_b"]
        page.screen.view.focused_run = "c"
        page.dashboard.changed()
        await page.settle()
        assert page.rows == ["only_b"]
        assert "c has no graph" in page.notice


async def test_a_graph_that_appears_is_offered(files: Files) -> None:
    async with graph_shown() as page:
        files.sources["a"] = [fake_source(), fake_source("second", "step")]
        files.graphs["second"] = FakeGraph([("new", "NoOp", ())])
        with_graph(page.screen.store, "a")
        await page.screen.data()
        await page.settle()
        assert "A new graph was written: second" in page.notice
        await page.press("S", "down", "enter")
        assert page.rows == ["new"]


async def test_what_is_wrong_with_a_graph_is_a_problem(files: Files) -> None:
    files.graphs["graph"] = FakeGraph(problems=["two nodes are called a", "and more"])
    async with graph_shown() as page:
        assert "2 problems" in page.text
        assert any("two nodes are called a" in problem.reason for problem in page.screen.store.problems())


async def test_an_error_while_reading_is_a_problem(files: Files) -> None:
    files.graphs.clear()
    async with graph_shown() as page:
        assert "can't be read" in page.text
        assert any("can't be read" in problem.reason for problem in page.screen.store.problems())
        await page.press(*"jklhz", "enter", "v", "m", "P")


async def test_hostile_names_are_harmless(files: Files) -> None:
    files.graphs["graph"] = FakeGraph(
        [(f"a{n}{text}", text, (text,)) for n, text in enumerate([*CONTROL.values(), *MARKUP.values()])]
    )
    async with graph_shown() as page:
        for key in ("j", "j", "enter", "escape", "m", "m", "O", "escape", "v", "v"):
            await page.press(key)
            assert "\x1b" not in page.text
            assert "\u202e" not in page.text


async def test_help_is_about_the_graph() -> None:
    async with graph_shown() as page:
        await page.press("question_mark")
        assert isinstance(page.screen.app.screen, HelpScreen)
        assert "In the graph" in page.text
        assert "In a full-screen chart" not in page.text
        await page.press("escape", "1", "question_mark")
        assert "In the graph" not in page.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_every_size(size: tuple[int, int]) -> None:
    async with graph_shown(size=size) as page:
        if size[0] >= 30 and size[1] >= 8:
            assert "layer_0" in page.text
        for key in (
            "j",
            "l",
            "enter",
            "j",
            "enter",
            "escape",
            "v",
            "j",
            "v",
            "m",
            "escape",
            "t",
            "tab",
            "tab",
            "P",
            "O",
        ):
            await page.press(key)


def test_a_thousand_levels() -> None:
    deep = "/".join(f"s{n}" for n in range(1000))
    graph = FakeGraph([(f"{deep}/x", "NoOp", ()), ("y", "NoOp", (f"{deep}/x",))])
    tree = Rows(graph)
    entry = graph.find(f"{deep}/x")
    assert entry is not None
    place = tree.reveal(entry)
    assert place is not None
    assert tree.rows[place] == (entry, 1000)
    tree.fold(0)
    assert len(tree) == 2


def test_a_store_without_graphs_has_no_tab() -> None:
    kind = next(kind for kind in REGISTRY if kind.id == "graphs")
    store = make_store({"a": {"loss": noisy(5)}})
    assert not kind.has_data(store)
    assert kind.has_data(with_graph(store, "a"))
