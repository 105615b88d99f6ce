"""Hyperparameters of a run: what the hparams plugin was told, else what `hparams.yaml` beside the event files says."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Value as ProtoValue

    from tbtui.store.run import Run

__all__ = ["HPARAMS_PLUGIN", "HPARAMS_TAG", "NONE", "HParams", "HParamsCache", "parse_yaml", "plugin_hparams"]

HPARAMS_PLUGIN = "hparams"
HPARAMS_TAG = "_hparams_/session_start_info"
YAML_NAME = "hparams.yaml"
YAML_BYTES = 1 << 20
"""A longer file is not read: it is no list of hyperparameters."""


class HParams(NamedTuple):
    """Hyperparameters by name, in that order: numbers (whole ones as int), strings, bools, None, lists, dicts.

    source: where they come from; group: the session group that the plugin names, "" without one; problem: why
    what is there can't be read, or None. Names and texts are as they are in the files.
    """

    values: dict[str, Any]
    source: Literal["plugin", "yaml", "none"] = "none"
    group: str = ""
    problem: str | None = None


NONE = HParams({})


class HParamsCache:
    """Hyperparameters of many runs, read once and again when they may have changed. For one thread."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, object, int, HParams]] = {}

    def of(self, run: Run) -> HParams:
        """The hyperparameters of a run; costs next to nothing while it has no new series, files or metadata.

        The YAML file is looked for whenever the run has a new series or file, and where the plugin says nothing.
        """
        metadata = run.metadata.get(HPARAMS_TAG)
        state = run.structure + run.event_files
        known = self._known.get(run.name)
        if known is not None and known[0] is run and known[1] is metadata and (known[2] == state or metadata):
            return known[3]
        found = plugin_hparams(run)
        if found.source == "none":
            found = yaml_hparams(run.path) if found.problem is None else found
        self._known[run.name] = run, metadata, state, found
        return found

    def nearest(self, run: Run, find: Callable[[str], Run | None]) -> HParams:
        """The run's own, else those of the nearest run above it that has any: `trial/train` was started by `trial`.

        find: the run of a name, like `Store.run`. The log directory's own run passes nothing on.
        """
        name = run.name
        found = self.of(run)
        while found.source == "none" and found.problem is None and "/" in name:
            name = name.rpartition("/")[0]
            above = find(name)
            found = NONE if above is None else self.of(above)
        return found


def plugin_hparams(run: Run) -> HParams:
    """What the run's session was started with by the hparams plugin; source "none" where it says nothing."""
    metadata = run.metadata.get(HPARAMS_TAG)
    if metadata is None or metadata.plugin != HPARAMS_PLUGIN:
        return NONE
    from google.protobuf.message import DecodeError

    from tbtui.events.proto.plugins_pb2 import HParamsPluginData

    try:
        data = HParamsPluginData.FromString(metadata.content)
    except DecodeError as error:
        return HParams({}, problem=f"the hyperparameters can't be read: {error}")
    if not data.HasField("session_start_info"):
        return NONE
    info = data.session_start_info
    return HParams({name: _plain(info.hparams[name]) for name in sorted(info.hparams)}, "plugin", info.group_name)


def _plain(value: ProtoValue) -> Any:
    """A google.protobuf.Value as what it stands for: whole numbers without a fraction."""
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        exact = value.number_value
        return int(exact) if exact.is_integer() and abs(exact) < 2**53 else exact
    if kind == "list_value":
        return [_plain(one) for one in value.list_value.values]
    if kind == "struct_value":
        return {name: _plain(one) for name, one in value.struct_value.fields.items()}
    if kind in ("string_value", "bool_value"):
        return getattr(value, kind)
    return None


def yaml_hparams(directory: str) -> HParams:
    """What `hparams.yaml` in a directory says; source "none" where there is no such file or nothing in it."""
    path = os.path.join(directory, YAML_NAME)
    try:
        with open(path, "rb") as file:
            raw = file.read(YAML_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return NONE
    except (OSError, ValueError) as error:
        return HParams({}, problem=f"{YAML_NAME} can't be read: {getattr(error, 'strerror', None) or error}")
    if len(raw) > YAML_BYTES:
        return HParams({}, problem=f"{YAML_NAME} is larger than {YAML_BYTES >> 20} MiB")
    values = parse_yaml(raw.decode("utf-8", "replace"))
    return HParams(dict(sorted(values.items())), "yaml") if values else NONE


_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_COLON = re.compile(r":(?=\s|$)")
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.DOTALL)
_WORDS: dict[str, Any] = {"null": None, "~": None, "": None, "true": True, "false": False, "yes": True, "no": False}
_NON_FINITE = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}


def parse_yaml(text: str) -> dict[str, Any]:
    """The part of YAML in which hyperparameters are written; what is beyond it is passed over, never an error.

    Read are `key: value` lines; nested ones become `outer.inner`; lists of `- item` lines become lists. Values are
    numbers, `true`, `false`, `null`, quoted and plain text; values in brackets or with a tag (`!!python/...`) stay the
    text that they are. Numbers like `1e-3`, which YAML 1.1 takes for text, are numbers.
    """
    found: dict[str, Any] = {}
    path: list[tuple[int, str]] = []  # indentation and full name of the mappings that are open
    empty: str | None = None  # a key without a value: a mapping or a list may follow
    for line in text.splitlines():
        body = line.lstrip(" ")
        if not body.strip() or body.startswith("#") or line.startswith(("---", "...", "%")):
            continue
        if body.startswith("- ") or body.strip() == "-":
            _append(found, empty, body[1:])
            continue
        pair = _pair(body)
        if pair is None:
            continue
        key, value = pair
        indent = len(line) - len(body)
        while path and path[-1][0] >= indent:
            path.pop()
        if path and found.get(path[-1][1], 0) is None:
            del found[path[-1][1]]  # it was the name of a mapping, not a value
        name = f"{path[-1][1]}.{key}" if path else key
        found[name] = _scalar(value)
        empty = None if value else name
        path.append((indent, name))
    return found


def _pair(body: str) -> tuple[str, str] | None:
    """Key and value of a line, the value without what stands behind it; None where it is no such line."""
    quoted = _QUOTED.match(body)
    colon = _COLON.search(body, quoted.end() if quoted else 0)
    if colon is None or body[0] in "[{&*!|>%@`#?":
        return None
    key = body[: colon.start()].strip()
    if (quoted is not None and key != quoted[0]) or " #" in key:
        return None
    return str(_scalar(key)) if quoted else key, _without_comment(body[colon.end() :])


def _append(found: dict[str, Any], key: str | None, value: str | None) -> None:
    if key is None or key not in found:
        return
    if not isinstance(found[key], list):
        found[key] = []
    found[key].append(_scalar(_without_comment(value or "")))


def _without_comment(value: str) -> str:
    """A value without what stands behind it: in quotes, `#` is text."""
    value = value.strip()
    quoted = _QUOTED.match(value)
    return quoted[0] if quoted else _COMMENT.sub("", value).strip()


def _scalar(value: str) -> Any:
    if value[:1] == "'" and value[-1:] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    if value[:1] == '"' and value[-1:] == '"' and len(value) > 1:
        return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), value[1:-1])
    word = value.lower()
    if word in _WORDS:
        return _WORDS[word]
    if word in _NON_FINITE:
        return _NON_FINITE[word]
    if _INT.fullmatch(value) and len(value) < 400:
        return int(value.replace("_", ""))
    if _FLOAT.fullmatch(value):
        return float(value.replace("_", ""))
    return value
