"""For all tests: one thread for NumPy's linear algebra, since the tests themselves run side by side; a home of their own."""

import os
import tempfile

import pytest

from tbtui.settings.options import OPTIONS

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

for name in ("TBTUI_CONFIG", *(option.variable for option in OPTIONS)):
    os.environ.pop(name, None)  # what a developer has set is not what is tested

# Before any test, and for every program that tests start: nobody's real home is read or written.
_home = tempfile.TemporaryDirectory(prefix="tbtui-tests-home-")
os.environ.update(XDG_CONFIG_HOME=f"{_home.name}/config", XDG_STATE_HOME=f"{_home.name}/state")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Configuration and state of each test are its own."""
    directory = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(directory / "state"))
