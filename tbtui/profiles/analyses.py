"""Analyses that older versions of TensorFlow's profiler left instead of what they captured: files -> tables.

`tensorflow_stats.pb`, `kernel_stats.pb`, `overview_page`, `input_pipeline`, `memory_profile.json.gz`, `op_profile.json`
and what other JSON there is. They are answers, not captures: shown as they are, nothing is computed from them. Field
numbers: tensorflow/tsl `op_metrics.proto`, `tf_stats.proto`, `kernel_stats.proto`, `overview_page.proto`,
`input_pipeline.proto`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tbtui.events.wire import FIXED32, FIXED64, VARINT, BadWire, fields, signed64
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.profiles.model import BadProfile
from tbtui.profiles.tables import Table

MOST_BYTES = 1 << 28
_DEEPEST, _MOST_ROWS = 12, 100_000
_UNKNOWN_US = 9e12  # what was never measured is written as the largest number there is
_US = {"_ns": 1e-3, "_ms": 1e3}
"""How many microseconds the units are that the columns of the files end with."""
_GZIP = b"\x1f\x8b"

FIGURES = ("what", "value")
"""The columns of single figures, one below the other."""

Message = dict[int, list[Any]]
Columns = Sequence[tuple[str, int]]

_OPERATIONS: Columns = (
    ("operation", 4), ("type", 3), ("where", 2), ("calls", 5), ("total_us", 6), ("mean_us", 7), ("self_us", 8),
    ("self_mean_us", 9), ("bound_by", 17),
)  # fmt: skip
_HOST_SHARE, _DEVICE_SHARE = 12, 10
_KERNELS: Columns = (
    ("operator", 12), ("calls", 13), ("total_ns", 7), ("min_ns", 8), ("max_ns", 9), ("grid", 6), ("block", 5),
    ("registers", 2), ("static_shared_bytes", 3), ("dynamic_shared_bytes", 4), ("occupancy_pct", 14),
    ("tensor_cores", 10), ("name", 1),
)  # fmt: skip
_TOP: Columns = (("operation", 1), ("type", 2), ("self_share", 3), ("cumulative_share", 4), ("flop_rate", 5))
_INPUT: Columns = (
    ("operation", 1), ("kind", 7), ("calls", 2), ("total_ms", 3), ("total_pct", 4), ("self_ms", 5), ("self_pct", 6),
)  # fmt: skip
_STEPS: Columns = (
    ("step", 1), ("name", 14), ("duration_ms", 2), ("other_ms", 3), ("output_ms", 5), ("device_compute_ms", 6),
    ("device_to_device_ms", 7), ("host_compute_ms", 8), ("kernel_launch_ms", 9), ("compilation_ms", 10),
    ("input_wait_ms", 11), ("input_to_device_ms", 12), ("collectives_ms", 13),
)  # fmt: skip
_ANALYSIS: Columns = (
    ("matrix unit use, percent", 1), ("device idle, percent", 2), ("host idle, percent", 3),
    ("16 bit computation, percent", 9), ("32 bit computation, percent", 10), ("device duty cycle, percent", 17),
)  # fmt: skip
_SUMMARY: Columns = (("average", 1), ("standard deviation", 2), ("minimum", 3), ("maximum", 4))
_INPUT_TIME: Columns = (
    ("reading files on demand, us", 1), ("reading files in advance, us", 2), ("preprocessing, us", 3),
    ("sending to the device, us", 4), ("input that is of no known kind, us", 5),
)  # fmt: skip
_ENVIRONMENT: Columns = (("hosts", 1), ("tasks", 2), ("device", 4), ("device cores", 5))
_MEMORY = (
    ("allocator", ()),
    ("peak_bytes", ("profileSummary", "peakStats", "peakBytesInUse")),
    ("heap_bytes", ("profileSummary", "peakStats", "heapAllocatedBytes")),
    ("stack_bytes", ("profileSummary", "peakStats", "stackReservedBytes")),
    ("free_bytes", ("profileSummary", "peakStats", "freeMemoryBytes")),
    ("lifetime_peak_bytes", ("profileSummary", "peakBytesUsageLifetime")),
    ("capacity_bytes", ("profileSummary", "memoryCapacity")),
    ("fragmentation", ("profileSummary", "peakStats", "fragmentation")),
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One table of such a file."""

    title: str
    table: Table


