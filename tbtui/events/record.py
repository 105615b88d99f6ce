"""TFRecord framing for writers: length, checksum of the length, payload, checksum of the payload."""

from __future__ import annotations

import struct

from tbtui.events.checksum import masked_crc32c

HEADER_BYTES = 12
FOOTER_BYTES = 4
OVERHEAD = HEADER_BYTES + FOOTER_BYTES


def encode_record(payload: bytes) -> bytes:
    """The record that holds `payload`, as event files carry it."""
    length = struct.pack("<Q", len(payload))
    footer = struct.pack("<I", masked_crc32c(payload))
    return b"".join((length, struct.pack("<I", masked_crc32c(length)), payload, footer))
