"""Measure how CPU time grows if an input has four times the size, in processes of their own."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from typing import NamedTuple

Action = Callable[[], object]

MAX_RATIO = 6.0
"""Linear work takes 4 times as long, quadratic work 16 times."""
SIZE_RATIO = 4
TRIES = 3
"""Measurements of a case that seems to grow too fast; the lowest ratio counts, as noise adds."""
MAX_SECONDS = 120
"""CPU seconds after which an action is aborted."""


class Growth(NamedTuple):
    """How many times as long four times the input takes; 0 if it is too quick to be judged."""

    name: str
    ratio: float
    fault: str = ""

    @property
    def failure(self) -> str:
        """What is wrong; empty if nothing is."""
        if self.fault or self.ratio >= MAX_RATIO:
            return f"{self.name}: {self.fault or f'time grew {self.ratio:.1f} times'}"
        return ""


def growth(name: str, make: Callable[[int], Action], size: int, min_seconds: float) -> Growth:
    """Return the growth of the time of the actions that `make` returns for two sizes.

    Making an action is not measured. Times below `min_seconds` are noise.
    """
    ratio = float("inf")
    for _ in range(TRIES):
        small, fault = seconds_in_child(make(size))
        large, fault_of_four = (0.0, "") if fault else seconds_in_child(make(SIZE_RATIO * size))
        if fault or fault_of_four:
            return Growth(name, 0.0, fault or fault_of_four)
        own = large / max(small, min_seconds) if large > min_seconds else 0.0
        ratio = min(ratio, own)
        if ratio < MAX_RATIO:
            break
    return Growth(name, ratio)


def seconds_in_child(action: Action) -> tuple[float, str]:
    """Run an action in a forked process; return its CPU seconds and what went wrong."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        report = "crashed"
        try:
            began = time.process_time()
            action()
            report = f"{time.process_time() - began}"
        except BaseException as error:  # noqa: BLE001  the error is the result
            report = f"{type(error).__name__}: {error}"[:200]
        finally:
            os.write(writing, report.encode(errors="replace"))
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, errors="replace") as stream:
        report = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        return float(report), ""
    except ValueError:
        return 0.0, report or f"ended by signal {-code}"
