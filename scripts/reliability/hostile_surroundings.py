"""Build where the machine, the folder or the environment is hostile.

Each case says which exit codes are right and what the message must say. In every case, exit code 0
comes with the bytes of a clean build, and any other code leaves the old build as it was.
"""

from __future__ import annotations

import time

from reliability import hostile_environments, hostile_folders
from reliability.builds import Place, make_place
from reliability.figure import Effort, Figure
from reliability.surroundings_case import NOT_RUN, Case, Ended

NAME = (
    "full disk, read-only output, foreign folder, two builds at once, input edited in mid-run, cwd "
    "with hostile modules, hostile environment"
)
TARGET = "right exit, nothing lost, message says what to do"
CASES = hostile_folders.CASES + hostile_environments.CASES
QUICK = ("foreign folder", "hostile modules in the current folder", "limit on the size of a file")


def judge(place: Place, case: Case, ended: Ended) -> str:
    """Return what is wrong with how a build ended; empty if nothing is."""
    message = " ".join(ended.stderr.strip().splitlines()[-2:])[-300:]
    state = place.state()
    expected = case.state or ("new" if ended.code == 0 else "old")
    if ended.code not in case.codes:
        return f"exit {ended.code}: {message}"
    if ended.code and case.says and not any(word in message for word in case.says):
        return f"exit {ended.code}, but the message does not say what to do: {message}"
    if expected not in ("any", state):
        return f"exit {ended.code}, but the {state} build is visible: {message}"
    return ""


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of all cases."""
    place = make_place(effort.scratch / "place")
    cases = [case for case in CASES if not effort.quick or case.name in QUICK]
    wrong, notes = [], []
    for case in cases:
        place.reset()
        began = time.monotonic()
        ended = case.run(place)
        if ended.code == NOT_RUN:
            notes.append(f"{case.name}: not run: {ended.stderr}")
            continue
        fault = judge(place, case, ended)
        if fault:
            wrong.append(f"{case.name}: {fault} ({time.monotonic() - began:.0f} s)")
            continue
        place.reset()
    measured = f"{len(cases) - len(wrong) - len(notes)} of {len(cases)} cases"
    return [Figure(NAME, TARGET, measured, not wrong, tuple(wrong), tuple(notes))]
