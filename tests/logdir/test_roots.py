"""Log directories of the command line: names, paths, clashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tbtui.logdir.roots import Root, parse_roots, short_names


def names(*arguments: str) -> list[str]:
    return [root.name for root in parse_roots(arguments)]


def test_one_log_directory_has_no_name(tmp_path: Path) -> None:
    assert parse_roots([str(tmp_path)]) == [Root("", str(tmp_path), str(tmp_path))]


def test_a_name_can_be_given() -> None:
    (root,) = parse_roots(["a=/logs/x"])
    assert (root.name, root.path, root.given) == ("a", "/logs/x", "/logs/x")
    assert root.qualify(".") == "a"
    assert root.qualify("train") == "a/train"


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_roots(["logs/x/.."])[0].path == str(tmp_path / "logs")


@pytest.mark.parametrize("argument", ["~/logs", "a=~/logs"])
def test_home_is_expanded_behind_a_name_too(argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert parse_roots([argument])[0].path == "/home/somebody/logs"


def test_an_existing_path_may_contain_an_equals_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lr=0.1").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse_roots(["lr=0.1"])[0] == Root("", str(tmp_path / "lr=0.1"), "lr=0.1")
    assert parse_roots(["./lr=0.2"])[0].path == str(tmp_path / "lr=0.2")
    assert parse_roots(["lr=0.2"])[0] == Root("lr", str(tmp_path / "0.2"), "0.2")


def test_several_are_named_by_the_end_of_their_paths() -> None:
    assert names("/a/x", "/b/y") == ["x", "y"]
    assert names("/a/logs", "/b/logs", "/c/other") == ["a/logs", "b/logs", "other"]
    assert names("/a/logs", "logs=/c") == ["a/logs", "logs"]


def test_names_that_cannot_be_told_apart_get_numbers() -> None:
    assert short_names(["/a"], {"a"}) == {"/a": "a-2"}
    assert short_names(["/a"], {"a", "a-2"}) == {"/a": "a-3"}


def test_the_same_directory_twice_counts_once() -> None:
    assert names("/a/x", "/a/x/") == [""]
    assert names("a=/x", "a=/x") == ["a"]
    assert names("/x", "b=/x") == ["x", "b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a=/x", "a=/y"], "two log directories are called 'a'"),
        ([""], "empty"),
        (["=x"], "NAME=PATH"),
        (["a="], "NAME="),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_roots(arguments)


def test_no_arguments_no_directories() -> None:
    assert parse_roots([]) == []
