"""Display names and descriptions, with every kind of summary."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import tbtui
from tbtui.events.record import encode_record
from tbtui.widgets.descriptions import Described, described, description_line, descriptions_of
from tests.support.app import Screen, shown
from tests.support.blobs import sound_record, strings_record, text_record, wav, write_run
from tests.support.messages import message, shape, summary, tensor, value

SAID = ("Loss of training", "The **mean** over a batch.\nLower is better, see [paper](http://x).")


def numbers_record(plugin: str, tag: str, step: int, numbers: list[float], sizes: tuple[int, ...]) -> bytes:
    told = message(9, message(1, message(1, plugin)), message(2, SAID[0]), message(3, SAID[1]))
    body = tensor(1, shape(*sizes), message(4, struct.pack(f"<{len(numbers)}f", *numbers)))
    return encode_record(summary(value(tag, message(8, body), told), step=step))


RECORDS = {
    "scalars": [numbers_record("scalars", "t", step, [step * 0.5], ()) for step in range(3)],
    "histograms": [
        numbers_record("histograms", "t", step, [0.0, 1.0, 5.0, 1.0, 2.0, 3.0], (2, 3)) for step in range(3)
    ],
    "text": [text_record("t", ["hello"], (), 1, SAID)],
    "audio": [sound_record("t", [(wav([0.1, 0.2] * 50), "")], 1, SAID)],
    "images": [strings_record("images", "t", [b"1", b"1", b"GIF89a\x01\0\x01\0"], (3,), 1, described=SAID)],
}


async def settled(screen: Screen) -> None:
    for _ in range(4):
        await screen.pilot.pause()
        dashboard = screen.app.window.dashboard
        settle = getattr(dashboard, "settled", None)
        if settle is not None:
            await settle()


@pytest.mark.parametrize("kind", RECORDS)
async def test_a_key_shows_it_in_every_dashboard(kind: str, tmp_path: Path) -> None:
    write_run(tmp_path, *RECORDS[kind])
    with tbtui.open_logdir(str(tmp_path)) as opened:
        async with shown(opened.store, (120, 35)) as screen:
            await settled(screen)
            assert screen.app.window.dashboard is not None
            screen.app.window.dashboard.focus_first()
            await settled(screen)
            await screen.press("quotation_mark")
            await screen.pilot.pause()
            assert "Loss of training" in screen.text
            assert "The mean over a batch." in screen.text
            assert "Lower is better, see paper (http://x)." in screen.text
            await screen.press("quotation_mark")
            assert "Lower is better, see paper (http://x)." not in screen.text


async def test_a_full_screen_chart_says_it_beside_its_title(tmp_path: Path) -> None:
    write_run(tmp_path, *RECORDS["scalars"])
    with tbtui.open_logdir(str(tmp_path)) as opened:
        async with shown(opened.store, (150, 35)) as screen:
            assert screen.app.window.dashboard is not None
            screen.app.window.dashboard.focus_first()
            await settled(screen)
            await screen.press("enter")
            await settled(screen)
            assert "Loss of training · The mean over a batch. Lower is better, see paper." in screen.text


async def test_what_runs_say_differently_is_told_apart(tmp_path: Path) -> None:
    for run, words in (("a", "one *thing*"), ("b", "another"), ("c", "another"), ("d", "")):
        write_run(tmp_path, text_record("t", [run], (), 1, ("", words)), run=run)
    with tbtui.open_logdir(str(tmp_path)) as opened:
        runs = opened.runs()
        found = {said.words: [run.name for run in by] for said, by in descriptions_of(runs, "t").items()}
        assert found == {"one *thing*": ["a"], "another": ["b", "c"]}
        async with shown(opened.store, (100, 30)) as screen:
            await settled(screen)
            await screen.press("quotation_mark")
            assert "one thing" in screen.text
            assert "b, c" in screen.text


def test_a_line() -> None:
    assert description_line(Described("", "")) == ""
    assert description_line(Described("Name\x1b[31m", "# Head\n\n- `a` **b**\n- c")) == "Name␛[31m · Head a b c"
    assert description_line(Described("", "&#x202e;x <b>y</b>")) == "\\u202ex <b>y</b>"
    assert described(None, "t").empty


def test_a_name_that_repeats_the_tag_is_none(tmp_path: Path) -> None:
    write_run(tmp_path, text_record("a/t", ["x"], (), 1, ("t", "")), text_record("u", ["x"], (), 1, ("U", "")))
    with tbtui.open_logdir(str(tmp_path)) as opened:
        run = opened.runs()[0]
        assert described(run, "a/t").empty
        assert described(run, "u") == Described("U", "")
        assert described(run, "missing").empty
