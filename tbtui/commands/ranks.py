"""What is said of the ranks of a session side by side: who is late, and what of the communication nothing hides."""

from __future__ import annotations

from tbtui.analysis.text import safe
from tbtui.commands.profile_text import time_text
from tbtui.profiles.distributed import STRAGGLER_SHARE, Distributed, RankRow

__all__ = ["rank_name", "said_of_ranks"]


def said_of_ranks(found: Distributed) -> list[tuple[str, bool]]:
    """Sentences, each with its figure and its bound, and whether it is bad news."""
    rows = sorted((row for row in found.ranks if row.work.duration), key=lambda row: -_share(row))
    if len(rows) < 2:
        return []
    said = [(_late(row), True) for row in rows if row.straggler]
    if not said:
        most = rows[0]
        words = f": the most is {_share(most):.1%} of its steps' time, for {rank_name(most)}" if most.awaited else ""
        said = [(f"no rank is late{words} (more than {STRAGGLER_SHARE:.0%} is late)", False)]
    whole = sum(row.work.communication for row in rows)
    if whole:
        hidden = sum(row.work.overlap for row in rows)
        steps = sum(row.work.duration for row in rows)
        said.append(
            (
                f"{hidden / whole:.0%} of the communication is hidden by computation; the rest is "
                f"{(whole - hidden) / steps:.1%} of the steps' time",
                False,
            )
        )
    said += [(f"ranks differ in how often they call {safe(name)}: its calls are not compared", True)
             for name in found.unmatched]  # fmt: skip
    return said


def rank_name(row: RankRow) -> str:
    """What a rank is called."""
    return safe(row.work.worker) if row.work.rank is None else f"rank {row.work.rank}"


def _late(row: RankRow) -> str:
    return (
        f"{rank_name(row)} is late: the others wait {time_text(row.awaited)} for it in collectives, "
        f"{_share(row):.1%} of its steps' time (more than {STRAGGLER_SHARE:.0%} is late)"
    )


def _share(row: RankRow) -> float:
    return row.awaited / row.work.duration
