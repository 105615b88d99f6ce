"""What surrounds the app, without a terminal: locales, refusal, the background's colour, signs in ASCII, pulses."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tbtui import terminal
from tbtui.driver import ScreenFile
from tbtui.events.proto.plugins_pb2 import HParamsPluginData
from tbtui.logdir.updates import Progress
from tbtui.store.hparams import HPARAMS_TAG
from tbtui.store.run import Run
from tbtui.widgets.fitting import fit, item
from tbtui.widgets.pulse import Pulses, end_of, main_series, went_wrong
from tests.support.app import NOW, shown
from tests.support.scalars import add_points, make_store, new_store, noisy


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "C.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
    ],
)
def test_locale(environment: dict[str, str], unicode: bool) -> None:
    assert terminal.shows_unicode(environment) is unicode


def test_refusal_says_what_can_be_done() -> None:
    read, write = os.pipe()
    sentence = terminal.refusal({"TERM": "xterm"}, read, write)
    assert sentence is not None
    assert "tbtui plot" in sentence
    os.close(read)
    os.close(write)


@pytest.mark.parametrize(
    ("reply", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", True),
        (b"\x1b]11;rgb:00/00/00\x07", False),
        (b"\x1b]11;rgb:fdf6/e3e3/d5d5\x1b\\\x1b[?62c", True),
        (b"\x1b]11;rgba:2828/2828/2828/ffff\x1b\\", False),
        (b"\x1b[?62;4c", None),
        (b"", None),
    ],
)
def test_the_background_answer(reply: bytes, light: bool | None) -> None:
    assert terminal.luminous(reply) is light


def test_signs_in_ascii_keep_their_cells() -> None:
    text = "╭─ ● ◐ ○ ⚠ ✗ … ▁█ ⣿ é 日本 e\u0301"
    assert text.encode("ascii", "tbtui_signs").decode() == "+- * ~ o ! x ~ _# : ? ???? e"


def test_a_broken_pipe_is_told_once_and_never_raised() -> None:
    told: list[int] = []
    read, write = os.pipe()
    os.close(read)
    screen = ScreenFile(write, "utf-8", lambda: told.append(1))
    for _ in range(3):
        screen.write("x")
        screen.flush()
    os.close(write)
    assert told == [1]


def test_large_texts_are_written_at_once() -> None:
    read, write = os.pipe()
    screen = ScreenFile(write, "utf-8", lambda: None)
    screen.write("ä" * 5000)
    assert len(os.read(read, 20000)) == 10000
    os.close(read)
    os.close(write)


# -- one line of items --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", range(40))
def test_items_never_overlap_and_leave_by_rank(width: int) -> None:
    from rich.style import Style

    plain = Style.null()
    left = [item(3, ("aaaa", plain)), item(1, ("bb", plain))]
    right = [item(2, ("ccc", plain)), item(4, ("dddd", plain))]
    text = "".join(piece for piece, _ in fit(left, right, width, plain))
    assert len(text) <= max(width, 0)
    kept = [sign for sign in "bcad" if sign in text]
    assert kept == list("bcad"[: len(kept)])


# -- pulses -------------------------------------------------------------------------------------------------------


def quiet(store: object) -> None:
    store.progress = Progress(1, 1, 1, quiet=True)  # type: ignore[attr-defined]


def test_a_loss_that_is_not_finite_makes_a_run_bad() -> None:
    store = make_store({"run": {"loss": noisy(50), "lr": noisy(50)}})
    quiet(store)
    pulses, run = Pulses(store), store.run("run")
    assert run is not None
    assert pulses.state(run, NOW) != "bad"
    add_points(store, "run", "loss", [float("inf")])
    run.version += 1
    assert pulses.state(run, NOW + 10) == "bad"


def test_other_tags_may_be_nan() -> None:
    store = make_store({"run": {"loss": noisy(50), "val/acc": [float("nan")]}})
    quiet(store)
    assert Pulses(store).state(store.run("run"), NOW) != "bad"  # type: ignore[arg-type]


def test_facts_are_taken_again_only_when_the_run_moved() -> None:
    store = make_store({"run": {"loss": noisy(50)}})
    pulses, run = Pulses(store), store.run("run")
    assert run is not None
    first = pulses.facts(run, NOW)
    assert pulses.facts(run, NOW + 100) is first
    run.version += 1
    assert pulses.facts(run, NOW + 0.5) is first
    assert pulses.facts(run, NOW + 100) is not first


def test_a_series_of_any_length_is_judged_by_few_values() -> None:
    store = make_store({"run": {"loss": np.linspace(1, 0.1, 300_000)}})
    series = main_series(store.run("run"))  # type: ignore[arg-type]
    assert series is not None
    assert not went_wrong(series)


def run_with_hparams(**numbers: float) -> Run:
    store = new_store("run")
    run = store.run("run")
    assert run is not None
    data = HParamsPluginData()
    for name, value in numbers.items():
        data.session_start_info.hparams[name].number_value = value
    from tbtui.events.decoder import Metadata

    run.metadata[HPARAMS_TAG] = Metadata("hparams", data.SerializeToString(), "", "", 0)
    return run


@pytest.mark.parametrize(
    ("numbers", "goal"),
    [({"max_steps": 500, "steps": 9}, 500), ({"lr": 0.1}, None), ({"steps": float("nan")}, None), ({}, None)],
)
def test_where_a_run_ends(numbers: dict[str, float], goal: int | None) -> None:
    end = end_of(run_with_hparams(**numbers), numbers)
    assert (end.step if end else None) == goal


async def test_the_title_says_when_it_ends() -> None:
    store = make_store({"run": {"loss": noisy(101)}})
    add_points(store, "run", "loss", [0.1] * 3, walls=[NOW - 3, NOW - 2, NOW - 1])
    quiet(store)
    run = store.run("run")
    assert run is not None
    run.metadata[HPARAMS_TAG] = run_with_hparams(max_steps=703).metadata[HPARAMS_TAG]
    async with shown(store) as screen:
        assert "step 103/703" in screen.lines[0]
        assert "ETA 10m" in screen.lines[0]


class SlowTerminal:
    """A writer thread whose terminal takes nothing until it is told to."""

    def __init__(self) -> None:
        from queue import Queue

        self._queue: Queue[str] = Queue(30)
        self.shown: list[str] = []

    def write(self, text: str) -> None:
        self._queue.put(text, timeout=1)

    def take(self) -> None:
        while not self._queue.empty():
            self.shown.append(self._queue.get())


def test_frames_are_left_out_whole_while_the_terminal_takes_nothing() -> None:
    from tbtui.driver import FULL_QUEUE, TerminalDriver

    driver = TerminalDriver.__new__(TerminalDriver)
    driver._leaving = driver._frames_lost = False
    slow = SlowTerminal()
    driver._writer_thread = slow  # type: ignore[assignment]
    for number in range(100):
        driver.write(f"frame {number}")
    assert driver.waiting == FULL_QUEUE
    assert not driver.recovered()
    slow.take()
    driver.write("still left out: the screen has gaps")
    assert slow.shown[-1] == f"frame {FULL_QUEUE - 1}"
    assert driver.waiting == 0
    assert driver.recovered()
    assert not driver.recovered()
    driver.write("drawn anew")
    slow.take()
    assert slow.shown[-1] == "drawn anew"


def test_leaving_is_never_left_out() -> None:
    from tbtui.driver import TerminalDriver

    driver = TerminalDriver.__new__(TerminalDriver)
    driver._leaving, driver._frames_lost = True, True
    slow = SlowTerminal()
    driver._writer_thread = slow  # type: ignore[assignment]
    driver.write("restore")
    slow.take()
    assert slow.shown == ["restore"]
