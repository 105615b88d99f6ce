"""Names of kernels made short: C++ tells return type, namespaces, every argument and every template argument."""

from __future__ import annotations

import re
from functools import lru_cache

_NAMELESS = re.compile(r"\(anonymous namespace\)::|<unnamed>::|\(anonymous class\)::")
_QUALIFIERS = re.compile(r"^(?:void|static|const|__global__)\s+")
_LITERAL = re.compile(r"^(?:-?[\d.]+\w*|true|false|nullptr|\(.*\).*|.*\*|.*&)$", re.DOTALL)
_MANGLED = re.compile(r"^_ZN?K?(?=\d|S|L)")
_IDENTIFIER = re.compile(r"L?(\d+)")
_TYPES = frozenset(
    ("float", "double", "half", "__half", "Half", "BFloat16", "__nv_bfloat16", "bfloat16_t", "half_t", "int", "long",
     "short", "char", "bool", "unsigned int", "unsigned long", "unsigned char", "signed char", "long long",
     "unsigned long long", "float2", "float4", "half2", "complex", "Float8_e4m3fn", "Float8_e5m2", "integral_constant")
)  # fmt: skip
_DULL = ("Array", "OffsetCalculator", "TrivialOffsetCalculator", "Load", "Store", "TensorIterator", "NullType")
"""What arguments of templates start with that tell nothing of what is computed."""
_WRAPPERS = frozenset(("Kernel", "Kernel2", "device_kernel", "GemmUniversal"))
"""Templates of which only the argument says anything."""


@lru_cache(maxsize=4096)
def short_kernel_name(name: str) -> str:
    """What a kernel computes, without what a compiler needs to tell it from others: the name without namespaces and
    arguments, with the first template argument that says something (a functor, or the type of the numbers).

    `void at::native::vectorized_elementwise_kernel<4, at::native::AddFunctor<float>, ...>(int, ...)` is
    `vectorized_elementwise_kernel<AddFunctor<float>>`. A name that is not understood stays as it is.
    """
    mangled = _MANGLED.match(name)
    if mangled:
        return _last_identifier(name, mangled.end()) or name
    text = _NAMELESS.sub("", name.strip())
    text = _QUALIFIERS.sub("", text)
    try:
        return _short(text) or name
    except ValueError:  # brackets that do not match
        return name


def _short(text: str) -> str:
    """The short form of a name with its template arguments, or of a type."""
    text = text.strip()
    end = next((at for at, letter in enumerate(text) if letter in "<("), len(text))
    head = text[:end].rpartition("::")[2].strip()
    if not head.strip("_") or end == len(text) or text[end] == "(":
        return head
    arguments = _split(text[end + 1 : _closing(text, end)])
    words, types = [], []
    for argument in arguments:
        if _LITERAL.match(argument) and "lambda" not in argument:
            continue
        short = _short(argument)
        base = short.partition("<")[0]
        if base in _TYPES:
            types.append(short)
        elif short and not base.startswith(_DULL):
            words.append(short)
    told = words[:1] or types[:1]
    if not told:
        return head
    return told[0] if head in _WRAPPERS else f"{head}<{told[0]}>"


def _closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` closes. Raises ValueError where it does not."""
    depth = 0
    for at in range(opening, len(text)):
        letter = text[at]
        if letter in "<({":
            depth += 1
        elif letter in ">)}" and not (letter == ">" and text[at - 1] == "-"):
            depth -= 1
            if depth == 0:
                return at
    raise ValueError("a bracket is not closed")


def _split(text: str) -> list[str]:
    """The arguments between commas that no bracket holds."""
    parts, depth, begin = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "<({":
            depth += 1
        elif letter in ">)}":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
    return [*parts, text[begin:].strip()]


def _last_identifier(name: str, at: int) -> str:
    """Of a mangled name the function's: the last of the identifiers that follow each other, each behind its length."""
    found = ""
    while match := _IDENTIFIER.match(name, at):
        at = match.end() + int(match[1])
        part = name[match.end() : at]
        if not part.startswith("_GLOBAL__N"):
            found = part
    return found
