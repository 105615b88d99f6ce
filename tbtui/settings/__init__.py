"""What the user chose: on the command line and in files (`Options`), and since then (`View`).

`option_table` is the one table of options; `config` reads them from file and environment; `state` remembers a view per
set of log directories. This package imports nothing that takes time, and `config` and `state` only who needs them does.
"""

from tbtui.settings.options import Options
from tbtui.settings.view import (
    CHART_SIZES,
    GROUP_BANDS,
    HISTOGRAM_MODES,
    RAW_CURVES,
    RUN_ORDERS,
    SMOOTHING_STEPS,
    TABLE_LAYOUTS,
    TABLE_MEASURES,
    TABLE_ORDERS,
    THEMES,
    X_AXES,
    X_TAG,
    Y_RANGES,
    Y_SCALES,
    View,
)

__all__ = [
    "CHART_SIZES",
    "GROUP_BANDS",
    "HISTOGRAM_MODES",
    "RAW_CURVES",
    "RUN_ORDERS",
    "SMOOTHING_STEPS",
    "TABLE_LAYOUTS",
    "TABLE_MEASURES",
    "TABLE_ORDERS",
    "THEMES",
    "X_AXES",
    "X_TAG",
    "Y_RANGES",
    "Y_SCALES",
    "Options",
    "View",
]
