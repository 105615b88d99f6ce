"""Memory over time: the peak of each device, and which operators held what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.model import NOTHING, Profile, Times


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Memory of one device (None: of the host) by time: `time` in ps, `allocated` and `reserved` bytes, int64[n]
    (NOTHING where it is not told). `capacity`: what the device has, None where that is not told."""

    device: int | None
    time: Times
    allocated: NDArray[np.int64]
    reserved: NDArray[np.int64]
    capacity: int | None

    @property
    def peak(self) -> int:
        """The most that was allocated, bytes."""
        return int(self.allocated.max(initial=0))

    @property
    def peak_time(self) -> int:
        """When that was, ps."""
        return int(self.time[int(self.allocated.argmax())]) if len(self.time) else 0


def memory_use(profile: Profile) -> list[MemoryUse]:
    """The devices that allocated anything, the host first.

    What was allocated is what the capture tells (it knows what was there before it began); where it does not, what was
    allocated and released since.
    """
    memory = profile.memory
    found = []
    for device in sorted(set(memory.device.tolist())):
        mine = memory.device == device
        allocated = memory.allocated[mine]
        if (allocated == NOTHING).all():
            allocated = np.cumsum(memory.size[mine])
        capacity = profile.device_bytes.get(device)
        number = None if device == NOTHING else int(device)
        found.append(MemoryUse(number, memory.time[mine], allocated, memory.reserved[mine], capacity))
    return found
