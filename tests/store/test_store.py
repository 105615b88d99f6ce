"""What the store makes of the reader's updates: classification of tags, restarts, rewritten files, problems."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tbtui.events.chunk import BlobPart, Chunk, Columns, Item, ScalarPart
from tbtui.events.parse import Metadata
from tbtui.events.parts import ScalarParts
from tbtui.events.problem import Problem
from tbtui.logdir.updates import (
    FileChunk,
    FileReset,
    FileSeen,
    Progress,
    RunGone,
    RunSeen,
    Trouble,
    TroubleOver,
    Update,
)
from tbtui.store import Store

SCALARS = Metadata("scalars", b"", "", "", 0)


def part(tag: str, steps: list[int], offset: int = 0, span: int = 0, wall: float = 1000.0) -> ScalarPart:
    n = len(steps)
    columns = Columns(
        np.array(steps, np.int64),
        wall + np.arange(n),
        np.array(steps, np.float32),
        np.arange(offset, offset + n, dtype=np.int64),
    )
    return ScalarPart(span, tag, columns, 0, n, 0)


def item(
    tag: str,
    kind: str = "tensor",
    plugin: str | None = None,
    step: int = 0,
    offset: int = 0,
    value: float | None = None,
) -> Item:
    metadata = None if plugin is None else Metadata(plugin, b"", "", "", 0)
    return Item(0, kind, tag, step, 1000.0 + step, offset, 10, 0, metadata, value)


def chunk(*found: ScalarPart | Item | BlobPart, problems: list[tuple[int, int, str]] | None = None) -> Chunk:
    scalars = [one for one in found if isinstance(one, ScalarPart)]
    items = [one for one in found if isinstance(one, Item)]
    blobs = [one for one in found if isinstance(one, BlobPart)]
    return Chunk([0], [""], ScalarParts(1, scalars), items, blobs, problems or [])


def opened(*more: Update, run: str = "a", file: str = "a/f") -> Store:
    store = Store(["logs"])
    store.apply([RunSeen(run, f"/logs/{run}"), FileSeen(run, file, (b"1", 0), f"/logs/{file}", 100), *more])
    return store


def steps_of(store: Store, tag: str, run: str = "a") -> list[int]:
    found = store.run(run)
    assert found is not None
    return found.scalars[tag].points().steps.tolist()


def test_points_of_several_chunks_and_files_become_one_series() -> None:
    store = opened(
        FileChunk("a", "a/f", chunk(part("loss", [0, 1, 2])), 0),
        FileSeen("a", "a/g", (b"2", 0), "/logs/a/g", 50),
        FileChunk("a", "a/g", chunk(part("loss", [2, 3])), 0),
        FileChunk("a", "a/f", chunk(part("loss", [3], offset=50)), 0),
    )
    assert steps_of(store, "loss") == [0, 1, 2, 3]
    run = store.run("a")
    assert run is not None
    series = run.scalars["loss"]
    assert (series.count, series.total) == (4, 6)
    assert series.superseded().steps.tolist() == [2, 3]
    assert (run.event_files, run.event_bytes, run.points) == (2, 150, 6)


def test_one_chunk_with_many_spans_goes_to_many_runs() -> None:
    both = Chunk([0, 0], ["", ""], ScalarParts(2, [part("loss", [0, 1]), part("loss", [5], span=1)]), [], [], [])
    store = Store()
    store.apply(
        [
            RunSeen("a", "/logs/a"),
            FileSeen("a", "a/f", (b"1", 0), "/logs/a/f"),
            FileChunk("a", "a/f", both, 0),
            RunSeen("b", "/logs/b"),
            FileSeen("b", "b/f", (b"1", 0), "/logs/b/f"),
            FileChunk("b", "b/f", both, 1),
        ]
    )
    assert steps_of(store, "loss", "a") == [0, 1]
    assert steps_of(store, "loss", "b") == [5]
    assert [run.name for run in store.runs()] == ["a", "b"]


def test_versions_move_only_where_something_changed() -> None:
    store = opened(FileChunk("a", "a/f", chunk(part("loss", [0]), part("acc", [0])), 0))
    run = store.run("a")
    assert run is not None
    before = store.version, run.version, run.scalars["loss"].version, run.scalars["acc"].version
    store.apply([])
    assert store.version == before[0]
    store.apply([FileChunk("a", "a/f", chunk(part("loss", [1], offset=9)), 0)])
    assert store.version > before[0]
    assert run.version > before[1]
    assert run.scalars["loss"].version > before[2]
    assert run.scalars["acc"].version == before[3]


def test_metadata_of_the_first_value_holds_for_those_without() -> None:
    store = opened(FileChunk("a", "a/f", chunk(item("w", plugin="histograms"), item("w", step=1, offset=20)), 0))
    run = store.run("a")
    assert run is not None
    assert list(run.blobs) == [("histograms", "w")]
    assert run.blobs["histograms", "w"].steps().tolist() == [0, 1]
    assert run.blobs["histograms", "w"].reference(-1).offset == 20


def test_values_before_the_metadata_are_kept_and_placed_when_it_arrives() -> None:
    store = opened(FileChunk("a", "a/f", chunk(item("w"), item("w", step=1, offset=20)), 0))
    run = store.run("a")
    assert run is not None
    assert list(run.blobs) == [("", "w")]
    store.apply([FileChunk("a", "a/f", chunk(item("w", plugin="images", step=2, offset=40)), 0)])
    assert list(run.blobs) == [("images", "w")]
    assert run.blobs["images", "w"].plugin == "images"
    assert run.blobs["images", "w"].steps().tolist() == [0, 1, 2]


def test_any_tensor_of_one_number_is_a_scalar() -> None:
    late = chunk(item("acc", value=0.5), item("acc", plugin="scalars", step=1, offset=9, value=0.1))
    store = opened(FileChunk("a", "a/f", late, 0))
    run = store.run("a")
    assert run is not None
    assert run.scalars["acc"].points().values.tolist() == [0.5, 0.1]
    assert not run.blobs


def test_a_scalar_tag_that_holds_no_number_is_a_problem_with_its_place() -> None:
    store = opened(FileChunk("a", "a/f", chunk(item("s", plugin="scalars", offset=7)), 0))
    assert [(p.file, p.offset) for p in store.problems()] == [("a/f", 7)]
    run = store.run("a")
    assert run is not None
    assert not run.scalars


def test_a_tag_that_changes_its_kind_keeps_the_first_and_says_so() -> None:
    store = opened(
        FileChunk("a", "a/f", chunk(part("x", [0, 1])), 0),
        FileChunk("a", "a/f", chunk(item("x", plugin="histograms", step=2, offset=30)), 0),
        FileChunk("a", "a/f", chunk(item("h", kind="histogram", offset=40)), 0),
        FileChunk("a", "a/f", chunk(part("h", [3], offset=50)), 0),
    )
    run = store.run("a")
    assert run is not None
    assert list(run.scalars) == ["x"]
    assert list(run.blobs) == [("histograms", "h")]
    assert [problem.offset for problem in store.problems()] == [30, 50]
    assert all("left out" in problem.reason for problem in store.problems())


def read_backwards(*of_the_earlier: ScalarPart | Item, later: list[ScalarPart | Item]) -> Store:
    """A run of two files of which the second was read first, as happens where the newest file comes first."""
    store = opened(FileSeen("a", "a/g", (b"2", 0), "/logs/a/g", 100))
    store.apply([FileChunk("a", "a/g", chunk(*later), 0), FileChunk("a", "a/f", chunk(*of_the_earlier), 0)])
    return store


def test_the_first_file_says_what_a_tag_is_whichever_is_read_first() -> None:
    store = read_backwards(
        item("k", plugin="graph_run_metadata", offset=5),
        later=[item("k", plugin="graph_run_metadata_graph", step=3, offset=5)],
    )
    run = store.run("a")
    assert run is not None
    assert list(run.blobs) == [("graph_run_metadata", "k")]
    assert run.blobs["graph_run_metadata", "k"].plugin == "graph_run_metadata"
    assert run.blobs["graph_run_metadata", "k"].steps().tolist() == [0, 3]
    assert run.metadata["k"].plugin == "graph_run_metadata"
    assert store.problems() == []


def test_values_that_do_not_fit_what_an_earlier_file_says_are_left_out_with_a_word() -> None:
    store = read_backwards(item("x", kind="histogram"), part("y", [1, 2]), later=[part("x", [7]), item("y", "image")])
    run = store.run("a")
    assert run is not None
    assert list(run.blobs) == [("histograms", "x")]
    assert list(run.scalars) == ["y"]
    assert run.points == store.points == 2
    assert [problem.file for problem in store.problems()] == ["a/g", "a/g"]


def test_a_plugin_of_the_same_class_joins_the_first() -> None:
    store = opened(
        FileChunk("a", "a/f", chunk(item("k", plugin="text"), item("k", plugin="mesh", step=1, offset=9)), 0)
    )
    run = store.run("a")
    assert run is not None
    assert list(run.blobs) == [("text", "k")]
    assert run.blobs["text", "k"].count == 2


def test_events_without_a_summary_have_their_own_places() -> None:
    found = chunk(
        item("", kind="version"),
        item("", kind="graph", offset=1),
        item("step1", kind="run_metadata", offset=2),
        item("", kind="checkpoint", step=5, offset=3),
        item("_hparams_/experiment", kind="none", plugin="hparams", offset=4),
        item("nothing", kind="none", offset=5),
    )
    run = opened(FileChunk("a", "a/f", found, 0)).run("a")
    assert run is not None
    assert set(run.blobs) == {
        ("graphs", "__run_graph__"),
        ("graph_tagged_run_metadata", "step1"),
        ("hparams", "_hparams_/experiment"),
    }
    assert [(mark.kind, mark.step) for mark in run.sessions] == [("checkpoint", 5)]
    assert run.start_time == 1000.0


def test_a_session_start_in_a_second_file_supersedes_every_tag() -> None:
    store = opened(
        FileChunk("a", "a/f", chunk(part("loss", [0, 1, 2, 3]), part("acc", [0, 1, 2, 3])), 0),
        FileSeen("a", "a/g", (b"2", 0), "/logs/a/g"),
    )
    assert steps_of(store, "acc") == [0, 1, 2, 3]
    again = chunk(item("", kind="session_start", step=2), part("loss", [2], offset=30))
    store.apply([FileChunk("a", "a/g", again, 0)])
    assert steps_of(store, "acc") == [0, 1]
    assert steps_of(store, "loss") == [0, 1, 2]


def test_a_replaced_file_takes_its_points_and_problems_along() -> None:
    store = opened(FileChunk("a", "a/f", chunk(part("old", [0, 1]), problems=[(0, 99, "bad checksum")]), 0))
    assert store.problem_count == 1
    store.apply([FileReset("a", "a/f", "replaced by another file", "replaced")])
    run = store.run("a")
    assert run is not None
    assert not run.scalars
    assert store.problem_count == 0
    store.apply([FileChunk("a", "a/f", chunk(part("new", [0])), 0)])
    assert list(run.scalars) == ["new"]
    assert run.points == 1


def test_a_truncated_file_leaves_its_past_superseded_and_only_the_last_past() -> None:
    store = opened(FileChunk("a", "a/f", chunk(part("loss", [0, 1, 2])), 0))
    for _ in range(5):
        store.apply([FileReset("a", "a/f", "cut", "truncated"), FileChunk("a", "a/f", chunk(part("loss", [7, 8])), 0)])
    run = store.run("a")
    assert run is not None
    assert steps_of(store, "loss") == [7, 8]
    assert run.scalars["loss"].superseded().steps.tolist() == [7, 8]
    assert run.scalars["loss"].total == 4


def test_trouble_comes_and_goes_and_damage_is_bounded() -> None:
    many = [(0, offset, "bad checksum") for offset in range(250)]
    store = opened(Trouble(Problem("a/locked", None, "no permission")), FileChunk("a", "a/f", chunk(problems=many), 0))
    assert store.problem_count == 251
    listed = store.problems()
    assert len(listed) == 102
    assert "150 more" in next(p.reason for p in listed if p.offset is None and p.file == "a/f")
    store.apply([TroubleOver("a/locked")])
    assert store.problem_count == 250


def test_a_run_that_is_gone_keeps_what_was_read() -> None:
    store = opened(FileChunk("a", "a/f", chunk(part("loss", [0])), 0), RunGone("a"))
    run = store.run("a")
    assert run is not None
    assert run.gone
    assert steps_of(store, "loss") == [0]
    store.apply([RunSeen("a", "/logs/a")])
    assert not run.gone


def test_odd_wall_times_do_not_move_the_start() -> None:
    found = chunk(part("n", [0], wall=float("nan")), part("z", [0], wall=0.0), part("i", [0], wall=float("-inf")))
    run = opened(FileChunk("a", "a/f", found, 0)).run("a")
    assert run is not None
    run.settled()
    assert run.start_time is None
    assert run.last_step == 0


def test_what_is_said_of_the_whole_run_does_not_move_its_last_step() -> None:
    end = item("_hparams_/session_end_info", plugin="hparams", step=0)._replace(wall=9000.0)
    run = opened(FileChunk("a", "a/f", chunk(part("loss", [0, 1, 2]), end), 0)).run("a")
    assert run is not None
    assert (run.last_step, run.last_wall) == (2, 1002.0)


def test_settling_in_pieces_changes_nothing_that_is_seen() -> None:
    parts = [part(f"t{i}", [0, 1, 2]) for i in range(10)]
    store = opened(FileChunk("a", "a/f", chunk(*parts), 0), Progress(1, 2, 3, quiet=True))
    assert store.unsettled_points == 30
    rounds = 1
    while store.settle(3):
        rounds += 1
    assert rounds == 4
    assert store.unsettled_points == 0
    assert all(steps_of(store, f"t{i}") == [0, 1, 2] for i in range(10))
    assert store.points == 30
    assert store.progress.quiet
    assert store.tags() == {f"t{i}" for i in range(10)}
    assert store.plugins() == {"scalars": 10}


def test_only_series_that_somebody_looks_at_are_put_in_place_as_points_come() -> None:
    store = opened(FileChunk("a", "a/f", chunk(part("seen", [0]), part("unseen", [0])), 0))
    assert list(store.settle_seen(1)) == []
    assert steps_of(store, "seen") == [0]
    run = store.run("a")
    assert run is not None
    for step in range(1, 6):
        parts = [part(tag, [step], offset=1000 * step) for tag in ("seen", "unseen")]
        store.apply([FileChunk("a", "a/f", chunk(*parts), 0)])
    seen, unseen = run.scalars["seen"], run.scalars["unseen"]
    waiting = [len(seen._fresh)]
    for _ in store.settle_seen(2):
        waiting.append(len(seen._fresh))
    assert waiting == [5, 3, 1, 0]
    assert len(unseen._fresh) == 6
    assert steps_of(store, "seen") == steps_of(store, "unseen") == list(range(6))
    assert list(store.settle_seen(2)) == []


def test_during_a_load_points_are_put_in_place_piece_by_piece_while_others_look_at_them() -> None:
    parts = [part(f"t{i}", [0, 1, 2]) for i in range(10)]
    store = opened(FileChunk("a", "a/f", chunk(*parts), 0))
    with ThreadPoolExecutor(1) as other:
        pieces = 0
        for _ in store.settle_during_load(4):
            pieces += 1
            assert other.submit(steps_of, store, "t9").result(10) == [0, 1, 2]
    assert pieces == 2
    assert store.unsettled_points == 0
    assert store.loading_much
