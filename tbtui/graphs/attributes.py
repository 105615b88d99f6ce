"""What the attributes of a node say, in words: numbers, types, shapes, tensors, functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tbtui.graphs.model import Attribute, Shape

if TYPE_CHECKING:
    from tbtui.events.proto.graph_pb2 import AttrValue, NodeDef
    from tbtui.events.proto.tensor_pb2 import TensorProto, TensorShapeProto

MOST_CHARACTERS = 200
"""Longer texts are cut, with their length."""
MOST_VALUES = 8
"""Longer lists and tensors are cut, with their length."""
BIG = 1024
"""Attributes of more bytes are told by their size alone, as TensorBoard does."""

DTYPES = {
    0: "", 1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64",
    9: "int64", 10: "bool", 11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16",
    17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
    24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4",
}  # fmt: skip
_BYTES = {
    "float32": 4, "float64": 8, "int32": 4, "uint8": 1, "int16": 2, "int8": 1, "complex64": 8, "int64": 8, "bool": 1,
    "qint8": 1, "quint8": 1, "qint32": 4, "bfloat16": 2, "qint16": 2, "quint16": 2, "uint16": 2, "complex128": 16,
    "float16": 2, "uint32": 4, "uint64": 8, "float8_e5m2": 1, "float8_e4m3fn": 1, "int4": 1, "uint4": 1,
}  # fmt: skip
_REFERENCE = 100
_RESULT_TYPES = ("dtype", "output_dtype", "DstT", "out_type", "Tout", "output_types", "component_types", "T")
_BOOLEAN_OPS = frozenset(
    ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr", "LogicalNot")
)


def type_name(number: int) -> str:
    """The name of a data type; "" for 0, a trailing * for the reference types of TF1."""
    if number > _REFERENCE:
        return type_name(number - _REFERENCE) + "*"
    return DTYPES.get(number, f"type {number}")


def element_bytes(dtype: str) -> int:
    """Bytes of one element; 4 where the type is not known."""
    return _BYTES.get(dtype.rstrip("*"), 4)


def shape_text(shape: Shape) -> str:
    """ "2×?×16", "scalar", or "" for an unknown one."""
    if shape is None:
        return ""
    return "×".join("?" if size < 0 else str(size) for size in shape) or "scalar"


def tensor_text(dtype: str, shape: Shape) -> str:
    """Type and shape as they stand at an edge. A handle has no shape of its own: "resource 4×3" holds one of that."""
    if dtype in ("resource", "variant") and not shape:
        return dtype
    return " ".join(part for part in (dtype, shape_text(shape)) if part)


def numbers_in(shape: Shape) -> int | None:
    """How many numbers a tensor of that shape has; None where the shape does not say."""
    if shape is None or any(size < 0 for size in shape):
        return None
    return math.prod(shape)


def node_attributes(node: NodeDef) -> list[Attribute]:
    """All attributes of a node but the shapes of its outputs, by name."""
    return [
        Attribute(name, attribute_text(node.attr[name]), node.attr[name].ByteSize())
        for name in sorted(node.attr)
        if name != "_output_shapes"
    ]


def node_results(node: NodeDef) -> list[tuple[str, Shape]]:
    """Data type and shape of each output, as far as the attributes tell."""
    attr = node.attr
    shapes: list[Shape] = []
    if node.op == "VarHandleOp":
        shapes = [variable_result(node)[1]]
    elif "_output_shapes" in attr:
        shapes = [shape_of(shape) for shape in attr["_output_shapes"].list.shape]
    elif node.op in ("Const", "HostConst") and attr["value"].WhichOneof("value") == "tensor":
        shapes = [shape_of(attr["value"].tensor.tensor_shape)]
    elif "shape" in attr and attr["shape"].WhichOneof("value") == "shape":
        shapes = [shape_of(attr["shape"].shape)]
    types: list[str] = ["bool"] if node.op in _BOOLEAN_OPS else []
    for name in _RESULT_TYPES:
        if types or name not in attr:
            continue
        value = attr[name]
        if value.WhichOneof("value") == "type":
            types = [type_name(value.type)]
        elif value.WhichOneof("value") == "list":
            types = [type_name(one) for one in value.list.type]
    if node.op in ("VarHandleOp", "HashTableV2"):
        types = ["resource"]
    count = max(len(shapes), len(types))
    if len(types) == 1:
        types *= count
    return [
        (types[i] if i < len(types) else "", shapes[i] if i < len(shapes) else None) for i in range(min(count, 1000))
    ]


def variable_result(node: NodeDef) -> tuple[str, Shape]:
    """Data type and shape of the variable a node stands for."""
    attr = node.attr
    dtype = type_name(attr["dtype"].type) if "dtype" in attr else ""
    if "shape" in attr and attr["shape"].WhichOneof("value") == "shape":
        return dtype, shape_of(attr["shape"].shape)
    if "_output_shapes" in attr and attr["_output_shapes"].list.shape:
        return dtype, shape_of(attr["_output_shapes"].list.shape[0])
    return dtype, None


def called_functions(node: NodeDef) -> list[str]:
    """Names of the functions that the attributes of a node name."""
    names = []
    for key in sorted(node.attr):
        value = node.attr[key]
        kind = value.WhichOneof("value")
        if kind == "func":
            names.append(value.func.name)
        elif kind == "list":
            names += [one.name for one in value.list.func]
    return names


def shape_of(shape: TensorShapeProto) -> Shape:
    """Sizes, -1 for open ones; None for an unknown rank."""
    return None if shape.unknown_rank else tuple(max(-1, dim.size) for dim in shape.dim)


def attribute_text(value: AttrValue) -> str:
    """One attribute in a few words."""
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "tensor":
        return _tensor(value.tensor)
    if kind == "list":
        return _list(value.list)
    size = value.ByteSize()
    if size > BIG:
        return f"{size:,} bytes"
    return _one(kind, getattr(value, kind))


def _one(kind: str, value: Any) -> str:
    """A single value of a kind that AttrValue and its lists share."""
    if kind == "s":
        return bytes_text(value)
    if kind == "b":
        return "true" if value else "false"
    if kind == "f":
        return f"{value:.7g}"
    if kind == "type":
        return type_name(value) or "(no type)"
    if kind == "shape":
        sizes = shape_of(value)
        return "unknown shape" if sizes is None else "[" + ", ".join(_size(size) for size in sizes) + "]"
    if kind == "tensor":
        return _tensor(value)
    if kind == "func":
        return f"function {value.name}"
    return cut_text(str(value))


def _size(size: int) -> str:
    return "?" if size < 0 else str(size)


def _list(value: AttrValue.ListValue) -> str:
    for kind in ("s", "i", "f", "b", "type", "shape", "tensor", "func"):
        values = getattr(value, kind)
        if len(values):
            shown = [_one(kind, one) for one in values[:MOST_VALUES]]
            more = [f"… {len(values):,} in all"] if len(values) > MOST_VALUES else []
            return "[" + ", ".join(shown + more) + "]"
    return "[]"


def _tensor(tensor: TensorProto) -> str:
    """Type and shape of a tensor, and its values where they are few."""
    from tbtui.events.tensors import BadTensor, decode_tensor

    about = tensor_text(type_name(tensor.dtype), shape_of(tensor.tensor_shape))
    size = tensor.ByteSize()
    if size > BIG:
        return f"{about}, {size:,} bytes"
    try:
        values = decode_tensor(memoryview(tensor.SerializeToString())).reshape(-1)
    except BadTensor as bad:
        return f"{about}: {bad}"
    shown = [_element(one) for one in values[:MOST_VALUES].tolist()]
    more = [f"… {len(values):,} in all"] if len(values) > MOST_VALUES else []
    return f"{about}: {', '.join(shown + more)}" if len(values) else about


def _element(value: Any) -> str:
    if isinstance(value, bytes):
        return bytes_text(value)
    return f"{value:.7g}" if isinstance(value, float | complex) else str(value).lower()


def bytes_text(value: bytes) -> str:
    """Bytes as text where they are such, in quotes; else their number."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return f"{len(value):,} bytes"
    return f'"{cut_text(text)}"'


def cut_text(text: str) -> str:
    """A text short enough for a line or two."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}… ({len(text):,} characters)"
