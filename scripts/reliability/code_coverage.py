"""Measure the branch coverage of the Python code, of the compiled kernels, and of both.

    python scripts/reliability/code_coverage.py [--kernels-only] [--missing]
        [--kernel-tests PATH ...]

The Python code is measured by coverage.py with every test; settings in `pyproject.toml`
leave out the compiled kernels. Code that only runs in processes of its own, such as the fork
server, counts as not covered. The kernels are measured while they run compiled, by `kernel_marks`,
in a copy of the project and with the tests of the folders that have kernels.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reliability.builds import PROJECT
from reliability.figure import Effort, Figure, not_run
from reliability.kernel_marks import Mark, Total, count, prepare_copy, read_marks

NAME = "branch coverage"
TARGET = ">= 95 %"
SHARE = 0.95
PYTEST = [sys.executable, "-m", "pytest"]
KERNEL_TESTS = [
    *(f"tests/{name}" for name in ("articles", "languages", "similarity", "words", "signals")),
    *(f"tests/{name}" for name in ("privacy", "contamination", "classifier", "stages")),
    "tests/test_trees.py",
]
"""The tests that call kernels. Others do as well, but add hours, not lines."""


class Measured(NamedTuple):
    """What ran of a part of the code, and whether its tests failed."""

    total: Total
    failed: bool
    never_run: dict[str, list[int]]
    """The lines of each module that no test ran."""
    by_module: dict[str, Total]
    """What ran of each module."""

    def by_folder(self) -> dict[str, Total]:
        """Return what ran of the modules of each part of the package, such as `corpus/words`."""
        folders: dict[str, Total] = {}
        for module, total in self.by_module.items():
            name = "/".join(Path(module).parts[:2])
            before = folders.get(name, Total(0, 0, 0, 0))
            folders[name] = Total(*map(sum, zip(before, total, strict=True)))
        return folders


def measure_python(scratch: Path) -> Measured:
    """Run every test with coverage.py."""
    environment = os.environ | {"COVERAGE_FILE": str(scratch / "coverage")}
    call = [*PYTEST, "--cov=corpus", "--cov-branch", "--cov-report="]
    ended = subprocess.run(call, cwd=PROJECT, env=environment, check=False)
    out = scratch / "coverage.json"
    report = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(out)]
    subprocess.run(report, cwd=PROJECT, env=environment, check=True)
    found = json.loads(out.read_text())
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    total = Total(*(found["totals"][name] for name in names))
    lines = {name: file["missing_lines"] for name, file in found["files"].items()}
    modules = {
        module: Total(*(file["summary"][name] for name in names))
        for module, file in found["files"].items()
    }
    return Measured(total, ended.returncode != 0, lines, modules)


def measure_kernels(scratch: Path, tests: Sequence[str] = KERNEL_TESTS) -> Measured:
    """Run the tests of the kernels in a copy of the project whose kernels mark what they run."""
    copy, file = scratch / "project", scratch / "marks"
    ignored = shutil.ignore_patterns(".*", "*_cache", "__pycache__", "build")
    shutil.copytree(PROJECT, copy, ignore=ignored)
    module_marks = prepare_copy(copy, file)
    environment = os.environ | {"PYTHONPATH": str(copy), "CORPUS_CACHE": str(scratch / "cache")}
    call = [*PYTEST, "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(call, cwd=copy, env=environment, check=False)
    return summarize(module_marks, read_marks(module_marks, file), failed=ended.returncode != 0)


def summarize(
    module_marks: dict[str, list[Mark]], seen: dict[str, set[int]], *, failed: bool
) -> Measured:
    """Return what ran of the kernels of all modules."""
    totals = {module: count(marks, seen[module]) for module, marks in module_marks.items()}
    lines = {
        module: sorted(
            line
            for index, mark in enumerate(marks)
            if index not in seen[module]
            for line in mark.lines
        )
        for module, marks in module_marks.items()
    }
    return Measured(Total(*map(sum, zip(*totals.values(), strict=True))), failed, lines, totals)


def describe(total: Total) -> str:
    """Return a share with what it is a share of."""
    return (
        f"{100 * total.share:.1f} % (of {total.statements:,} statements and "
        f"{total.branches:,} branches)"
    )


def figure(name: str, *parts: Measured, notes: tuple[str, ...] = ()) -> Figure:
    """Return the figure of some parts of the code together."""
    total = Total(*map(sum, zip(*(part.total for part in parts), strict=True)))
    failed = any(part.failed for part in parts)
    reached = total.share >= SHARE and not failed
    failures = ("tests failed",) if failed else ()
    return Figure(name, TARGET, describe(total), reached, failures, notes)


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of the Python code, of the kernels, and of both."""
    if effort.quick:
        return [not_run(NAME, TARGET, "it needs every test; run without --quick")]
    python, kernels = measure_python(effort.scratch), measure_kernels(effort.scratch)
    return [
        figure(NAME, python, kernels),
        figure(f"{NAME}: Python code", python, notes=("code in processes of its own not seen",)),
        figure(f"{NAME}: compiled kernels", kernels, notes=("marks set by the compiled code",)),
    ]


def main() -> None:
    """Print the figures, and the lines that no test ran."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kernels-only", action="store_true", help="leave out the Python code")
    parser.add_argument("--missing", action="store_true", help="list the lines that never ran")
    parser.add_argument(
        "--kernel-tests", nargs="+", default=KERNEL_TESTS, help="tests that run the kernels"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coverage-") as folder:
        scratch = Path(folder).resolve()
        parts = {"compiled kernels": measure_kernels(scratch, options.kernel_tests)}
        if not options.kernels_only:
            parts["Python code"] = measure_python(scratch)
    for name, part in parts.items():
        if options.missing:
            for module, lines in part.never_run.items():
                if lines:
                    print(f"{module}: {', '.join(map(str, lines))}")
        for folder, total in part.by_folder().items():
            print(f"{NAME}, {name} of {folder}: {describe(total)}")
        print(f"{NAME}, {name}: {describe(part.total)}{', but tests failed' * part.failed}")
    if len(parts) > 1:
        print(f"{NAME}: {figure(NAME, *parts.values()).measured}")


if __name__ == "__main__":
    main()
