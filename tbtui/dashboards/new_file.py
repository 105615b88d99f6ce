"""Files that are written: always new ones, in the directory where the app was started."""

from __future__ import annotations

import io
import re
from pathlib import Path

LONGEST_NAME = 60
"""Characters of a tag that become part of a file's name."""


def new_file(directory: Path, title: str, ending: str = "csv") -> io.BufferedWriter:
    """A file that did not exist, named after a tag, to write into. Raises OSError."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", title).strip("._")[:LONGEST_NAME] or "scalars"
    number = 1
    while True:
        path = directory / (f"tbtui-{name}.{ending}" if number == 1 else f"tbtui-{name}-{number}.{ending}")
        try:
            return path.open("xb")
        except FileExistsError:
            number += 1
