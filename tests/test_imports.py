"""What is loaded by what: starting quickly means loading late."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tbtui.demo.writer import EventWriter
from tests.support.pty import Terminal

HEAVY = ("textual", "rich", "numpy", "plotext", "google.protobuf", "watchfiles", "PIL", "pyarrow", "asyncio")

SCRIPT = """
import atexit, json, sys
output, words = sys.argv[1], sys.argv[2:]
atexit.register(lambda: open(output, "w").write(json.dumps(sorted(sys.modules))))
from tbtui.cli import main
sys.exit(main(words))
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("logs")
    writer = EventWriter(directory / "run")
    for step in range(12):
        writer.scalar("loss", 1 / (step + 1), step)
    writer.close()
    return directory


def command(output: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(output), *words]


def heavy(modules: Path) -> set[str]:
    """Which of the heavy packages were loaded, of those in the list that the script left."""
    loaded = json.loads(modules.read_text())
    assert "tbtui.cli" in loaded
    return {package for package in HEAVY if package in loaded}


def ran(tmp_path: Path, *words: str) -> set[str]:
    modules = tmp_path / "modules"
    done = subprocess.run(
        command(modules, *words), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return heavy(modules)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["demo", "--help"], ["plot", "--help"]])
def test_what_needs_no_data_loads_nothing(tmp_path: Path, words: list[str]) -> None:
    assert ran(tmp_path, *words) == set()


def test_inspect(tmp_path: Path, logs: Path) -> None:
    assert ran(tmp_path, "inspect", "--json", str(logs)) == {"numpy"}
    assert ran(tmp_path, "inspect", str(logs)) <= {"numpy", "rich"}


def test_export(tmp_path: Path, logs: Path) -> None:
    assert ran(tmp_path, "export", str(logs)) <= {"numpy", "rich"}


def test_plot(tmp_path: Path, logs: Path) -> None:
    assert ran(tmp_path, "plot", str(logs)) <= {"numpy", "rich", "plotext"}


def test_first_frame(tmp_path: Path, logs: Path) -> None:
    modules = tmp_path / "modules"
    with Terminal(command(modules, str(logs)), (120, 35)) as terminal:
        terminal.wait_for("[\u2801-\u28ff]")
        terminal.press("q")
        assert terminal.wait() == 0
    loaded = heavy(modules)
    assert {"textual", "numpy"} <= loaded
    assert "PIL" not in loaded
    assert not loaded & {"google.protobuf", "PIL", "pyarrow"}


def test_demo_process_loads_numpy_only(tmp_path: Path) -> None:
    code = (
        "import json, pathlib, sys\n"
        "from tbtui.demo.__main__ import main\n"
        "assert main([sys.argv[1], '--steps', '2', '--fast']) == 0\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert {package for package in HEAVY if package in loaded} == {"numpy"}
