"""Configuration: what wins over what, and that nothing which may stand in a file or variable does any harm."""

from __future__ import annotations

import itertools
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.cli import main
from tbtui.settings import THEMES, View
from tbtui.settings.config import ConfigUnreadable, Settings, options_from, settle
from tbtui.settings.files import config_file, state_folder
from tbtui.settings.option import Option
from tbtui.settings.option_table import BY_NAME, OPTIONS, of_command
from tbtui.settings.options import Options, starting_view

LASTING = [option for option in OPTIONS if not option.flag_only]

EXAMPLES: dict[str, tuple[Any, Any]] = {
    "switch": (True, False),
    "text": ("one", "two"),
    "regex": ("a.*", "b+"),
    "path": ("/tmp/one", "/tmp/two"),
    "list": (("one",), ("two", "three")),
}


def examples(option: Option) -> tuple[Any, Any]:
    """Two values that an option may have, neither of them its default."""
    if option.kind == "choice":
        return tuple(choice for choice in option.choices if choice != option.default)[:2]  # type: ignore[return-value]
    if option.within is not None:
        convert = float if option.kind == "number" else int
        return convert(max(option.within.low, 0.25 if convert is float else 1)), convert(option.within.low)
    return EXAMPLES[option.kind]


def toml(option: Option, value: Any) -> str:
    """A configuration file with one option."""
    table = f"[{option.section}]\n" if option.section else ""
    return f"{table}{option.key} = {json.dumps(list(value) if isinstance(value, tuple) else value)}\n"


