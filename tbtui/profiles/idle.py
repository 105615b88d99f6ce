"""How long nothing ran: on the threads of the host that ran anything at all, and on the devices."""

from __future__ import annotations

import numpy as np

from tbtui.profiles.intervals import total, union
from tbtui.profiles.model import NOTHING, Indexes, Profile
from tbtui.profiles.operators import Calls


def idle_times(profile: Profile, calls: Calls) -> tuple[int, int]:
    """(host, devices) in ps: between the first and the last call on each thread, all threads together; between the
    first and the last work of each device, all devices together, its streams being one."""
    lanes = profile.spans.lane
    numbers = np.array([NOTHING if lane.device is None else lane.device for lane in profile.lanes], np.int64)
    host = calls.which[numbers[lanes[calls.which]] == NOTHING]
    return _idle(profile, host, lanes[host]), _idle(profile, calls.work, numbers[lanes[calls.work]])


def _idle(profile: Profile, which: Indexes, place: Indexes) -> int:
    spans, idle = profile.spans, 0
    for number in np.unique(place).tolist():
        mine = which[place == number]
        stretches = union(spans.start[mine], spans.end[mine])
        if len(stretches):
            idle += int(stretches[-1, 1] - stretches[0, 0]) - total(stretches)
    return idle
