"""The audio dashboard: what it shows, every key, and players that play, fail, or are not there."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from tbtui.dashboards.audio import AudioDashboard
from tbtui.dashboards.audio.playing import Player, Playing, find_player
from tests.dashboards.listed import Listed, listed
from tests.support.blobs import sound_record, wav, write_run


def tone(hertz: float = 440.0, size: float = 0.5, seconds: float = 0.5) -> np.ndarray:
    return size * np.sin(2 * np.pi * hertz * np.arange(int(8000 * seconds)) / 8000)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for run in ("x", "y"):
        records = [
            sound_record(
                "voice",
                [
                    (wav(tone(200 + step)), "said **hello**"),
                    (wav(np.stack([tone(), tone(size=1.2)], 1), bits=24), "two"),
                ],
                step,
                ("Voice", "What it *says*"),
            )
            for step in (0, 10, 20)
        ]
        write_run(tmp_path / "logs", *records, sound_record("other", [(b"OggS" + bytes(96), "")], 5), run=run)
    return tmp_path / "logs"


def board(page: Listed) -> AudioDashboard:
    assert isinstance(page.dashboard, AudioDashboard)
    return page.dashboard


async def test_what_is_shown(logs: Path) -> None:
    async with listed(logs) as page:
        assert page.focus == ("x", "other")
        assert "Ogg sound, 100 B: only WAV is drawn" in page.text
        await page.press("n", "n")
        assert page.focus == ("x", "voice")
        assert "Voice · What it says" in page.text
        assert "sound 1 of 2 · said hello · 0.5 s · 8,000 Hz · mono · 16 bit PCM · peak -6.0 dB" in page.text
        assert "0 clipped" in page.text
        assert "step 20  3/3  newest" in page.text
        assert "⣿" in page.text
        assert "0 dB" in page.text
        pane = board(page).pane
        grounds = {seg.style.bgcolor for y in range(pane.size.height) for seg in pane.render_line(y) if seg.style}
        assert len(grounds) > 3  # a spectrogram has colours, as many as the terminal


async def test_samples(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("s")
        assert page.notice == "There is one sound at this step"
        await page.press("n", "n", "s")
        assert "sound 2 of 2 · two" in page.text
        assert "stereo · 24 bit PCM · peak 0.0 dB" in page.text
        assert " 0 clipped" not in page.text
        await page.press("[")
        assert "sound 2 of 2" in page.text
        await page.press("S")
        assert "sound 1 of 2" in page.text


async def test_steps(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "[")
        assert "step 10  2/3" in page.text
        await page.press("{")
        assert "step 0  1/3" in page.text
        await page.press("[")
        assert page.notice == "This is the first step"
        await page.press("}")
        assert "newest" in page.text
        await page.press(":")
        await page.type("12")
        assert page.notice == "The nearest step is 10"


async def test_zoom_and_pan(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "<")
        assert page.notice == "All of the sound is seen; z shows a shorter stretch"
        await page.press("Z")
        assert page.notice == "This is all of the sound"
        whole = page.text
        await page.press("z")
        assert (board(page).begin, board(page).end) == (0.25, 0.75)
        assert page.text != whole
        await page.press(">")
        assert board(page).begin == 0.375
        await page.press("l", "l", "l")
        assert page.notice == "This is the end of the sound"
        await page.press("h", "Z")
        assert (board(page).begin, board(page).end) == (0.0, 1.0)
        await page.press(*["z"] * 14)
        assert page.notice == "This is as near as it goes"
        await page.press("0")
        assert page.text == whole
        await page.press("z", "escape")
        assert page.text == whole


async def test_parts_and_frequencies(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n")
        both = page.text
        await page.press("v")
        assert page.notice == "The waveform alone"
        assert "0 dB" not in page.text.split("on PATH")[-1].split("P plays")[-1]
        await page.press("v")
        assert page.notice == "The spectrogram alone"
        assert "⣿" not in page.text
        await page.press("v")
        assert page.notice == "Waveform and spectrogram"
        assert page.text == both
        await page.press("y")
        assert page.notice == "Frequencies: linear"
        assert "4000" in page.text
        await page.press("y")
        assert page.text == both


async def test_entries(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("j", "j", "k")
        assert page.focus == ("y", "other")
        await page.press("G")
        assert page.focus == ("y", "voice")
        await page.press("n")
        assert page.notice == "This is the last sound"
        await page.press("home", "p")
        assert page.notice == "This is the first sound"
        await page.press("pagedown", "pageup", "enter")
        assert page.lines[0].startswith("other")
        await page.press("escape", "quotation_mark")
        assert "The writer says nothing" in page.screen.text


async def test_copy_and_save(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    copied: list[str] = []
    async with listed(logs) as page:
        monkeypatch.setattr(page.screen.app, "copy_to_clipboard", copied.append)
        await page.press("n", "n", "Y", "e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
    assert copied[0].startswith("x  voice  step 20  0.5 s  8,000 Hz")
    assert (tmp_path / "tbtui-voice-step-20.wav").read_bytes() == wav(tone(220))


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def wait(playing: Playing) -> None:
    until = time.monotonic() + 10
    while playing.look() and time.monotonic() < until:
        time.sleep(0.01)


def test_a_player_gets_the_bytes(tmp_path: Path) -> None:
    out = tmp_path / "got"
    player = Player("aplay", program(tmp_path / "aplay", f'cp "$2" {out}; echo "$1" >> {out}.args'))
    playing = Playing()
    playing.start(player, b"the bytes", "wav")
    wait(playing)
    assert (out.read_bytes(), playing.failure) == (b"the bytes", "")
    assert Path(f"{out}.args").read_text() == "-q\n"


def test_a_player_that_fails_says_why(tmp_path: Path) -> None:
    player = Player("paplay", program(tmp_path / "paplay", "printf 'no \\033[31mdevice\\n' >&2; exit 3"))
    playing = Playing()
    playing.start(player, b"", "wav")
    wait(playing)
    assert playing.failure == "no ␛[31mdevice"


def test_a_player_is_stopped_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    playing = Playing()
    playing.start(Player("paplay", program(tmp_path / "paplay", "exec sleep 100")), b"x", "wav")
    assert playing.running
    process = playing._process
    playing.start(Player("paplay", str(tmp_path / "paplay")), b"y", "wav")
    assert process is not None
    assert process.poll() is not None
    playing.stop()
    assert not playing.running
    assert sorted(os.listdir(tmp_path)) == ["paplay"]


def test_a_player_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Playing().start(Player("paplay", str(tmp_path / "nothing")), b"", "wav")


def test_players_are_looked_for_on_the_path() -> None:
    assert find_player(lambda name: None) is None
    assert find_player(lambda name: f"/bin/{name}" if name == "ffplay" else None) == Player("ffplay", "/bin/ffplay")
    assert Player("ffplay", "/bin/ffplay").command("/f.wav")[-1] == "/f.wav"


async def test_playing(logs: Path, tmp_path: Path) -> None:
    async with listed(logs) as page:
        board(page).player = None
        await page.press("n", "n", "P")
        assert page.notice.startswith("No player was found on PATH: pw-play, paplay")
        assert "not played: no pw-play" in page.text
        board(page).player = Player("paplay", program(tmp_path / "paplay", "exec sleep 100"))
        await page.press("P")
        assert "playing with paplay; P stops it" in page.text
        await page.press("P")
        assert page.notice == "Stopped"
        assert "P plays it with paplay" in page.text
        await page.press("P")
        process = board(page).playing._process
    assert process is not None
    assert process.poll() is not None  # ended with the app


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8), (20, 5)])
async def test_sizes(logs: Path, size: tuple[int, int]) -> None:
    async with listed(logs, size) as page:
        await page.press("n", "n", "v", "v", "v", "]", "s", "y", "z")
        assert page.screen.text.strip()


async def test_ascii_and_no_colours(logs: Path) -> None:
    async with listed(logs, ascii=True, color="never") as page:
        await page.press("n", "n")
        body = page.text.split("newest")[-1].replace("·", "")
        assert body.isascii()
        assert "|" in body


async def test_damaged(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    records = [sound_record(f"t{n}", [(rng.bytes(50), ""), (wav(tone())[: n * 9], "")], n) for n in range(8)]
    write_run(tmp_path, *records, sound_record("none", [], 1))
    async with listed(tmp_path) as page:
        assert "There is no sound in this value" in page.text
        for _ in range(8):
            await page.press("n", "s", "P")
        assert page.screen.text.strip()