def text(value: Any) -> str:
    """A value as an environment variable has it."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def settled(tmp_path: Path, content: str | bytes = "", environ: dict[str, str] | None = None, **flags: Any) -> Settings:
    file = tmp_path / "config.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return settle(flags, {"TBTUI_CONFIG": str(file), **(environ or {})})


# -- which value counts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", LASTING, ids=lambda option: option.name)
def test_flags_over_environment_over_file_over_default(option: Option, tmp_path: Path) -> None:
    one, other = examples(option)
    assert settled(tmp_path).value(option.name) == option.default
    in_file = settled(tmp_path, toml(option, one))
    assert (in_file.value(option.name), in_file.settings[option.name].source) == (one, "file")
    in_both = settled(tmp_path, toml(option, one), {option.variable: text(other)})
    assert (in_both.value(option.name), in_both.settings[option.name].source) == (other, "environment")
    if option.flags:
        in_all = settle({option.name: one}, {option.variable: text(other)})
        assert (in_all.value(option.name), in_all.settings[option.name].source) == (one, "command line")
    assert not in_file.problems + in_both.problems


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_default_may_be_given(option: Option) -> None:
    if option.default is not None:
        assert option.read(list(option.default) if isinstance(option.default, tuple) else option.default) == (
            option.default
        )


def test_the_table() -> None:
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert len({option.variable for option in OPTIONS}) == len(OPTIONS)
    fields = set(View.__dataclass_fields__)
    assert {option.view for option in OPTIONS if option.view} <= fields
    for command in ("", "demo", "plot", "inspect", "export", "config"):
        keys = [option.key for option in of_command(command)]
        assert len(set(keys)) == len(keys)


def test_defaults_of_the_table_are_those_of_the_classes() -> None:
    options = options_from(settle({}, {}), ())
    assert options == Options(logdirs=(), start=options.start, config=options.config)
    assert starting_view(options, None) == View()


def test_the_view_begins_as_configured(tmp_path: Path) -> None:
    content = 'smoothing = 0\nside_bar = "closed"\npinned = ["loss", "loss"]\nfolded = ["val"]\nx_axis = "wall"\n'
    view = starting_view(options_from(settled(tmp_path, content), ()), light=True)
    assert view == View(smoothing=0.0, side_bar=False, pinned=["loss"], folded={"val"}, x_axis="wall", theme="light")


@pytest.mark.parametrize("theme", THEMES)
def test_a_chosen_theme_is_not_the_background_s(theme: str, tmp_path: Path) -> None:
    options = options_from(settled(tmp_path, f'theme = "{theme}"'), ())
    assert starting_view(options, light=True).theme == theme


def test_flags_are_what_the_command_line_asks() -> None:
    options = options_from(settle({"smoothing": 0.9, "theme": "dark"}, {"TBTUI_X_AXIS": "wall"}), ())
    assert options.asked == {"smoothing", "theme"}


# -- what is wrong is said, and does no harm -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("smoothing = 1.5", "smoothing", "1.5 is not a weight from 0 up to, but not including, 1; 0.6 is used"),
        ("smoothing = nan", "smoothing", "nan is not a weight"),
        ("smoothing = inf", "smoothing", "inf is not"),
        ("smoothing = true", "smoothing", "true is not"),
        ('smoothing = "0.5"', "smoothing", '"0.5" is not'),
        (f"smoothing = 1{'0' * 400}", "smoothing", "a huge number is not"),
        ("chart_size = 2.0", "chart_size", "2 is not a size from 0"),
        ("chart_size = 99", "chart_size", "99 is not a size from 0"),
        ("mouse = 1", "mouse", "1 is not true or false; true is used"),
        ('theme = "pink"', "theme", '"pink" is not auto, dark, light or contrast'),
        ("run = '('", "run", "regular expression"),
        ("pinned = [1]", "pinned", "[1] is not a list of texts"),
        ("log_file = ''", "log_file", "is not a path"),
        ("smothing = 1", "smothing", "there is no such option; smoothing is one"),
        ("fresh = true", "fresh", "only be given on the command line"),
        ("[plot]\nsmooth = 2", "plot.smooth", "2 is not a weight"),
        ("plot = 2", "plot", "there is no such option"),
        ("keys = 3", "keys", "there is no such option"),
        ("[keys]\nquit = 3", "keys.quit", "3 is not a key"),
        ("[keys]\nquit = []", "keys.quit", "[] is not a key"),
        ("a = 1979-05-27", "a", "there is no such option"),
    ],
    ids=itertools.count(),
)
def test_a_wrong_value_is_one_sentence(content: str, place: str, words: str, tmp_path: Path) -> None:
    found = settled(tmp_path, content)
    (problem,) = found.problems
    assert problem.file == f"{tmp_path / 'config.toml'}: {place}"
    assert words in problem.reason
    assert all(setting.value == setting.option.default for setting in found.settings.values())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"smoothing =", "no TOML"),
        (b"\xff\xfe", "UTF-8"),
        (b"a = " + b"[" * 5000, "no TOML"),
        (b"smoothing = 0.5\nsmoothing = 0.6", "no TOML"),
        (b"#" * (9 << 20), "more than"),
    ],
    ids=["value", "encoding", "deep", "twice", "large"],
)
def test_a_file_that_cannot_be_understood_is_one_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    found = settled(tmp_path, content)
    (problem,) = found.problems
    assert problem.file == str(tmp_path / "config.toml")
    assert words in problem.reason
    assert not found.found


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert settled(tmp_path, b"\xef\xbb\xbfsmoothing = 0.5").value("smoothing") == 0.5


def test_deep_names_of_keys_end_somewhere(tmp_path: Path) -> None:
    found = settled(tmp_path, "[keys]\n" + ".".join("a" * 3000) + " = 'f5'")
    assert len(found.problems) == 1


def test_a_wrong_variable_gives_way_to_the_file(tmp_path: Path) -> None:
    found = settled(tmp_path, "smoothing = 0.3", {"TBTUI_SMOOTHING": "lots"})
    assert found.value("smoothing") == 0.3
    (problem,) = found.problems
    assert (problem.file, problem.reason.endswith("; 0.3 is used")) == ("TBTUI_SMOOTHING", True)


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    found = settle({}, {"TBTUI_CONFIG": str(tmp_path / "none")})
    assert not found.problems
    assert not found.found


@pytest.mark.parametrize("kind", ["directory", "unreadable", "pipe", "loop"])
def test_what_stands_in_the_place_of_a_file_is_one_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    match kind:
        case "directory":
            path.mkdir()
        case "unreadable":
            path.write_text("smoothing = 0.5")
            path.chmod(0)
            if os.access(path, os.R_OK):
                pytest.skip("everything may be read here")
        case "pipe":
            os.mkfifo(path)  # nobody writes: it is empty, and nobody is waited for
        case "loop":
            path.symlink_to(path)
    found = settle({}, {"TBTUI_CONFIG": str(path)})
    assert len(found.problems) == (kind != "pipe")
    assert found.value("smoothing") == 0.6


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: None], ids=["directory", "missing"])
def test_a_file_named_on_the_command_line_must_be_there(make: Any, tmp_path: Path) -> None:
    make(tmp_path / "mine.toml")
    with pytest.raises(ConfigUnreadable, match=r"mine\.toml: "):
        settle({}, {}, str(tmp_path / "mine.toml"))


def test_where_files_lie() -> None:
    assert config_file({"HOME": "/home/a"}) == "/home/a/.config/tbtui/config.toml"
    assert config_file({"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}) == "/x/tbtui/config.toml"
    assert state_folder({"HOME": "/home/a", "XDG_STATE_HOME": "relative"}) == "/home/a/.local/state/tbtui"


def test_without_a_home_there_are_only_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tbtui.settings.files._home", str)
    assert config_file({"HOME": ""}) is None
    assert not settle({}, {}).problems


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(option=st.sampled_from(OPTIONS), value=plain)
def test_reading_gives_a_value_or_words(option: Option, value: object) -> None:
    try:
        read = option.read(value)
    except ValueError as error:
        said = str(error)
    else:
        said = "it is"
        again = list(read) if isinstance(read, tuple) else read
        assert option.read(again) == read
        if option.within is not None:
            assert option.within.low <= read < option.within.high  # type: ignore[operator]
    assert said


@given(option=st.sampled_from(OPTIONS), word=st.text(max_size=20))
def test_parsing_gives_a_value_or_words(option: Option, word: str) -> None:
    try:
        said = str(option.parse(word) is not None)
    except ValueError as error:
        said = str(error)
    assert said


names = st.sampled_from([option.key for option in OPTIONS] + ["plot", "keys", "x.y", "[plot]", "[[keys]]"]) | st.text(
    st.characters(codec="utf-8"), max_size=5
)
values = st.sampled_from(["1", "0.5", "nan", "-inf", "true", '"a"', "[]", "[1, [2]]", "{a = 1}", "1979-05-27", "x", ""])
lines = st.builds("{} = {}".format, names, values) | names


@given(content=st.lists(lines, max_size=6).map("\n".join) | st.binary(max_size=40))
def test_any_file_can_be_read(tmp_path_factory: pytest.TempPathFactory, content: str | bytes) -> None:
    found = settled(tmp_path_factory.getbasetemp(), content)
    for setting in found.settings.values():
        assert setting.value == setting.option.default or setting.source == "file"
    assert all(problem.reason for problem in found.problems)
    options_from(found, ())


# -- keys ------------------------------------------------------------------------------------------------------------


def test_keys_of_the_file(tmp_path: Path) -> None:
    content = '[keys]\ntheme = "f5"\nzoom.in = ["f6", "f7"]\n"pan.left" = ","\n"pan.right" = "f8, f9"\n'
    assert settled(tmp_path, content).keys == {
        "theme": "f5",
        "zoom.in": "f6,f7",
        "pan.left": "comma",
        "pan.right": "f8,f9",
    }


# -- tbtui config ----------------------------------------------------------------------------------------------------


def test_config_says_what_is_in_force_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('smoothing = 0.9\npoll = 0\n[keys]\ntheme = "f5"\n')
    monkeypatch.setenv("TBTUI_X_AXIS", "wall")
    assert main(["config", "--config", str(file), "--no-mouse", str(tmp_path)]) == 0
    told = capsys.readouterr()
    rows = {line.split()[0]: line.split()[1:] for line in told.out.splitlines() if line}
    assert rows["smoothing"] == ["0.9", "file", "smoothing"]
    assert rows["x_axis"] == ['"wall"', "environment", "TBTUI_X_AXIS"]
    assert rows["mouse"] == ["false", "command", "line", "--mouse"]
    assert rows["purge"] == ["true", "default"]
    assert rows["keys.theme"] == ["f5", "file"]
    assert f"Configuration file: {file}\n" in told.out
    assert told.err == f"tbtui: {file}: poll: 0 is not a number of seconds (0.05 or more); not set is used\n"


def test_config_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.toml"
    file.write_text("smoothing = 0.9\nnonsense = 1\n")
    assert main(["config", "--config", str(file), "--json", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["options"]) == {option.name for option in LASTING}
    assert told["options"]["smoothing"] == {"value": 0.9, "from": "file", "place": "smoothing"}
    assert told["config_file"] == str(file)
    assert told["state_file"].startswith(told["state_folder"])
    assert [problem["place"] for problem in told["problems"]] == [f"{file}: nonsense"]


def test_a_named_file_that_is_missing_is_a_wrong_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "--config", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"tbtui: {tmp_path}/none: No such file or directory\n"


def test_flags_reach_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the file switches on, the command line can switch off."""
    file = tmp_path / "c.toml"
    file.write_text("ascii = true\npurge = false\n")
    assert main(["config", "--config", str(file), "--no-ascii", "--purge", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["options"]
    assert (told["ascii"]["value"], told["purge"]["value"]) == (False, True)


def test_the_file_is_never_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    content = "smoothing = 7\n"
    settled(tmp_path, content)
    assert file.read_text() == content
    assert list(tmp_path.iterdir()) == [file]


def test_names_can_be_written_as_toml() -> None:
    for name in BY_NAME:
        assert tomllib.loads(f"{name} = 1")


def test_the_x_axis_may_be_any_tag(tmp_path: Path) -> None:
    settings = settled(tmp_path, 'x_axis = "tag:train/epoch"\n')
    view = starting_view(options_from(settings, ["logs"]), None)
    assert (view.x_mode, view.x_tag) == ("tag", "train/epoch")
    assert View().x_mode == "step"
    assert View().x_tag == ""
    wrong = settled(tmp_path, 'x_axis = "tag:"\n')
    assert wrong.value("x_axis") == "step"
    assert "tag:NAME" in wrong.problems[0].reason