def read_analysis(tool: str, data: bytes) -> list[Analysis]:
    """The tables of a file of this kind (`logdir.listing.PROFILE_TOOLS`). Raises BadProfile where the kind is not read,
    and where the file is damaged."""
    if len(data) > MOST_BYTES:
        raise BadProfile(f"{_of_kind(tool, data)} is too long to be read")
    try:
        if data.startswith(_GZIP) or data.lstrip()[:1] in (b"{", b"["):
            text = zlib.decompress(data, wbits=31) if data.startswith(_GZIP) else data
            return _from_json(tool, msgspec.json.decode(text))
        if tool not in _MESSAGES:
            raise BadProfile(f"{_of_kind(tool, data)} is not read")
        return [one for one in _MESSAGES[tool](_message(data)) if one.table.rows]
    except (zlib.error, msgspec.DecodeError, BadWire, RecursionError) as error:
        raise BadProfile(f"{_of_kind(tool, data)} is damaged: {error}") from None


def _of_kind(tool: str, data: bytes) -> str:
    return f"a file of the kind {tool!r} ({len(data)} bytes)"


# -- messages ---------------------------------------------------------------------------------------------------


def _message(data: bytes) -> Message:
    """Every field of a message by its number; numbers as they are, what may be a text or a message as bytes."""
    found: Message = {}
    for tag, number, body in fields(memoryview(data)):
        match tag & 7:
            case kind if kind == VARINT:
                value: Any = signed64(number)
            case kind if kind == FIXED64:
                value = struct.unpack("<d", body)[0]
            case kind if kind == FIXED32:
                value = struct.unpack("<f", body)[0]
            case _:
                value = bytes(body)
        found.setdefault(tag >> 3, []).append(value)
    return found


def _messages(message: Message, number: int) -> list[Message]:
    """The messages that stand in a field."""
    return [_message(body) for body in message.get(number, ()) if isinstance(body, bytes)]


def _first(message: Message, number: int) -> Message:
    return next(iter(_messages(message, number)), {})


def _value(message: Message, number: int) -> Any:
    """A field as a text or a number; None where it is not written, or stands for what was not measured."""
    values = message.get(number, ())
    if len(values) > 1:
        return "x".join(str(value) for value in values)
    value = values[0] if values else None
    if isinstance(value, bytes):
        return str(value, "utf-8", "replace")
    return None if isinstance(value, float) and not abs(value) < _UNKNOWN_US else value


def _table(messages: Sequence[Message], columns: Columns) -> Table:
    """A row for each message; columns that none of them has are left out."""
    kept = [(name, number) for name, number in columns if any(number in message for message in messages)]
    return Table(
        tuple(_in_us(name) for name, _ in kept),
        [tuple(_told(name, _value(message, number)) for name, number in kept) for message in messages],
    )


def _in_us(name: str) -> str:
    """What a column of times is called: all of them are in microseconds, as those of captures."""
    return next((name.removesuffix(unit) + "_us" for unit in _US if name.endswith(unit)), name)


def _told(name: str, value: Any) -> Any:
    """The value of a column; times in microseconds."""
    unit = next((unit for unit in _US if name.endswith(unit)), None)
    return round(value * _US[unit], 6) if unit and isinstance(value, int | float) else value


def _list(title: str, *parts: tuple[Message, Columns]) -> Analysis:
    """What single figures there are, one below the other."""
    rows = [(name, _value(message, number)) for message, columns in parts for name, number in columns]
    return Analysis(title, Table(FIGURES, [row for row in rows if row[1] is not None]))


def _operations(message: Message) -> list[Analysis]:
    with_idle = _messages(_first(message, 4), 1) or _messages(_first(message, 5), 1)
    table = _table(with_idle, _OPERATIONS)
    # Each has its share of the host's time and of the device's, one of which is always 0.
    shares = [(_value(each, _HOST_SHARE) or _value(each, _DEVICE_SHARE) or 0.0,) for each in with_idle]
    rows = [row + share for row, share in zip(table.rows, shares, strict=True)]
    return [Analysis("operations", Table((*table.names, "self_share"), rows))]


def _kernels(message: Message) -> list[Analysis]:
    reports = _messages(message, 1)
    for report in reports:
        for number in (5, 6):
            report[number] = [_dimensions(report, number).encode()]
    table = _table(reports, _KERNELS)
    short = [(short_kernel_name(str(_value(report, 1) or "")),) for report in reports]
    rows = [first + row for first, row in zip(short, table.rows, strict=True)]
    return [Analysis("kernels", Table(("kernel", *table.names), rows))]


def _dimensions(report: Message, number: int) -> str:
    """How large a grid or a block is, as in 256x1x1; its numbers are written together or each by itself."""
    found: list[int] = []
    for value in report.get(number, ()):
        if isinstance(value, bytes):
            one, shift = 0, 0
            for byte in value:
                one |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    found.append(one)
                    one, shift = 0, 0
        else:
            found.append(value)
    return "x".join(map(str, found))


