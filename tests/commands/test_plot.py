"""`tbtui plot`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tbtui.cli import main
from tbtui.commands import plot
from tbtui.commands.output import color_system, size
from tbtui.demo.writer import EventWriter
from tbtui.settings import Options
from tests.analysis.test_text import PAYLOADS, is_harmless
from tests.support.logfiles import NAME, append, header, scalars, write
from tests.support.pty import Terminal


def plotted(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["plot", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def has_dots(text: str) -> bool:
    return any("⠀" < char <= "⣿" for char in text)


def test_one_chart_for_each_tag_as_plain_text(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = plotted(capsys, logs)
    assert "\x1b" not in out
    assert has_dots(out)
    assert "loss" in out
    assert "train/acc" in out
    assert out.count("└") == 2


def test_width_and_height(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = plotted(capsys, logs, "--tag", "loss", "--width", "50", "--height", "12").splitlines()
    assert len(lines) == 12
    assert max(map(len, lines)) <= 50


def test_charts_stand_side_by_side_where_there_is_room(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = plotted(capsys, logs, "--width", "160").splitlines()
    assert "loss" in lines[0]
    assert "train/acc" in lines[0]


def test_colours_when_they_are_asked_for(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORTERM", raising=False)
    out = plotted(capsys, logs, "--color", "always")
    assert "\x1b[38;5;" in out or ";38;5;" in out
    assert all("\x1b" not in plotted(capsys, logs, *more) for more in ([], ["--color", "never"]))


def test_ascii(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plotted(capsys, logs, "--ascii").isascii()


def test_axes_and_smoothing_change_the_picture(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ([], ["--x", "relative"], ["--log-y"], ["--smooth", "0.9"])
    pictures = [plotted(capsys, logs, "--run", "a", "--tag", "loss", *more) for more in options]
    assert len(set(pictures)) == len(pictures)
    assert "s" in pictures[1].splitlines()[-1]


def test_nothing_to_draw(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(logs), "--tag", "nowhere"]) == 1
    error = capsys.readouterr().err
    assert error == "tbtui: there are no scalars to draw that --tag would let through\n"


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_foreign_strings_do_nothing_to_the_terminal(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = "x" + payload.encode("utf-8", "replace").decode() + "[/y]"
    write(tmp_path / NAME, header(), scalars(0, 5, tag))
    assert all(is_harmless(line) for line in plotted(capsys, tmp_path).split("\n"))


def test_watching_draws_what_was_added(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        append(logs / "b" / NAME, scalars(5, 9, "later"))

    with pytest.raises(KeyboardInterrupt):
        plot.run(Options(logdirs=[str(logs)]), plot.Picture(), watch=2.0, sleep=wait)
    out = capsys.readouterr().out
    assert waits == [2.0, 2.0]
    assert out.count("train/acc") == 2
    assert out.count("later") == 1
    assert "\x1b" not in out


def test_watching_waits_for_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def wait(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plot.run(Options(logdirs=[str(tmp_path)]), plot.Picture(), watch=2.0, sleep=wait)
    assert "waiting for scalars" in capsys.readouterr().out


def test_watching_on_a_terminal_draws_over_the_last_picture(tmp_path: Path) -> None:
    root = tmp_path / "logs"
    for number in range(9):
        write(root / NAME.replace("host", f"host{number}"), header(), scalars(0, 5, f"tag{number}"))
    command = [sys.executable, "-m", "tbtui", "plot", str(root), "--watch", "0.1"]
    with Terminal(command, (60, 30)) as terminal:
        terminal.wait_for(r"more charts are below")
        append(root / NAME.replace("host", "host0"), scalars(0, 5, "added"))
        terminal.wait_for(r"^added")
        terminal.press("ctrl+c")
        assert terminal.wait() == 130
        assert terminal.restored
        assert "Traceback" not in terminal.text


class Stream:
    encoding = "utf-8"

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "color", "environ", "expected"),
    [
        (False, "auto", {"TERM": "xterm-256color"}, None),
        (False, "always", {"TERM": "xterm-256color"}, "256"),
        (False, "always", {}, "256"),
        (True, "auto", {"TERM": "xterm-256color"}, "256"),
        (True, "auto", {"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor"),
        (True, "auto", {"TERM": "linux"}, "16"),
        (True, "auto", {"TERM": "xterm", "NO_COLOR": "1"}, "none"),
        (True, "always", {"TERM": "xterm", "NO_COLOR": "1"}, "16"),
        (True, "auto", {"TERM": "xterm", "NO_COLOR": ""}, "16"),
        (True, "never", {"TERM": "xterm"}, "none"),
        (True, "auto", {"TERM": "dumb"}, None),
        (True, "auto", {}, None),
    ],
)
def test_colours_of_streams(terminal: bool, color: str, environ: dict[str, str], expected: str | None) -> None:
    assert color_system(Stream(terminal), color, environ) == expected  # type: ignore[arg-type]


def test_size_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "132")
    monkeypatch.setenv("LINES", "no")
    assert size(Stream(False)) == (132, 24)  # type: ignore[arg-type]


def test_x_axes_and_ranges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for run in ("a", "b"):
        writer = EventWriter(tmp_path / run)
        for step in range(100):
            writer.scalar("loss", 100.0 if step == 50 else 1.0 + step / 100, step)
            if run == "a" and step % 10 == 0:
                writer.scalar("epoch", 40 + step / 10, step)
        writer.close()
    plain = plotted(capsys, tmp_path, "--tag", "loss")
    assert "100 ┤" not in plain
    assert "▴" in plain  # TensorBoard's range leaves the spike out, and that is said
    assert "100┤" in plotted(capsys, tmp_path, "--tag", "loss", "--y-range", "full").replace(" ", "")
    log = plotted(capsys, tmp_path, "--tag", "loss", "--log-x")
    assert "◂" in log
    assert log != plain
    by_epoch = plotted(capsys, tmp_path, "--tag", "loss", "--x", "tag:epoch")
    assert "1 of 2 runs lack epoch" in by_epoch
    assert by_epoch.splitlines()[-2].split() == ["40", "42", "44", "46", "48"]
    for axis in ("relative_step", "relative", "wall", "index"):
        assert has_dots(plotted(capsys, tmp_path, "--tag", "loss", "--x", axis, "--log-x"))
    assert "no points" in plotted(capsys, tmp_path, "--tag", "loss", "--x", "tag:none")
    with pytest.raises(SystemExit):
        main(["plot", str(tmp_path), "--x", "tag:"])
