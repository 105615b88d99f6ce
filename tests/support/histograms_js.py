"""TensorBoard's own rebinning: the functions of the installed TensorBoard's two dashboards, run by Node.js."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tbtui.events.summaries import Histogram
from tests.support import dashboards_js
from tests.support.dashboards_js import block_at, script_of_tensorboard

_NAME = r"([\w$]+)"
_HISTOGRAMS = re.compile(rf"function {_NAME}\([\w$,]+=30\)\{{(?=[^{{}}]*1\.1-1\))")
"""Of the histograms dashboard: (histogram with buckets, smallest, largest value, bins) -> bins."""
_TIME_SERIES = re.compile(rf"function {_NAME}\([\w$,]+\)\{{let [\w$]+=\[\],\{{left:[\w$]+,right:[\w$]+\}}=")
"""Of the time series dashboard: (bins with x, dx and y, {left, right}, bins) -> bins; it needs the next function."""

_PROGRAM = """
let text = '';
process.stdin.on('data', part => { text += part; });
process.stdin.on('end', () => {
  const jobs = eval('(' + text + ')');
  const found = jobs.map(([rows, low, high, bins]) => {
    if (low === high) [low, high] = [low / 1.1 - 1, high * 1.1 + 1];
    const buckets = rows.map(([left, right, count]) => ({left, right, count}));
    const others = rows.map(([left, right, count]) => ({x: left, dx: right - left, y: count}));
    return [HISTOGRAMS({buckets}, low, high, bins), TIME_SERIES(others, {left: low, right: high}, bins)].map(
      bins => bins.map(bin => bin.y));
  });
  process.stdout.write(JSON.stringify(found));
});
"""


def why_not() -> str:
    """Why they can't be asked here, "" where they can."""
    return dashboards_js.why_not(_program())


def tensorboard_bins(jobs: Sequence[tuple[Histogram, float, float, int]]) -> npt.NDArray[np.float64]:
    """Counts of histograms in so many bins from a smallest to a largest value, as the histograms dashboard and the time
    series dashboard compute them: float64[jobs, 2, bins], where all jobs ask for as many bins."""
    asked = [
        ([*zip(one.left.tolist(), one.right.tolist(), one.count.tolist(), strict=True)], low, high, bins)
        for one, low, high, bins in jobs
    ]
    return np.array(dashboards_js.ask(_program(), asked), np.float64)


@lru_cache(maxsize=1)
def _program() -> str:
    """The two functions, and what calls them; nothing where they are not to be found."""
    script = script_of_tensorboard()
    one, other = _HISTOGRAMS.search(script), _TIME_SERIES.search(script)
    if one is None or other is None:
        return ""
    text, end = _function(script, one.start())
    more, end = _function(script, other.start())
    helper, _ = _function(script, end)
    program = _PROGRAM.replace("HISTOGRAMS", one[1]).replace("TIME_SERIES", other[1])
    return "\n".join((text, more, helper, program))


def _function(script: str, begin: int) -> tuple[str, int]:
    """The function that begins there, up to its last brace, and where that is."""
    return block_at(script, begin, script.index(")", begin))
