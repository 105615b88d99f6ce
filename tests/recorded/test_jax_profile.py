"""A capture that JAX recorded: all events of the host, against what JAX's own reader finds in the file."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tbtui.profiles.find import find_captures, read_capture
from tbtui.profiles.overview import look_over

HERE = Path(__file__).parent
PS_PER_NS = 1000


def test_events_are_those_that_jax_finds() -> None:
    (capture,) = find_captures(str(HERE / "jax_profile"))
    profile = read_capture(capture)
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for index, took in enumerate(profile.spans.duration.tolist()):
        lane = profile.lanes[int(profile.spans.lane[index])]
        found[lane.process, lane.thread, profile.name_of(index)].append(took)
    rows = json.loads((HERE / "jax_profile.json").read_text())
    expected = {(plane, line, name): (count, total) for plane, line, name, count, total in rows}
    assert {names: len(each) for names, each in found.items()} == {names: row[0] for names, row in expected.items()}
    for names, (count, total) in expected.items():  # to the nanosecond, to which JAX's reader rounds each
        assert sum(found[names]) / PS_PER_NS == pytest.approx(total, abs=count)
    steps = look_over(profile).steps
    assert [step.name for step in steps] == [f"train {number}" for number in range(6)]
    assert [step.duration / PS_PER_NS for step in steps] == pytest.approx(
        [took / PS_PER_NS for took in found["/host:CPU", "python", "train"]], abs=1
    )
