"""What lies in one directory that concerns us: event files, profiler captures, directories to walk into."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

EVENT_INFIX = "tfevents"
SKIPPED = frozenset((".git", ".hg", ".svn", "node_modules", ".ipynb_checkpoints", "__pycache__", "site-packages"))
SKIPPED_IN_WANDB = frozenset(("media", "artifacts"))
TORCH_TRACE = re.compile(r"^(?P<worker>.*?)(\.\d+)?\.pt\.trace\.json(\.gz)?$", re.DOTALL)
PROFILE_FOLDER = os.path.join("plugins", "profile")
PROFILE_TOOLS = (
    ("xplane.pb", "xplane"),
    ("trace.json.gz", "trace"),
    ("trace", "trace"),
    ("tracetable", "tracetable"),
    ("op_profile.json", "op_profile"),
    ("input_pipeline.json", "input_pipeline"),
    ("input_pipeline.pb", "input_pipeline"),
    ("overview_page.json", "overview_page"),
    ("overview_page.pb", "overview_page"),
    ("memory_viewer.json", "memory_viewer"),
    ("pod_viewer.json", "pod_viewer"),
    ("tensorflow_stats.pb", "tensorflow_stats"),
    ("kernel_stats.pb", "kernel_stats"),
    ("memory_profile.json.gz", "memory_profile"),
    ("tf_data_bottleneck_analysis.json", "tf_data_bottleneck_analysis"),
)
DERIVED = ("ALL_HOSTS", "NO_MODULE")  # what viewers leave beside a capture


@dataclass(slots=True)
class Listing:
    """The names in a directory: event files, capture files, and sub-directories (True: through a symbolic link).

    `linked`: which of the files are symbolic links.
    `unsettled`: a symbolic link leads nowhere yet, so that something may appear without the directory changing.
    """

    events: set[str] = field(default_factory=set)
    captures: set[str] = field(default_factory=set)
    folders: dict[str, bool] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    unsettled: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """A profiler's file: which run and session it belongs to, on which host or worker, and what kind it is."""

    run: str
    session: str
    host: str
    tool: str


def list_directory(path: str) -> Listing:
    """Lists a directory without opening anything in it. Raises OSError when it cannot be listed.

    Symbolic links are followed. Only regular files count as event files; pipes, sockets and devices are passed over,
    and a directory named like an event file is a directory.
    """
    found = Listing()
    profile = is_profile_session(path)
    inside_wandb = f"{os.sep}wandb{os.sep}" in path
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            event = EVENT_INFIX in name
            try:
                if entry.is_dir():
                    if name not in SKIPPED and not (inside_wandb and name in SKIPPED_IN_WANDB):
                        found.folders[name] = entry.is_symlink()
                elif not event and not profile and ".pt.trace.json" not in name:
                    found.unsettled |= entry.is_symlink() and not entry.is_file()
                elif not entry.is_file():
                    found.unsettled |= entry.is_symlink()
                elif event or profile or TORCH_TRACE.match(name):
                    (found.events if event else found.captures).add(name)
                    if entry.is_symlink():
                        found.linked.add(name)
            except OSError:  # a link that leads in a circle or to where nothing answers
                found.unsettled = True
    return found


def is_profile_session(path: str) -> bool:
    """Whether a directory is `plugins/profile/<session>`."""
    if PROFILE_FOLDER not in path:
        return False
    parent = os.path.dirname(path)
    return parent.endswith(PROFILE_FOLDER) and parent[-16:-15] in ("", os.sep)


def describe_capture(path: str, relative: str, name: str) -> Capture | None:
    """What the capture file `name` in the directory `path` is; None for a viewer's cache.

    `relative` is the directory below its log directory, which may itself be a session or lie next to it. What lies
    outside of one has none: only PyTorch writes there, and its traces are said to be of the session "torch".
    """
    torch = TORCH_TRACE.match(name)
    parts = [part for part in relative.split(os.sep) if part not in ("", ".")]
    session = "torch" if torch else ""
    if is_profile_session(path):
        session = os.path.basename(path)
        parts = parts[:-3]
    run = "/".join(parts) or "."
    if torch:
        return Capture(run, session, torch["worker"], "torch_trace")
    if name.startswith(DERIVED):
        return None
    for suffix, tool in PROFILE_TOOLS:
        if name == suffix or name.endswith("." + suffix):
            return Capture(run, session, name[: -len(suffix)].rstrip("."), tool)
    return None


def is_profile_file(name: str) -> bool:
    """Whether a name is that of one of a profiler's files, by what it ends with."""
    return any(name.endswith("." + suffix) for suffix, _ in PROFILE_TOOLS)


def describe_file(path: str) -> Capture:
    """What a capture is that was named by itself: whatever it is called, it is a Chrome trace unless its name says
    something else."""
    folder, name = os.path.split(os.path.abspath(path))
    known = describe_capture(folder, ".", name)
    if known is None or not known.host:
        return Capture(".", "", name, "xplane" if name.endswith("xplane.pb") else "torch_trace")
    return known