def _overview(message: Message) -> list[Analysis]:
    analysis, advice = _first(message, 3), _first(message, 4)
    said = _list("recommendation", (advice, (("bottleneck", 1), ("in words", 2))), (analysis, (("remark", 5),)))
    return [
        said,
        _list("overview", (analysis, _ANALYSIS), (_first(message, 6), _ENVIRONMENT)),
        Analysis("top operations on the device", _table(_messages(analysis, 4), _TOP)),
        *_input(_first(message, 2)),
    ]


def _input(message: Message) -> list[Analysis]:
    steps = [_first({2: any_.get(2, [])}, 2) for any_ in _messages(message, 4)]
    return [
        _list("step time, ms", (_first(message, 2), _SUMMARY)),
        _list("share of the step's time that waits for input, percent", (_first(message, 3), _SUMMARY)),
        Analysis("steps", _table(steps, _STEPS)),
        _list("input on the host", (_first(message, 5), _INPUT_TIME)),
        Analysis("input operations", _table(_messages(message, 6), _INPUT)),
    ]


_MESSAGES: Mapping[str, Callable[[Message], list[Analysis]]] = {
    "tensorflow_stats": _operations,
    "kernel_stats": _kernels,
    "overview_page": _overview,
    "input_pipeline": _input,
}


# -- JSON -------------------------------------------------------------------------------------------------------


def _from_json(tool: str, document: Any) -> list[Analysis]:
    if tool == "memory_profile" and isinstance(document, dict):
        return [_memory(document)]
    if tool == "op_profile" and isinstance(document, dict):
        trees = [(name, root) for name, root in document.items() if isinstance(root, dict)]
        return [Analysis(f"operations {_words(name)}", _tree(root)) for name, root in trees]
    parts = document if isinstance(document, list) else [document]
    tables = [_data_table(part) for part in parts]
    if tables and all(tables):
        return [Analysis(f"{_words(tool)} {number}", one) for number, one in enumerate(tables, 1) if one]
    rows = []
    for row in _flat("", document, 0):
        rows.append(row)
        if len(rows) == _MOST_ROWS:
            break
    return [Analysis(_words(tool), Table(FIGURES, rows))]


def _words(name: str) -> str:
    """byProgram, memory_viewer -> by program, memory viewer."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).replace("_", " ").strip()


def _data_table(part: Any) -> Table | None:
    """A table as Google's charts write it; None where it is none."""
    if not isinstance(part, dict) or not isinstance(part.get("cols"), list) or not isinstance(part.get("rows"), list):
        return None
    names = [str(col.get("label") or col.get("id") or "") if isinstance(col, dict) else "" for col in part["cols"]]
    rows = []
    for row in part["rows"]:
        cells = row.get("c", ()) if isinstance(row, dict) else ()
        values = [_plain(cell.get("v") if isinstance(cell, dict) else cell) for cell in cells or ()]
        rows.append(tuple((values + [None] * len(names))[: len(names)]))
    return Table(tuple(names), rows)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _memory(document: Mapping[str, Any]) -> Analysis:
    allocators = document.get("memoryProfilePerAllocator")
    rows = []
    for name, told in allocators.items() if isinstance(allocators, dict) else ():
        rows.append((str(name), *(_number(_at(told, path)) for _, path in _MEMORY[1:])))
    return Analysis("memory by allocator", Table(tuple(name for name, _ in _MEMORY), rows))


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> int | float | None:
    """Numbers of 64 bits stand in JSON as texts."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) else None


def _tree(root: Mapping[str, Any]) -> Table:
    """The operations of a tree, those in others set in; with what is told of their time."""
    rows: list[tuple[Any, ...]] = []
    waiting: list[tuple[int, Any]] = [(0, root)]
    while waiting and len(rows) < _MOST_ROWS:
        depth, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        metrics = node.get("metrics")
        told = metrics if isinstance(metrics, dict) else {}
        name = "  " * min(depth, _DEEPEST) + str(node.get("name", ""))
        rows.append((name, *(_number(told.get(one)) for one in ("time", "flops", "memoryBandwidth", "rawTime"))))
        children = node.get("children")
        if isinstance(children, list):
            waiting += [(depth + 1, child) for child in reversed(children)]
    return Table(("operation", "time_share", "flops_share", "memory_bandwidth_share", "time_ps"), rows)


def _flat(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """What stands in a document, each value by the names that lead to it."""
    if depth < _DEEPEST and isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{name}[{number}]", inner, depth + 1)
    else:
        yield name, _plain(value)
