"""Generate the `_pb2` modules from the `.proto` files beside this script.

Run it from anywhere, in an environment that has the compiler of the oldest protobuf we support:

    pip install "grpcio-tools>=1.71,<1.72"
    python tbtui/events/proto/generate.py

Generated code runs with the protobuf version of its compiler (here 5.29) and every newer one, never with an older one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def main() -> int:
    """Compile all files; returns the exit code of the compiler."""
    sources = sorted(str(path.relative_to(ROOT)) for path in HERE.glob("*.proto"))
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--python_out=.", "--pyi_out=.", *sources]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
