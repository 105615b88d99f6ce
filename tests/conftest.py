"""For all tests: one thread for NumPy's linear algebra, since the tests themselves run side by side."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
