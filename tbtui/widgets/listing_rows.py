"""Lines of the list of runs: runs alone, under the headings of their groups, or as a tree of their folders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from tbtui.analysis.groups import RunGroup
from tbtui.store import Run

FOLDER = "\nfolder "
"""What stands before the path of a folder in the key of its heading; no group of runs has such a key."""


class Row(NamedTuple):
    """A line of the list: a run, or the heading of a group or a folder.

    group: the heading's own, or that under which the run stands; runs: what the line stands for; depth: how many
    headings it stands under; name: the part of the run's name that its headings do not say, "" for all of it.
    """

    run: Run | None
    group: RunGroup | None
    runs: tuple[Run, ...]
    folded: bool = False
    depth: int = 0
    name: str = ""


def group_rows(
    runs: Sequence[Run], groups: Sequence[RunGroup], top: Collection[str], folded: Collection[str]
) -> list[Row]:
    """Lines of runs in this order, with the headings of their groups."""
    group_of = {name: group for group in groups for name in group.runs if name not in top}
    members: dict[str, list[Run]] = {}
    for run in runs:
        if run.name in group_of:
            members.setdefault(group_of[run.name].key, []).append(run)
    rows: list[Row] = []
    done: set[str] = set()
    for run in runs:
        group = group_of.get(run.name)
        if group is None:
            rows.append(Row(run, None, (run,)))
        elif group.key not in done:
            done.add(group.key)
            inside = tuple(members[group.key])
            rows.append(Row(None, group, inside, group.key in folded))
            if group.key not in folded:
                rows += [Row(one, group, (one,), depth=1) for one in inside]
    return rows


def tree_rows(runs: Sequence[Run], top: Collection[str], folded: Collection[str]) -> list[Row]:
    """Lines of runs in this order as a tree of the folders in their names; those in `top` stand before it, whole.

    A folder stands where the first of its runs would. Folders that hold nothing but one other are one line with it, and
    a run that is alone in its folder has no heading. What all names begin with is no folder.
    """
    rows = [Row(run, None, (run,)) for run in runs if run.name in top]
    rest = [(run.name.split("/"), run) for run in runs if run.name not in top]
    shared = _shared([parts for parts, _ in rest])
    return rows + _branches([(parts[shared:], run) for parts, run in rest], "", None, 0, folded)


def _branches(
    inside: Sequence[tuple[list[str], Run]], path: str, group: RunGroup | None, depth: int, folded: Collection[str]
) -> list[Row]:
    """The lines of what is in one folder. inside: what is left of each name, and the run."""
    folders: dict[str, list[tuple[list[str], Run]]] = {}
    for parts, run in inside:
        folders.setdefault(parts[0] if len(parts) > 1 else f"\n{run.name}", []).append((parts, run))
    rows: list[Row] = []
    for branch in folders.values():
        if len(branch) == 1:
            parts, run = branch[0]
            rows.append(Row(run, group, (run,), depth=depth, name="/".join(parts)))
            continue
        shared = _shared([parts for parts, _ in branch])
        title = "/".join(branch[0][0][:shared])
        key = f"{path}{title}/"
        members = tuple(run for _, run in branch)
        heading = RunGroup(FOLDER + key, title, tuple(run.name for run in members))
        is_folded = heading.key in folded
        rows.append(Row(None, heading, members, is_folded, depth))
        if not is_folded:
            rows += _branches([(parts[shared:], run) for parts, run in branch], key, heading, depth + 1, folded)
    return rows


def _shared(names: Sequence[list[str]]) -> int:
    """How many folders all names begin with; the last part of a name is none."""
    shared = 0
    least = min((len(parts) - 1 for parts in names), default=0)
    while shared < least and len({parts[shared] for parts in names}) == 1:
        shared += 1
    return shared
