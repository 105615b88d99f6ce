"""Bytes of many files at once -> chunks: columns of scalars, items, problems."""

from __future__ import annotations

from tbtui.events.chunk import Chunk, Columns, Item, ScalarPart, Span
from tbtui.events.parse import Metadata

__all__ = ["Chunk", "Columns", "Item", "Metadata", "ScalarPart", "Span"]
