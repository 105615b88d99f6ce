"""TensorProto -> NumPy, for every data type that TensorFlow and its friends write.

Nothing is believed before the bytes are there: a shape that claims more elements than its message holds is refused
(or, for the documented short forms "one value for all" and "the last value repeats", bounded).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, fields, signed32, signed64, write_varint

_NOTHING = memoryview(b"")

MAX_RANK = 32  # what every NumPy can hold
MAX_REPEATED = 1 << 20  # elements that a short form may stand for

_STRING = 7
_BFLOAT16, _HALF, _FLOAT8_E5M2, _FLOAT8_E4M3FN, _INT4, _UINT4 = 14, 19, 24, 25, 29, 30
_COMPLEX = (8, 18)
_REFERENCE = 100  # TF1 graphs add this to a type to say "a variable of it"

# Data type -> (how tensor_content holds it, number of the field that holds it as separate values)
_LAYOUT: dict[int, tuple[str, int]] = {
    1: ("<f4", 5),
    2: ("<f8", 6),
    3: ("<i4", 7),
    4: ("u1", 7),
    5: ("<i2", 7),
    6: ("i1", 7),
    8: ("<c8", 9),
    9: ("<i8", 10),
    10: ("u1", 11),  # bool
    11: ("i1", 7),  # qint8, quint8, qint32
    12: ("u1", 7),
    13: ("<i4", 7),
    _BFLOAT16: ("<u2", 13),
    15: ("<i2", 7),  # qint16, quint16
    16: ("<u2", 7),
    17: ("<u2", 7),
    18: ("<c16", 12),
    _HALF: ("<u2", 13),
    22: ("<u4", 16),
    23: ("<u8", 17),
    _FLOAT8_E5M2: ("u1", 18),
    _FLOAT8_E4M3FN: ("u1", 18),
    _INT4: ("i1", 7),
    _UINT4: ("u1", 7),
}
_VARINT_FIELDS = (7, 10, 11, 13, 16, 17)
_VALUE_FIELDS = (5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18)


class BadTensor(ValueError):
    """The bytes are no tensor that can be decoded; the text says why."""


@dataclass(slots=True)
class _Parts:
    """A TensorProto taken apart, nothing decoded yet."""

    dtype: int = 0
    shape: list[int] = field(default_factory=list)
    unknown_rank: bool = False
    content: memoryview = _NOTHING
    values: dict[int, list[memoryview]] = field(default_factory=dict)  # field number -> its pieces, packed form

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


def decode_tensor(body: bytes | memoryview) -> NDArray[Any]:
    """Decode a serialized TensorProto.

    Numbers come as the NumPy type they were written as; bfloat16 and float8 as float32, int4 and uint4 as int8 and
    uint8, strings as an object array of bytes. One value stands for the whole shape, and missing values repeat the last
    one, as TensorFlow reads them; such results may be read-only. A tensor without a shape has rank 0. Raises BadTensor.
    """
    try:
        parts = _read(memoryview(body).cast("B"))
    except BadWire as bad:
        raise BadTensor(f"not a tensor: {bad}") from None
    flat = _strings(parts) if parts.dtype == _STRING else _numbers(parts)
    if parts.unknown_rank and not parts.shape:
        return flat
    return _shaped(flat, parts.shape, parts.elements)


def single_number(body: memoryview) -> tuple[float, bool] | None:
    """The number of a tensor that holds exactly one, and whether it was a float32; None for every other tensor."""
    try:
        parts = _read(body)
        if parts.elements != 1 or parts.dtype == _STRING or parts.dtype in _COMPLEX:
            return None
        flat = _numbers(parts)
    except (BadWire, BadTensor):
        return None
    return (float(flat[0]), parts.dtype == 1) if flat.size == 1 else None


def _read(body: memoryview) -> _Parts:
    parts = _Parts()
    for key, number, piece in fields(body):
        wire, field_number = key & 7, key >> 3
        if key == 0x08:
            parts.dtype = signed32(number)
        elif key == 0x12:
            _read_shape(piece, parts)
        elif key == 0x22:
            parts.content = piece
        elif field_number in _VALUE_FIELDS:
            if wire == VARINT and field_number in _VARINT_FIELDS:
                piece = memoryview(write_varint(number))
            elif wire != BYTES and wire != {5: FIXED32, 9: FIXED32, 6: FIXED64, 12: FIXED64}.get(field_number):
                continue
            parts.values.setdefault(field_number, []).append(piece)
    if parts.dtype > _REFERENCE:
        parts.dtype -= _REFERENCE
    return parts


def _read_shape(body: memoryview, parts: _Parts) -> None:
    for key, number, dimension in fields(body):
        if key == 0x12:
            size = 0
            for inner, value, _ in fields(dimension):
                if inner == 0x08:
                    size = signed64(value)
            if size < 0:
                raise BadTensor(f"dimension {len(parts.shape)} of the tensor has size {size}")
            if len(parts.shape) == MAX_RANK:
                raise BadTensor(f"the tensor has more than {MAX_RANK} dimensions")
            parts.shape.append(size)
        elif key == 0x18:
            parts.unknown_rank = number != 0


def _strings(parts: _Parts) -> NDArray[Any]:
    pieces = parts.values.get(8, [])
    if len(parts.content) and not pieces:
        raise BadTensor("a string tensor holds raw bytes instead of strings")
    flat = np.empty(len(pieces), dtype=object)
    flat[:] = [bytes(piece) for piece in pieces]
    return flat


def _numbers(parts: _Parts) -> NDArray[Any]:
    """All elements that are written, flat, in their final type."""
    if parts.dtype not in _LAYOUT:
        raise BadTensor(f"tensors of type {parts.dtype} cannot be shown")
    layout, number = _LAYOUT[parts.dtype]
    stored: NDArray[Any]
    if len(parts.content):
        stored = _fixed(parts.content, layout).copy()
    else:
        packed = b"".join(parts.values.get(number, []))
        if number in _VARINT_FIELDS:
            varints = _varints(packed)
            if number == 13 and varints.size and int(varints.max()) > 0xFFFF:
                # torch's add_tensor writes the patterns of float32 here, which no half or bfloat16 can have.
                return varints.astype(np.uint32).view(np.float32)
            stored = varints != 0 if parts.dtype == 10 else varints.astype(layout)
        else:
            stored = _fixed(packed, layout)
    return _widened(stored, parts.dtype)


def _fixed(data: bytes | memoryview, layout: str) -> NDArray[Any]:
    """Little-endian elements of fixed width."""
    width = np.dtype(layout).itemsize
    if len(data) % width:
        raise BadTensor(f"{len(data)} bytes of tensor data are not a whole number of {width}-byte elements")
    return np.frombuffer(data, dtype=layout)


def _varints(data: bytes) -> NDArray[np.uint64]:
    """All varints of a packed field at once."""
    raw = np.frombuffer(data, dtype=np.uint8)
    if raw.size == 0:
        return np.zeros(0, dtype=np.uint64)
    ends = np.flatnonzero(raw < 0x80)
    if ends.size == 0 or ends[-1] != raw.size - 1:
        raise BadTensor("the tensor's values end inside a number")
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if int(lengths.max()) > 10:
        raise BadTensor("a number in the tensor is longer than ten bytes")
    place = np.arange(raw.size) - np.repeat(starts, lengths)
    shifted = (raw & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.add.reduceat(shifted, starts)


@np.errstate(invalid="ignore")  # a signalling NaN is no reason to print a warning over the screen
def _widened(stored: NDArray[Any], dtype: int) -> NDArray[Any]:
    """From the stored bit patterns to a type NumPy can calculate with."""
    if dtype == 10:
        return stored.astype(bool)
    if dtype == _HALF:
        return stored.view("<f2")
    if dtype == _BFLOAT16:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    if dtype == _FLOAT8_E5M2:  # the upper half of a float16
        return (stored.astype(np.uint16) << 8).view(np.float16).astype(np.float32)
    if dtype == _FLOAT8_E4M3FN:
        return _float8_e4m3fn(stored)
    if dtype == _INT4:
        return ((stored & 15) ^ 8) - np.int8(8)
    if dtype == _UINT4:
        return stored & 15
    return stored


def _float8_e4m3fn(bits: NDArray[np.uint8]) -> NDArray[np.float32]:
    """One sign, four exponent (bias 7), three fraction bits; no infinities, all ones is NaN."""
    exponent = ((bits >> 3) & 15).astype(np.int32)
    fraction = (bits & 7).astype(np.float32)
    size = np.where(exponent == 0, np.ldexp(fraction, -9), np.ldexp(8 + fraction, exponent - 10))
    size = np.where(bits & 0x7F == 0x7F, np.float32(np.nan), size)
    return np.where(bits & 0x80, -size, size).astype(np.float32)


def _shaped(flat: NDArray[Any], shape: list[int], elements: int) -> NDArray[Any]:
    if flat.size > elements:
        raise BadTensor(f"the tensor's shape {shape} holds {elements} elements, {flat.size} are written")
    if flat.size < elements:
        if flat.size == 0 or elements > MAX_REPEATED:
            raise BadTensor(f"the tensor's shape {shape} claims {elements} elements, {flat.size} are written")
        if flat.size == 1:
            return np.broadcast_to(flat, shape)
        flat = np.concatenate((flat, np.repeat(flat[-1:], elements - flat.size)))
    try:
        return flat.reshape(shape)
    except ValueError:  # an empty tensor whose other dimensions are beyond all bounds
        raise BadTensor(f"the tensor's shape {shape} is too large") from None
