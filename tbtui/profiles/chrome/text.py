"""The text of a Chrome trace, piece by piece: blocks of bytes -> lists of events, and what stands around them.

The format is JSON: an object with `traceEvents`, or just the list of them. Only a piece of a few megabytes is held at a
time, however long the file is. What is not quite JSON, or cut off, is read event by event as far as it goes.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from tbtui.profiles.model import BadProfile

PIECE_BYTES = 4 << 20
"""Of text that is taken at a time: less than 50 ms of work."""
_MOST_BYTES_OF_EVENT = 16 << 20
_MOST_BYTES_AROUND = 64 << 20
_GZIP = b"\x1f\x8b"

_EVENTS = re.compile(rb'"traceEvents"\s*:\s*\[')
_BETWEEN = re.compile(rb"\}\s*,\s*\{")
_BAD_ESCAPE = re.compile(rb'\\(?!["\\/bfnrtu])')
_BARE_WORD = re.compile(
    rb"([:\[,]\s*)([A-Za-z]+/[A-Za-z]+|-?[nN]a[nN](?:\([^)]*\))?|-?inf|-?Infinity|None|undefined)(?=\s*[,\]}])"
)
_MENDED = "it has words, commas, letters or escapes that JSON does not know"
_NEEDLESS_COMMA = re.compile(rb",(?=\s*[\]}])")


class Event(msgspec.Struct, gc=False):
    """One event as it stands there; what it has of other fields is passed over."""

    ph: Any = ""
    cat: Any = ""
    name: Any = ""
    pid: Any = None
    tid: Any = None
    ts: Any = None
    dur: Any = None
    id: Any = None
    args: msgspec.Raw = msgspec.Raw(b"")


class _Written(msgspec.Struct, gc=False):
    """When an event was, as it is written."""

    ts: msgspec.Raw = msgspec.Raw(b"")


_DECODE_EVENTS = msgspec.json.Decoder(list[Event])
_DECODE_WRITTEN = msgspec.json.Decoder(list[_Written])


class Piece(msgspec.Struct, gc=False):
    """Events that follow each other, and the text they were read from (b"" where it had to be mended)."""

    events: list[Event]
    text: bytes

    def written_times(self) -> list[bytes]:
        """Of each event `ts` as it is written; none where the text is gone."""
        if not self.text:
            return []
        return [bytes(each.ts) for each in _DECODE_WRITTEN.decode(self.text)]


def blocks_of(file: BinaryIO, problems: list[str], told: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is gzipped. `told` is called with how many bytes of the file were taken;
    what it raises ends the reading. Damage is written to `problems`; raises BadProfile where it begins with it."""
    taken = 0
    unpack: Any = None
    packed = begun = complete = False
    while block := file.read(PIECE_BYTES // 16 if packed else PIECE_BYTES):
        packed = packed or (not taken and block.startswith(_GZIP))
        taken += len(block)
        if not packed:
            yield block
        while packed and block:
            if unpack is None or complete:  # several packed files behind each other are one
                block = block.lstrip(b"\0") if complete else block
                unpack, complete = zlib.decompressobj(wbits=31), not block
            try:
                yield unpack.decompress(block, PIECE_BYTES)
            except zlib.error as error:
                if not begun:
                    raise BadProfile(f"the compressed file is damaged: {error}") from None
                problems.append(f"the compressed file is damaged ({error}): read as far as it goes")
                return
            begun, complete = True, unpack.eof
            block = unpack.unused_data if complete else unpack.unconsumed_tail
        told(taken)
    if packed and not complete:
        problems.append("the compressed file is cut off: read as far as it goes")


class TraceText:
    """Goes through the text of a trace once: `pieces()`; then `around` holds the other fields of the document, and
    `problems` what was wrong with it."""

    def __init__(self, blocks: Iterable[bytes], problems: list[str]) -> None:
        self.around: dict[str, Any] = {}
        self._blocks = iter(blocks)
        self._problems = problems
        self._left = b""  # not taken yet
        self._over = False  # the blocks are
        self._ended = False  # the list of events is
        self._reason = ""  # of the first that is not quite JSON
        self._skipped = 0

    def pieces(self) -> Iterator[Piece]:
        """The events in the order of the file. Raises BadProfile where there are none because it is something else."""
        is_list = self._find_events()
        while not self._ended:
            self._fill(PIECE_BYTES)
            is_last = self._over
            at = self._last_boundary()
            piece = self._whole_piece(at) if at else None
            if piece is None:
                piece = self._one_by_one()
            if piece.events:
                yield piece
            if is_last and not piece.events:
                break
        self._finish(is_list)

    def _fill(self, size: int) -> None:
        parts, have = [self._left], len(self._left)
        while have < size and not self._over:
            block = next(self._blocks, None)
            if block is None:
                self._over = True
            else:
                parts.append(block)
                have += len(block)
        self._left = b"".join(parts)

    def _find_events(self) -> bool:
        """Goes behind the bracket that opens the list; whether that is all of the document."""
        size = PIECE_BYTES
        while True:
            self._fill(size)
            start = self._left.lstrip()
            if start[:1] == b"[":
                self._left = start[1:]
                return True
            found = _EVENTS.search(self._left)
            if found:
                self._read_around(self._left[: found.end()] + b"]}")
                self._left = self._left[found.end() :]
                return False
            size *= 2
            if not start and self._over:
                raise BadProfile("the trace is empty")
            if self._over or size > _MOST_BYTES_AROUND or start[:1] not in (b"{", b""):
                raise BadProfile(f"this is no Chrome trace: {_reason(start[:size])}")

    def _read_around(self, text: bytes) -> bool:
        for each in (text, _mended(text)):
            try:
                found = msgspec.json.decode(each)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            self.around |= {str(key): value for key, value in found.items() if key != "traceEvents"}
            return True
        return False

    def _last_boundary(self) -> int:
        """Behind the brace of the last event of which it is sure that another one follows; 0 where there is none."""
        end = len(self._left)
        while (at := self._left.rfind(b"}", 0, end)) >= 0:
            if _BETWEEN.match(self._left, at):
                return at + 1
            end = at
        return 0

    def _whole_piece(self, end: int) -> Piece | None:
        """The events up to there at once, None where they are not all good JSON."""
        text = b"[" + self._left[:end].lstrip(b" \t\r\n,") + b"]"
        try:
            events = _DECODE_EVENTS.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = _mended(text)
            try:
                events = _DECODE_EVENTS.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
            self._reason = self._reason or _MENDED
        self._left = self._left[end:]
        return Piece(events, text)

    def _one_by_one(self) -> Piece:
        """The events of what is there, each by itself, until one is not complete or the list ends."""
        mended = _mended(self._left)
        if mended != self._left:
            self._reason = self._reason or _MENDED
        text = mended.decode()
        decoder, position = json.JSONDecoder(strict=False), 0
        events: list[Event] = []
        while True:
            while position < len(text) and text[position] in " \t\r\n,":
                position += 1
            if text[position : position + 1] == "]":
                self._ended = True
                position += 1
                break
            try:
                event, position = decoder.raw_decode(text, position)
            except (ValueError, RecursionError) as error:
                if position < len(text) and (self._over or len(text) - position > _MOST_BYTES_OF_EVENT):
                    following = text.find("{", text.find("}", position) + 1)
                    self._reason = self._reason or str(error)
                    self._skipped += 1
                    position = following if following > position else len(text)
                    continue
                break
            if isinstance(event, dict):
                events.append(_from_mapping(event))
        self._left = text[position:].encode()
        if not events and not self._ended and not self._over:
            self._fill(len(self._left) + PIECE_BYTES)
        return Piece(events, b"")

    def _finish(self, is_list: bool) -> None:
        """Reads what stands behind the events, and says what was wrong."""
        if not is_list and self._ended:
            self._fill(_MOST_BYTES_AROUND)
            self._ended = self._read_around(b"{" + self._left.strip().lstrip(b","))
        if not self._ended and not (is_list and not self._skipped):
            self._problems.append(
                f"the file is cut off or not quite JSON ({self._reason or 'it ends early'}): read as far as it goes"
            )
        elif self._reason:
            lost = f", {self._skipped} places of it could not be read" if self._skipped else ""
            self._problems.append(f"the file is not quite JSON ({self._reason}){lost}")


def _mended(text: bytes) -> bytes:
    """The text without what writers of traces are known to get wrong."""
    text = _NEEDLESS_COMMA.sub(b"", _BARE_WORD.sub(rb"\1null", _BAD_ESCAPE.sub(rb"\\\\", text)))
    return text.decode("utf-8", "replace").encode()


def _from_mapping(event: Mapping[str, Any]) -> Event:
    fields = {name: event.get(name) for name in ("ph", "cat", "name", "pid", "tid", "ts", "dur", "id")}
    if isinstance(fields["name"], str):
        fields["name"] = fields["name"].encode("utf-8", "replace").decode()
    args = event.get("args")
    raw = json.dumps(args).encode() if isinstance(args, dict) else b""
    return Event(**fields, args=msgspec.Raw(raw))


def _reason(text: bytes) -> str:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    return "it has no list of traceEvents" if isinstance(found, dict) else "it is no object and no list"
