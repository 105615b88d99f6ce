"""Hyperparameters: from the plugin, from YAML, kept until something changed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tbtui
from tbtui.demo.writer import EventWriter, hparams_start
from tbtui.store.hparams import NONE, HParamsCache, parse_yaml, plugin_hparams, yaml_hparams


def write_run(directory: Path, values: dict[str, Any] | None = None) -> None:
    writer = EventWriter(directory)
    writer.scalar("loss", 1.0, 0)
    if values is not None:
        writer.hparams("session_start_info", hparams_start(values, "group", 1.0))
    writer.close()


def test_from_the_plugin(tmp_path: Path) -> None:
    write_run(tmp_path / "a", {"lr": 0.1, "layers": 3.0, "opt": "adam", "aug": True})
    (tmp_path / "a" / "hparams.yaml").write_text("lr: 7\n")
    with tbtui.open_logdir(tmp_path) as logdir:
        found = plugin_hparams(logdir["a"])
        assert found.values == {"aug": True, "layers": 3, "lr": 0.1, "opt": "adam"}
        assert (found.source, found.group, found.problem) == ("plugin", "group", None)
        assert list(found.values) == sorted(found.values)
        cache = HParamsCache()
        assert cache.of(logdir["a"]) == found
        assert cache.of(logdir["a"]) is cache.of(logdir["a"])


def test_from_yaml_beside_the_files(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    with tbtui.open_logdir(tmp_path) as logdir:
        cache = HParamsCache()
        assert cache.of(logdir["a"]) == NONE
        (tmp_path / "a" / "hparams.yaml").write_text("lr: 0.5\n")
        assert cache.of(logdir["a"]) == NONE  # nothing new in the run: the file is not looked for at every frame
        writer = EventWriter(tmp_path / "a")
        writer.scalar("acc", 1.0, 1)
        writer.close()
        logdir.refresh()
        assert cache.of(logdir["a"]).values == {"lr": 0.5}
        assert cache.of(logdir["a"]).source == "yaml"


def test_those_of_the_run_above(tmp_path: Path) -> None:
    write_run(tmp_path / "trial", {"lr": 0.1})
    write_run(tmp_path / "trial" / "train")
    write_run(tmp_path / "other" / "train")
    with tbtui.open_logdir(tmp_path) as logdir:
        cache, find = HParamsCache(), logdir.store.run
        assert cache.nearest(logdir["trial/train"], find).values == {"lr": 0.1}
        assert cache.nearest(logdir["trial"], find).values == {"lr": 0.1}
        assert cache.nearest(logdir["other/train"], find) == NONE


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    assert yaml_hparams(str(tmp_path)) == NONE
    (tmp_path / "hparams.yaml").mkdir()
    assert "can't be read" in (yaml_hparams(str(tmp_path)).problem or "")
    other = tmp_path / "b"
    other.mkdir()
    (other / "hparams.yaml").write_bytes(b"a: \xff\xfe\n\x00: 1")
    assert "a" in yaml_hparams(str(other)).values
    (other / "hparams.yaml").write_bytes(b"a: 1\n" * 300_000)
    assert "larger" in (yaml_hparams(str(other)).problem or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("lr: 1e-3  # why", {"lr": 0.001}),
        ("lr: 0.1\nbatch: 32\nname: a b", {"lr": 0.1, "batch": 32, "name": "a b"}),
        ("a: true\nb: No\nc: null\nd: ~\ne:", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("\"q k\": 'it''s # text' # gone", {"q k": "it's # text"}),
        ('a: "x\\"y\\n" z', {"a": 'x"y\n'}),
        ("m:\n  n: 1\n  o:\n    p: 2\n  q: 3\nr: 4", {"m.n": 1, "m.o.p": 2, "m.q": 3, "r": 4}),
        ("l:\n- 1\n- two\nm:\n  - 3.5\nn: 1", {"l": [1, "two"], "m": [3.5], "n": 1}),
        ("f: [1, 2]\ng: {a: b}", {"f": "[1, 2]", "g": "{a: b}"}),
        ("u: http://x:80/y\nt: 12:30", {"u": "http://x:80/y", "t": "12:30"}),
        ("o: !!python/object:a.B", {"o": "!!python/object:a.B"}),
        ("n: 1_000\no: 007x\np: -.5\nq: +3", {"n": 1000, "o": "007x", "p": -0.5, "q": 3}),
        ("i: .inf\nj: -.INF", {"i": math.inf, "j": -math.inf}),
        ("- stray\n? odd\n[x]: 1\n# c: 1\n--- \n%d: 1\nplain words", {}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_yaml(text: str, expected: dict[str, Any]) -> None:
    assert parse_yaml(text) == expected
    assert list(map(type, parse_yaml(text).values())) == list(map(type, expected.values()))


@given(st.text(st.sampled_from("ab:- #'\"\\\n\t{}[]!|>.0123e~"), max_size=60))
def test_nothing_makes_it_fail(text: str) -> None:
    assert all(isinstance(name, str) for name in parse_yaml(text))


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
values = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False), st.booleans())


@given(st.dictionaries(names, values, max_size=6))
def test_numbers_come_back(written: dict[str, Any]) -> None:
    text = "".join(f"{name}: {str(value).lower()}\n" for name, value in written.items())
    assert parse_yaml(text) == written


def test_long_lines_cost_no_more_than_short_ones() -> None:
    assert parse_yaml("a" + " " * 500_000 + "b") == {}
    assert parse_yaml("'" * 500_001) == {}
    assert parse_yaml("a: " + " #" * 300_000)["a"] is None
