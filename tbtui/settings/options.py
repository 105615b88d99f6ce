"""What the command line, the environment and the configuration file ask for. Plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


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
    theme: str | None = None
    """One of `THEMES`; None: as the terminal's background asks."""
    ascii: bool = False
    """Draw without characters outside ASCII."""
    color: str = "auto"
    """auto, always or never."""
    mouse: bool = True
    """False: the mouse stays the terminal's, for selecting text."""
    frames: float = 8.0
    """At most so many times a second are new data drawn; keys are answered at once."""
    config: str | None = None
    log_file: str | None = None
    verbose: int = 0
    keymap: dict[str, str] = field(default_factory=dict)
    """Other keys for actions: id of `widgets.keys.KEYS` -> keys, separated by commas."""
