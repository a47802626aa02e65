"""Measure how reliable a build is, and write the table of `docs/reliability.md`.

    python scripts/reliability_report.py [--quick] [--only NAME ...] [--trials N] [--write]

Each row is measured in a process of its own, by a module of `scripts/reliability`. `--write` keeps
its figures in `scripts/reliability/results.json`, and writes the page from all figures that are
kept there: a row that was not measured again keeps its date. `--quick` tries less, in minutes.
Exits with 5 if a target was missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from reliability import shim
from reliability.figure import Effort, Figure

PROJECT = Path(__file__).parent.parent
RESULTS = PROJECT / "scripts" / "reliability" / "results.json"
PAGE = PROJECT / "docs" / "reliability.md"
BUSY = 1.5
"""Processes per processor above which times are not those of an idle machine."""
MAX_LISTED = 12
"""Failures of a figure that the page lists."""

ROWS = {
    "damaged_inputs": False,
    "failing_operations": True,
    "random_kills": False,
    "power_loss": True,
    "passing_faults": True,
    "exchanged_builds": False,
    "replaced_processes": False,
    "hostile_surroundings": False,
    "hostile_sizes": False,
    "byte_identity": False,
    "fuzzing": False,
    "others_builds": False,
    "code_coverage": False,
    "mutation_score": False,
    "installation": False,
}
"""The modules with measurements, and whether they need the preloaded library."""

Row = dict[str, Any]


def measure_here(name: str, effort: Effort) -> list[Figure]:
    """Return the figures of one module."""
    figures: list[Figure] = importlib.import_module(f"reliability.{name}").measure(effort)
    return figures


def measure(name: str, options: argparse.Namespace) -> Row:
    """Measure a row in a process of its own; return its figures with date and versions."""
    with tempfile.TemporaryDirectory(prefix="reliability-") as folder:
        scratch = Path(folder).resolve()
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        if ROWS[name]:
            environment |= shim.environment(scratch / "shim") or {}
        (scratch / "row").mkdir()
        out = scratch / "figures.json"
        call = [sys.executable, __file__, "--here", str(scratch / "row"), str(out), "--only", name]
        call += ["--quick"] if options.quick else []
        call += ["--trials", str(options.trials)] if options.trials else []
        began = time.monotonic()
        ended = subprocess.run(call, env=environment, check=False)
        text = out.read_text() if out.exists() else "[]"
        figures = json.loads(text.replace(str(scratch / "row"), "SCRATCH"))
    if ended.returncode:
        text = f"not run: the measurement failed ({ended.returncode})"
        figures = [asdict(Figure(name, "", text, reached=False))]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "quick": options.quick,
        "load": round(os.getloadavg()[1] / (os.cpu_count() or 1), 1),
        "seconds": round(time.monotonic() - began),
        "figures": figures,
    }


def commit() -> str:
    """Return the last commit of the package, with `+` if it was changed since."""
    git = ["git", "-C", str(PROJECT)]
    head = subprocess.check_output([*git, "log", "-1", "--format=%h", "--", "corpus"], text=True)
    changed = subprocess.check_output([*git, "status", "-s", "-uno", "corpus"], text=True)
    return head.strip() + ("+" if changed else "")


def versions() -> str:
    """Return the versions of what a build depends on most."""
    names = ("pyarrow", "numpy", "numba", "datasets", "pebble")
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    system = f"{platform.system()} on {platform.machine()}"
    from corpus.version import VERSION

    return f"corpus {VERSION}, Python {platform.python_version()}, {libraries}, {system}"


def page(rows: dict[str, Row]) -> str:
    """Return the page with the table and the failures."""
    lines = [
        "# Reliability",
        "",
        "Written by `scripts/reliability_report.py`, which runs everything again. A row names the",
        "date and the commit that it was measured on. A *quick* row tried only a part. A row that",
        "is *busy* ran beside others: the number is that of processes for each processor, and its",
        "times are too long.",
        "",
        f"Versions: {versions()}.",
        "",
        "| figure | target | measured | reached | date | commit |",
        "|---|---|---|---|---|---|",
    ]
    failures = []
    for name in ROWS:
        row = rows.get(name)
        if row is None:
            text = "not run: no time yet on this version"
            lines.append(f"| {name.replace('_', ' ')} | | {text} | - | | |")
            continue
        for figure in row["figures"]:
            reached = {True: "yes", False: "**no**", None: "-"}[figure["reached"]]
            date = row["date"] + (", quick" if row["quick"] else "")
            if row.get("load", 0) > BUSY:
                date += f", busy ({row['load']:g})"
            cells = [
                figure["name"],
                figure["target"],
                figure["measured"],
                reached,
                date,
                row["commit"],
            ]
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
            failures += _listed(figure)
    return "\n".join([*lines, *failures]) + "\n"


def _listed(figure: dict[str, Any]) -> list[str]:
    """Return the lines of the page on the failures and limits of a figure."""
    lines = [*figure["notes"], *figure["failures"][:MAX_LISTED]]
    if not lines:
        return []
    more = len(figure["failures"]) - MAX_LISTED
    lines += [f"and {more:,} more"] if more > 0 else []
    return ["", f"## {figure['name']}", "", *(f"- {_cell(line)}" for line in lines)]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Measure the rows that were asked for, print their figures, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="try a part, in minutes")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="NAME")
    parser.add_argument("--trials", type=int, help="trials of a measurement")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--here", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        scratch, out = options.here
        effort = Effort(scratch, options.quick, options.trials)
        out.write_text(json.dumps([asdict(f) for f in measure_here(options.only[0], effort)]))
        return
    rows: dict[str, Row] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    reached = True
    for name in options.only:
        rows[name] = measure(name, options)
        for figure in rows[name]["figures"]:
            print(f"{figure['name']}: {figure['measured']}", flush=True)
            for line in figure["failures"]:
                print(f"    {line}", flush=True)
            reached = reached and figure["reached"] is not False
        if options.write:
            RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
            PAGE.write_text(page(rows))
    sys.exit(0 if reached else 5)


if __name__ == "__main__":
    main()
