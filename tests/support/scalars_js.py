"""TensorBoard's own smoothing, range and numbers: the functions of the installed TensorBoard's dashboard, run by
Node.js."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tests.support import dashboards_js
from tests.support.dashboards_js import block_at, script_of_tensorboard

_NAME = r"[\w$]+"
_PAIR = rf"\({_NAME},{_NAME}\)"
_LINEAR = re.compile(rf"var ({_NAME})=class\{{constructor\(\)\{{this\.defaultFormatter={_NAME}\}}transform\(")
"""The linear scale of the charts, and what D3 brings with it, which stands before it."""
_SORT = re.compile(rf"\.sort\(({_NAME})\)")
"""What ranges are sorted by is the first of D3's functions."""
_SMOOTH = re.compile(rf"function({_PAIR})\{{return {_NAME}\(this,null,function\*\(\)(?=\{{Number\.isFinite\()")
"""(series, weight) -> smoothed series."""
_RANGE = re.compile(
    rf"function\({_NAME}(?:,{_NAME}){{4}}\)(?=\{{let {_NAME}=null,{_NAME}=null,{_NAME}=\[\];for.{{0,400}}\.05\*)"
)
"""(series, what is known of them, whether outliers are ignored, two tests for numbers) -> ends of x and of y."""

_PROGRAM = """
const odd = {NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity};
const number = value => typeof value === 'string' ? odd[value] : value;
const word = value => Number.isFinite(value) ? value : String(value);
const points = values => values.map((y, x) => ({x, y: number(y)}));
let text = '';
process.stdin.on('data', part => { text += part; });
process.stdin.on('end', () => {
  const scale = new Linear();
  const answers = {
    smooth: (values, weight) => smooth([{id: 'run', points: points(values)}], weight)[0].points.map(({y}) => word(y)),
    range: (values, ignore) => {
      const told = {run: {visible: true}};
      const ends = range([{id: 'run', points: points(values)}], told, ignore, scale.isSafeNumber, scale.isSafeNumber);
      return ends.y === undefined ? null : [...ends.y, ...scale.niceDomain(ends.y)];
    },
    short: value => scale.defaultFormatter.formatShort(value),
  };
  process.stdout.write(JSON.stringify(JSON.parse(text).map(([what, ...asked]) => answers[what](...asked))));
});
"""


def why_not() -> str:
    """Why they can't be asked here, "" where they can."""
    return dashboards_js.why_not(_program())


def tensorboard_smoothed(jobs: Sequence[tuple[Sequence[float], float]]) -> list[list[float]]:
    """Values smoothed with a weight, for each job."""
    return [[float(y) for y in row] for row in _ask([["smooth", _words(values), weight] for values, weight in jobs])]


def tensorboard_range(
    jobs: Sequence[tuple[Sequence[float], bool]],
) -> list[tuple[float, float, float, float] | None]:
    """For values, and whether outliers are ignored: the values that the range is made of, and the ends of a linear axis
    with its margin; None where no value is finite."""
    found = _ask([["range", _words(values), ignore] for values, ignore in jobs])
    return [None if ends is None else (ends[0], ends[1], ends[2], ends[3]) for ends in found]


def tensorboard_numbers(values: Sequence[float]) -> list[str]:
    """Finite numbers as the dashboard shows them."""
    return [str(text) for text in _ask([["short", value] for value in values])]


def _words(values: Sequence[float]) -> list[float | str]:
    """Numbers as JSON can hold them."""
    return [
        value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
        for value in values
    ]


def _ask(jobs: list[list[Any]]) -> list[Any]:
    found: list[Any] = dashboards_js.ask(_program(), jobs)
    return found


@lru_cache(maxsize=1)
def _program() -> str:
    """The functions, and what calls them; nothing where they are not to be found."""
    script = script_of_tensorboard()
    linear = list(_LINEAR.finditer(script))
    smoothing, ranges = _SMOOTH.search(script), _RANGE.search(script)
    if not linear or smoothing is None or ranges is None:
        return ""
    end = linear[-1].start()
    ends = block_at(script, ranges.start(), ranges.end())[0]
    compare = _SORT.search(ends)
    begin = -1 if compare is None else script.rfind(f"function {compare[1]}(", 0, end)
    if begin < 0:
        return ""
    scale = block_at(script, end, end)[0]
    body = block_at(script, smoothing.end(), smoothing.end())[0]
    functions = f"const Linear={linear[-1][1]},smooth={smoothing[1]}=>{body},range={ends};"
    return "\n".join((script[begin:end], scale + ";", functions, _PROGRAM))
