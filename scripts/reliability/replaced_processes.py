"""Kill the worker or the fork server of a build; measure the seconds until another one works.

A stage notes each start of a task and then takes its time, so the kill meets a task that is being
done. Measured is the time from the kill to the next start of a task. The build must then finish
with every document.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reliability.builds import Contents, command, contents, write_corpus
from reliability.figure import Effort, Figure
from reliability.processes import family, kill, seconds_until

NAME = "worker, fork server killed: seconds until replaced; documents lost"
TARGET = "< 5; 0"
MAX_SECONDS = 5.0
PATIENCE = 300
STAGE = '''\
"""A stage that notes its start, and is slow while a file exists."""

import time
from pathlib import Path
from typing import Literal

import pyarrow as pa

from corpus.stages import DocumentStage

HERE = Path(__file__).parent


class Slow(DocumentStage):
    """Takes three seconds for a batch while the file `slow` is there."""

    stage: Literal["slow"] = "slow"

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents."""
        if (HERE / "slow").exists():
            with (HERE / "starts").open("a") as out:
                out.write("start\\n")
            time.sleep(3)
        return documents
'''


def starts(folder: Path) -> int:
    """Return how many tasks have started."""
    path = folder / "starts"
    return len(path.read_text().splitlines()) if path.exists() else 0


def build_and_kill(folder: Path, config: Path, whom: str) -> tuple[int, float | None]:
    """Build, and kill a process while a task is done; return exit code and seconds until replaced.

    `whom` is `worker`, `fork server`, or `nobody`. The seconds are None if nobody was killed or no
    task started again.
    """
    (folder / "starts").unlink(missing_ok=True)
    (folder / "slow").touch()
    with (folder / "stderr").open("w") as errors:
        build = subprocess.Popen(
            command("build", str(config), "--jobs", "1", "--force", "--set", "cache=false"),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=os.environ | {"PYTHONPATH": str(folder)},
        )
        seconds = None
        if whom == "nobody":
            (folder / "slow").unlink()
        else:
            seconds_until(lambda: starts(folder) or build.poll() is not None, PATIENCE)
            members, before = family(build.pid), starts(folder)
            kill(members.workers if whom == "worker" else members.fork_servers)
            seconds = seconds_until(
                lambda: starts(folder) > before or build.poll() is not None, PATIENCE
            )
            seconds = seconds if starts(folder) > before else None
            (folder / "slow").unlink()
        return build.wait(PATIENCE), seconds


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of both kinds of processes."""
    folder = effort.scratch
    config = write_corpus(folder, files=1, per_file=20)
    (folder / "slow_stage.py").write_text(STAGE)
    config.write_text(
        "name: wagons\nsources: [{path: 'in/*.jsonl'}]\non_error: 0.9\n"
        "stages: [{use: 'slow_stage:Slow'}]\noutput: {path: work/wagons}\n"
    )
    target = folder / "work" / "wagons"
    code, _ = build_and_kill(folder, config, "nobody")
    clean: Contents = contents(target) or {}
    if code or not clean:
        raise RuntimeError((folder / "stderr").read_text())
    worst, lost, wrong = 0.0, 0, []
    for whom in ("worker", "fork server") * effort.choose(quick=1, full=5):
        code, seconds = build_and_kill(folder, config, whom)
        worst = max(worst, seconds or 0.0)
        lost += code == 0 and contents(target) != clean
        if seconds is None or seconds >= MAX_SECONDS or code or contents(target) != clean:
            said = (folder / "stderr").read_text().strip().splitlines()[-1:]
            took = "never replaced" if seconds is None else f"replaced after {seconds:.1f} s"
            wrong.append(f"{whom}: {took}, exit {code} {' '.join(said) if code else ''}")
    measured = f"{worst:.1f}; {lost}"
    return [Figure(NAME, TARGET, measured, not wrong, tuple(wrong))]
