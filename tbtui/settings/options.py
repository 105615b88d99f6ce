"""The options as one program run has them, and the view that they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tbtui.events.problem import Problem
from tbtui.settings.option import Value
from tbtui.settings.option_table import SIDE_BAR
from tbtui.settings.view import View


@dataclass(slots=True)
class Options:
    """The command line, as parsed. `logdirs` are as given: `PATH` or `NAME=PATH`."""

    logdirs: Sequence[str] = (".",)
    run: str | None = None
    """Regular expression: only runs whose name it finds."""
    tag: str | None = None
    """Regular expression: only tags that it finds."""
    purge: bool = True
    """False (`--no-purge`): superseded points count like any other."""
    poll: float | None = None
    """Seconds between two looks at the files, instead of asking the file system to tell of changes."""
    longest_record: int = 256
    """Megabytes (of 2**20 bytes): images and other values in longer records are not read when they are looked at."""
    cache: bool = True
    """False (`--no-cache`): what is read of profilers' traces is not kept for the next time, and not looked for."""
    theme: str | None = None
    """One of `THEMES`; None: as the terminal's background asks."""
    ascii: bool = False
    """Draw without characters outside ASCII."""
    color: str = "auto"
    """auto, always or never."""
    images: str = "auto"
    """One of `IMAGES`."""
    reply: bytes = b""
    """What the terminal said when it was asked what it can show (`graphics.question`)."""
    mouse: bool = True
    """False: the mouse stays the terminal's, for selecting text."""
    frames: float = 8.0
    """At most so many times a second are new data drawn; keys are answered at once."""
    max_steps: int | None = None
    """The step at which runs end; None: as their hyperparameters say."""
    log_file: str | None = None
    verbose: int = 0
    config: str = ""
    """The configuration file."""
    keymap: dict[str, str] = field(default_factory=dict)
    """Other keys for actions: id of `widgets.key_table.KEYS` -> keys, separated by commas."""
    start: dict[str, Value] = field(default_factory=dict)
    """What the view begins with: field of `View` -> value, as far as options name one."""
    asked: frozenset[str] = frozenset()
    """The fields of `View` that the command line itself names: what is remembered gives way to them."""
    fresh: bool = False
    """Begin as if nothing were remembered of these log directories."""
    remember: bool = True
    """Remember the view per set of log directories."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with the configuration; what was meant is not in force."""


def starting_view(options: Options, light: bool | None) -> View:
    """The view as the options ask for it; light: whether the terminal's background is light, None where unknown."""
    view = View(theme=options.theme or ("light" if light else "dark"))
    for name, value in options.start.items():
        match name, value:
            case "side_bar", str():
                view.side_bar = SIDE_BAR[value]
            case "folded", tuple():
                view.folded = set(value)
            case "pinned", tuple():
                view.pinned = list(dict.fromkeys(value))
            case _:
                setattr(view, name, value)
    return view
