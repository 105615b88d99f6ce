"""For all tests: one thread for NumPy's linear algebra, since tests run side by side; nobody's real home is touched."""

import itertools
import os
import tempfile

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tbtui.settings.option_table import OPTIONS

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

for name in ("TBTUI_CONFIG", *(option.variable for option in OPTIONS)):
    os.environ.pop(name, None)  # what a developer has set is not what is tested

hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")  # a busy machine is no fault of what is tested

_homes = tempfile.TemporaryDirectory(prefix="tbtui-tests-")
_numbers = itertools.count()
os.environ.update({f"XDG_{name.upper()}_HOME": f"{_homes.name}/{name}" for name in ("config", "state", "cache")})


def pytest_xdist_auto_num_workers() -> int:
    """Most tests wait for a screen to come to rest: twice as many as there are cores keep them busy."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configuration, state and cache of each test are its own, and what it exports does not land among the sources."""
    directory = f"{_homes.name}/{next(_numbers)}"
    for name in ("config", "state", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", f"{directory}/{name}")
    monkeypatch.chdir(_homes.name)
