"""Measure the branch coverage of the whole test suite."""

from __future__ import annotations

import os
import subprocess
import sys

from reliability.builds import PROJECT
from reliability.figure import Effort, Figure, not_run

NAME = "branch coverage"
TARGET = ">= 95 %"


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of the coverage."""
    if effort.quick:
        return [not_run(NAME, TARGET, "CI prints it; run without --quick")]
    data = effort.scratch / "coverage"
    environment = os.environ | {"COVERAGE_FILE": str(data)}
    call = [sys.executable, "-m", "pytest", "--cov=corpus", "--cov-branch", "--cov-report="]
    ended = subprocess.run(call, cwd=PROJECT, env=environment, check=False)
    total = subprocess.check_output(
        [sys.executable, "-m", "coverage", "report", "--precision=1", "--format=total"],
        cwd=PROJECT,
        env=environment,
        text=True,
    ).strip()
    failures = ("tests failed",) if ended.returncode else ()
    reached = float(total) >= 95 and not failures
    return [Figure(NAME, TARGET, f"{total} %", reached, failures)]
