"""The command line: which words mean what, what a mistake says, what is loaded."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tbtui import __version__, cli
from tbtui.cli import find_command, main
from tests.support.logfiles import NAME, header, scalars, write
from tests.support.pty import Terminal

TBTUI = [sys.executable, "-m", "tbtui"]
HEAVY = {"numpy", "textual", "rich", "plotext", "google.protobuf", "watchfiles", "pyarrow", "PIL", "asyncio"}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path / "logs" / "run" / NAME, header(), scalars(0, 50))
    return tmp_path / "logs"


def run(*arguments: str | Path, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TBTUI, *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environ},
        cwd=cwd,
        timeout=60,
        check=False,
    )


def loaded(*arguments: str | Path) -> set[str]:
    """The heavy modules that a command line has loaded when it is done."""
    code = (
        "import sys\nfrom tbtui.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    return HEAVY & set(done.stderr.split())


@pytest.mark.parametrize(
    ("line", "command", "rest"),
    [
        ("", "", ""),
        ("logs", "", "logs"),
        ("inspect logs", "inspect", "logs"),
        ("--poll 5 inspect logs", "inspect", "--poll 5 logs"),
        ("-v inspect --json logs", "inspect", "-v --json logs"),
        ("--run demo inspect logs", "inspect", "--run demo logs"),
        ("--run=demo inspect logs", "inspect", "--run=demo logs"),
        ("logs inspect", "", "logs inspect"),
        ("demo", "demo", ""),
        ("./demo", "", "./demo"),
        ("-- demo", "", "-- demo"),
        ("a=logs plot", "", "a=logs plot"),
        ("plot plot", "plot", "plot"),
        ("--log-file plot", "", "--log-file plot"),
    ],
)
def test_the_first_word_is_the_command(line: str, command: str, rest: str) -> None:
    assert find_command(line.split()) == (command, rest.split())


def test_the_options_with_a_value_are_known() -> None:
    takers = set()
    for prepare, _ in cli._COMMANDS.values():
        for action in prepare()._actions:
            if action.option_strings and action.nargs is None:
                takers.update(action.option_strings)
    assert takers == cli.WITH_VALUE


@pytest.mark.parametrize("command", cli._COMMANDS)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: tbtui {command}".strip())
    assert max(map(len, out.splitlines())) <= 120


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"tbtui {__version__}\n"


def test_what_is_loaded(logs: Path) -> None:
    assert loaded("--version") == set()
    assert loaded("--help") == set()
    assert loaded("inspect") == set()  # a mistake
    assert loaded("inspect", "--json", logs) <= {"numpy"}
    assert loaded("export", logs) <= {"numpy"}
    assert loaded("inspect", logs) <= {"numpy", "rich"}
    assert loaded("plot", logs) <= {"numpy", "plotext"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("inspect", "LOGDIR"),
        ("inspect --nonsense logs", "--nonsense"),
        ("inspect --run ( logs", "regular expression"),
        ("plot --smooth 1 logs", "weight"),
        ("plot --smooth x logs", "weight"),
        ("plot --x time logs", "--x"),
        ("plot --width 0 logs", "cells"),
        ("plot --watch nan logs", "seconds"),
        ("inspect --poll 0 logs", "seconds"),
        ("export --format xls logs", "--format"),
        ("demo --steps none", "steps"),
        ("export -o x.xls {logs}", "--format"),
        ("inspect a={logs} a={logs}/run", "log directories"),
        ("inspect =", "NAME=PATH"),
    ],
)
def test_a_wrong_line_is_one_sentence(line: str, words: str, logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(line.format(logs=logs).split())
    except SystemExit as end:
        code = end.code
    assert code == 2
    error = capsys.readouterr().err
    assert error.startswith("tbtui: ")
    assert error.count("\n") == 1
    assert words in error


@pytest.mark.parametrize("command", ["inspect", "plot", "export"])
def test_a_missing_directory_is_one_sentence(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, str(tmp_path / "gone\x1b[2J")]) == 1
    assert capsys.readouterr().err == f"tbtui: {tmp_path}/gone␛[2J: No such file or directory\n"


def test_options_and_directories_in_any_order(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", f"a={logs}", "--json", f"b={logs / 'run'}", "--run", "^b"]) == 0
    assert '"name": "b"' in capsys.readouterr().out


def test_nothing_to_open_says_how_to_begin(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert done.returncode == 2
    assert "tbtui demo" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [[], ["."], ["demo"]])
def test_without_a_terminal_the_app_says_what_works(words: list[str], logs: Path) -> None:
    done = run(*words, cwd=logs, TERM="xterm")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "tbtui plot" in done.stderr
    assert "tbtui inspect" in done.stderr
    assert done.stdout == ""


def test_a_dumb_terminal_is_refused(logs: Path) -> None:
    with Terminal([*TBTUI, str(logs)], (80, 24), env={"TERM": "dumb"}) as terminal:
        assert terminal.wait() == 2
        assert "tbtui plot" in terminal.text.replace("\n", " ")


def test_a_reader_that_leaves_ends_it_quietly(logs: Path) -> None:
    write(logs / "long" / NAME, header(), scalars(0, 20_000))
    writer = subprocess.Popen([*TBTUI, "export", str(logs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"run,tag,step,wall_time,value\n"
    writer.stdout.close()
    assert writer.stderr is not None
    assert writer.stderr.read() == b""
    assert writer.wait(30) == cli.PIPE_CLOSED
    writer.stderr.close()


def test_an_interrupt_ends_it_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli._COMMANDS, "inspect", (cli._inspect_parser, interrupted))
    assert main(["inspect", "x"]) == cli.INTERRUPTED
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["inspect", "inspect --json", "plot", "export"])
def test_output_that_cannot_be_written_is_one_sentence(command: str, logs: Path) -> None:
    with open("/dev/full", "w") as full:
        words = [*TBTUI, *command.split(), str(logs)]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "tbtui: the output can't be written: No space left on device\n"


def test_a_table_whose_reader_has_left_ends_as_other_output_does(tmp_path: Path) -> None:
    write(tmp_path / NAME, header(), *(scalars(0, 2, f"tag{number}") for number in range(3000)))
    words = [*TBTUI, "inspect", str(tmp_path)]
    writer = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    assert writer.stderr.read() == b""
    assert writer.wait(30) == cli.PIPE_CLOSED
    writer.stderr.close()


def test_a_fault_of_ours_is_one_sentence_and_in_the_log(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> int:
        raise KeyError("\x1b[2J")

    monkeypatch.setattr("tbtui.commands.inspect.run", fails)
    assert main(["inspect", str(logs), "--log-file", str(tmp_path / "log.txt")]) == 1
    assert capsys.readouterr().err.startswith("tbtui: unexpected KeyError: ")
    assert "Traceback" in (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize("command", ["inspect", "plot", "export"])
def test_a_locale_without_unicode(command: str, tmp_path: Path) -> None:
    write(tmp_path / "läuft" / NAME, header(), scalars(0, 9, "verlust_ä日"))
    done = run(command, tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (0, "")
    if command != "export":  # a table is always UTF-8
        assert done.stdout.isascii()


def test_the_log_file(logs: Path, tmp_path: Path) -> None:
    assert run("inspect", logs, "--log-file", tmp_path / "log.txt", "-v").returncode == 0
    assert (tmp_path / "log.txt").exists()


def test_it_is_a_module_and_a_program(logs: Path) -> None:
    assert run("inspect", logs).stdout.count("loss") == 1


def test_the_app_opens_and_ends(logs: Path) -> None:
    with Terminal([*TBTUI, str(logs)], (100, 30)) as terminal:
        terminal.wait_for(r"loss")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.restored


def test_progress_is_shown_and_gone(logs: Path) -> None:
    with Terminal([*TBTUI, "inspect", str(logs)], (100, 30)) as terminal:
        assert terminal.wait() == 0
        assert "loss" in terminal.text
        assert "reading" not in terminal.text
