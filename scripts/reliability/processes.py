"""Find and end the processes of a build."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Family(NamedTuple):
    """The processes below a build, by what they do."""

    fork_servers: tuple[int, ...]
    workers: tuple[int, ...]
    others: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every process below the build."""
        return self.fork_servers + self.workers + self.others


def family(parent: int) -> Family:
    """Return the processes below `parent`. A worker is a child of a fork server.

    A fork server is a Python of its own, or a copy of its parent.
    """
    parents = _parents()
    command = _command_line(parent)
    servers: list[int] = []
    workers: list[int] = []
    others: list[int] = []
    for process in _below(parent, parents):
        if parents[process] == parent:
            line = _command_line(process)
            is_server = "forkserver" in line or (line == command and line != "")
            (servers if is_server else others).append(process)
        else:
            (workers if parents[process] in servers else others).append(process)
    return Family(tuple(servers), tuple(workers), tuple(others))


def _parents() -> dict[int, int]:
    """Return the parent of every running process. A zombie does not run."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(path.parent.name)] = int(parent)
    return found


def _below(parent: int, parents: dict[int, int]) -> list[int]:
    """Return the descendants of a process, children first."""
    found, level = [], [parent]
    while level:
        level = sorted(child for child, its in parents.items() if its in level)
        found += level
    return found


def _command_line(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""


def kill(processes: Iterable[int], what: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to processes, those that have ended excepted."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, what)


def running(processes: Iterable[int]) -> list[int]:
    """Return those of the processes that still run."""
    return sorted(set(processes) & _parents().keys())


def seconds_until(true: Callable[[], object], most: float, *, pause: float = 0.02) -> float | None:
    """Wait until a condition is true; return the seconds, or None after `most` of them."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > most:
            return None
        time.sleep(pause)
    return time.monotonic() - began
