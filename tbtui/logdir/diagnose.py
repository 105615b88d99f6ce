"""What a file named like an event file is instead, in one sentence for the person who has to mend it."""

from __future__ import annotations

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", "git-lfs pointer, not the file itself: run git lfs pull"),
    (b"\x1f\x8b", "gzip-compressed: unpack it first (TensorBoard reads no compressed event files)"),
    (b"PK\x03\x04", "a zip archive, not an event file"),
    (b"BZh", "bzip2-compressed: unpack it first"),
    (b"\xfd7zXZ\x00", "xz-compressed: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed: unpack it first"),
    (b"\x78\x9c", "zlib-compressed: unpack it first (TensorBoard reads no compressed event files)"),
    (b"\x89PNG", "a PNG image, not an event file"),
    (b"\x89HDF", "an HDF5 file, not an event file"),
)
SAMPLE_BYTES = 512


def diagnose(head: bytes) -> str | None:
    """What a file is whose first bytes are `head` and begin no record; None when they look like nothing known.

    Only to be asked when the first record's header is wrong: a sound header says more than any signature.
    """
    for signature, sentence in SIGNATURES:
        if head.startswith(signature):
            return sentence
    sample = head[:SAMPLE_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = sample[:64].lower()
    if lowered.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "an HTML or XML page, not an event file (a download that failed?)"
    if len(head) >= 12 and is_text(sample):
        return "a text file, not an event file"
    return None


def is_text(sample: bytes) -> bool:
    """Whether bytes read as text: no control characters but white space, and UTF-8 up to the place of the cut."""
    if not sample or any(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True
