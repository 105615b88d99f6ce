"""The documents say what is so: links lead somewhere, commands and options exist, the example runs."""

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tbtui
from tbtui.demo.writer import EventWriter

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = ("", "demo", "plot", "inspect", "export", "graph", "profile", "config")


def code_blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def options_of(command: str) -> set[str]:
    """The long options that `--help` names."""
    words = [sys.executable, "-m", "tbtui", *command.split(), "--help"]
    told = subprocess.run(
        words, capture_output=True, text=True, check=True, timeout=60, env={**os.environ, "COLUMNS": "200"}
    )
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", told.stdout))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = document.parent / path if path else document
        assert linked.exists(), f"{document.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_has_one_command_to_begin_and_one_to_test() -> None:
    commands = [line for block in code_blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    (begin,) = [line for line in commands if line.startswith("python3") and line.endswith("tbtui demo")]
    (test,) = [line for line in commands if line.startswith("python3") and "pytest" in line]
    for command in (begin, test):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    found = re.findall(r"grep -E '([^']*)' README.md", (ROOT / ".ci" / "run").read_text())
    assert [line for line in (ROOT / "README.md").read_text().splitlines() if re.search(found[0], line)] == [test]


def test_the_readme_names_only_options_that_exist() -> None:
    known = set().union(*(options_of(command) for command in COMMANDS))
    lines = [line for block in code_blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    for line in lines:
        if line.startswith("tbtui "):
            assert set(re.findall(r"(?<!\S)--[a-z-]+", line)) <= known, line


def test_usage_names_every_option_and_no_other() -> None:
    known = set().union(*(options_of(command) for command in COMMANDS))
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", (ROOT / "docs" / "usage.md").read_text()))
    assert told == known


def test_the_library_example_runs(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "logs" / "run")
    writer.scalar("loss", 0.25, 7)
    writer.close()
    (example,) = code_blocks(ROOT / "README.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["run", "loss", "1", "0.25"]


def test_every_picture_of_the_readme_has_a_size_in_its_name() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert re.fullmatch(r"screenshots/[a-z-]+-\d+x\d+\.png", picture)


def test_dependencies_are_as_many_as_the_readme_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    words = {5: "five", 6: "six", 7: "seven"}
    assert f"{words[len(project['dependencies'])]} small dependencies" in " ".join(
        (ROOT / "README.md").read_text().split()
    )


def test_the_version_has_one_source() -> None:
    told = subprocess.run([sys.executable, "-m", "tbtui", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == f"tbtui {tbtui.__version__}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", tbtui.__version__)


def test_the_list_of_keys_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_keys.py"))["document"]()
    assert (ROOT / "docs" / "keys.md").read_text() == made, "run python docs/make_keys.py"


def test_the_page_about_configuration_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_configuration.py"))["document"]()
    assert (ROOT / "docs" / "configuration.md").read_text() == made, "run python docs/make_configuration.py"
