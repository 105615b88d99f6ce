"""The code of the installed TensorBoard's dashboards, and Node.js to run pieces of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import tensorboard


def why_not(program: str) -> str:
    """Why a program made of pieces can't be run here, "" where it can; it is "" where the pieces were not found."""
    if shutil.which("node") is None:
        return "no Node.js to run TensorBoard's dashboards"
    return "" if program else "the installed TensorBoard has other dashboards"


def ask(program: str, jobs: Any) -> Any:
    """What a program writes, as JSON, when it reads these jobs as JSON."""
    done = subprocess.run(["node", "-e", program], input=json.dumps(jobs), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@lru_cache(maxsize=1)
def script_of_tensorboard() -> str:
    """The code of the installed TensorBoard's dashboards; nothing where it is not to be found."""
    try:
        with zipfile.ZipFile(Path(tensorboard.__file__).parent / "webfiles.zip") as files:
            return files.read("index.js").decode()
    except (OSError, KeyError):
        return ""


def block_at(script: str, begin: int, brace: int) -> tuple[str, int]:
    """What begins there, up to the brace that closes the first one from `brace` on, and where that is."""
    depth = 0
    for place in range(script.index("{", brace), len(script)):
        depth += {"{": 1, "}": -1}.get(script[place], 0)
        if depth == 0:
            return script[begin : place + 1], place + 1
    raise ValueError("a block without an end")
