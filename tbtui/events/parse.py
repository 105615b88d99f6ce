"""One event at a time, the slow and exact way: payload of a record -> Event.

The vectorised decoder hands everything here that does not look like the common shapes. All rules of the protobuf wire
format hold: fields in any order, the last value of a number wins, the last member of a oneof wins, messages written
in pieces are joined, unknown fields and groups are skipped. Text that is no UTF-8 is mended instead of refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from tbtui.events import tensors
from tbtui.events.wire import BadWire, fields, signed32, signed64, text

_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")
_NOTHING = memoryview(b"")

_SESSION_KINDS = {1: "session_start", 2: "session_stop", 3: "checkpoint"}
_VALUE_KINDS = {4: "image", 5: "histogram", 6: "audio", 8: "tensor"}


class BadEvent(ValueError):
    """The payload is no event; the text says why."""


class Metadata(NamedTuple):
    """What a value says about its tag (SummaryMetadata)."""

    plugin: str
    content: bytes
    display_name: str
    description: str
    data_class: int  # 0 unknown, 1 scalar, 2 tensor, 3 blob sequence


@dataclass(slots=True)
class Value:
    """One value of a summary.

    kind: "scalar" (simple_value), "histogram", "image", "audio" (the TF1 messages), "tensor", or "none" (only
    metadata, or nothing). `scalar` is the number of a simple_value or of a tensor with one numeric element, `single`
    is true when that number was a float32. `body` holds the bytes of the histogram, image, audio or tensor message,
    or the four bytes of a simple_value; it is a view into the payload and lives as long as that does.
    """

    tag: str
    kind: str
    metadata: Metadata | None
    scalar: float | None
    single: bool
    body: memoryview


@dataclass(slots=True)
class Event:
    """One event.

    kind: "summary", "graph", "meta_graph", "run_metadata", "session_start", "session_stop", "checkpoint", "version",
    "log", or "none" (an event that carries nothing). `values` belong to a summary; `tag` to run_metadata; `body` is
    the serialized GraphDef, MetaGraphDef or RunMetadata (a view into the payload); `text` is the file version, the
    checkpoint's path or the log message; `writer` names the program that wrote the file (first event only).
    """

    wall: float  # seconds since 1970; whatever is written, NaN and infinities too
    step: int  # int64
    kind: str
    values: list[Value] = field(default_factory=list)
    tag: str = ""
    text: str = ""
    writer: str = ""
    body: memoryview = _NOTHING


def parse_event(payload: bytes | memoryview) -> Event:
    """Decode one record's payload. Raises BadEvent when it is no protobuf message of that shape."""
    try:
        return _event(memoryview(payload).cast("B"))
    except BadWire as bad:
        raise BadEvent(f"not an event: {bad}") from None


def _event(data: memoryview) -> Event:
    event = Event(wall=0.0, step=0, kind="none")
    what = 0  # which member of the oneof was written last
    pieces: list[memoryview] = []
    source: list[memoryview] = []
    for key, number, body in fields(data):
        if key == 0x09:
            event.wall = _DOUBLE.unpack(body)[0]
        elif key == 0x10:
            event.step = signed64(number)
        elif key in (0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x4A):
            # A second piece of the same message is joined to the first; strings and bytes (3, 4, 9) are replaced.
            if key >> 3 != what or what in (3, 4, 9):
                pieces.clear()
            what = key >> 3
            pieces.append(body)
        elif key == 0x52:
            source.append(body)
    if what == 5:
        event.kind = "summary"
        event.values = [_value(value) for piece in pieces for key, _, value in fields(piece) if key == 0x0A]
    elif what:
        _fill_other(event, what, _joined(pieces))
    if source:
        event.writer = _last_text(_joined(source), 0x0A)
    return event


def _fill_other(event: Event, what: int, body: memoryview) -> None:
    """Set what an event carries that is no summary; `what` is its field number in Event."""
    if what == 3:
        event.kind, event.text = "version", text(body)
    elif what == 4:
        event.kind, event.body = "graph", body
    elif what == 6:
        event.kind, event.text = "log", _last_text(body, 0x12)
    elif what == 7:
        status = 0
        for key, number, piece in fields(body):
            if key == 0x08:
                status = signed32(number)
            elif key == 0x12:
                event.text = text(piece)
        event.kind = _SESSION_KINDS.get(status, "none")
    elif what == 8:
        event.kind = "run_metadata"
        for key, _, piece in fields(body):
            if key == 0x0A:
                event.tag = text(piece)
            elif key == 0x12:
                event.body = piece
    else:
        event.kind, event.body = "meta_graph", body


def _value(data: memoryview) -> Value:
    tag = node_name = ""
    what = 0
    pieces: list[memoryview] = []
    metadata: list[memoryview] = []
    for key, _, body in fields(data):
        if key == 0x0A:
            tag = text(body)
        elif key == 0x3A:
            node_name = text(body)
        elif key == 0x4A:
            metadata.append(body)
        elif key in (0x15, 0x1A, 0x22, 0x2A, 0x32, 0x42):
            if key >> 3 != what or what in (2, 3):
                pieces.clear()
            what = key >> 3
            pieces.append(body)
    body = _joined(pieces)
    value = Value(
        tag=tag or node_name,
        kind=_VALUE_KINDS.get(what, "none"),
        metadata=parse_metadata(_joined(metadata)) if metadata else None,
        scalar=None,
        single=False,
        body=body,
    )
    if what == 2:
        value.kind, value.scalar, value.single = "scalar", _FLOAT.unpack(body)[0], True
    elif what == 8:
        number = tensors.single_number(body)
        if number is not None:
            value.scalar, value.single = number
    return value


def parse_metadata(data: memoryview) -> Metadata:
    """Decode a SummaryMetadata message. Raises BadWire."""
    plugin, content, display_name, description, data_class = "", b"", "", "", 0
    for key, number, body in fields(data):
        if key == 0x0A:
            for inner, _, piece in fields(body):
                if inner == 0x0A:
                    plugin = text(piece)
                elif inner == 0x12:
                    content = bytes(piece)
        elif key == 0x12:
            display_name = text(body)
        elif key == 0x1A:
            description = text(body)
        elif key == 0x20:
            data_class = signed32(number)
    return Metadata(plugin, content, display_name, description, data_class)


def _joined(pieces: list[memoryview]) -> memoryview:
    """The bytes of a message that may have been written in several pieces: merging is putting them end to end."""
    if len(pieces) == 1:
        return pieces[0]
    return memoryview(b"".join(pieces))


def _last_text(data: memoryview, wanted: int) -> str:
    found = ""
    for key, _, body in fields(data):
        if key == wanted:
            found = text(body)
    return found
