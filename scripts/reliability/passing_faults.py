"""Faults that pass: a build with one, then a build without, which must equal a clean one.

A fault of the machine is never remembered as a property of a document: neither in the first build,
which must not exit with 0 if a document is lost, nor in a later one, with or without `--force`.
A document that a stage cannot process for lack of memory, alone and in a new worker, is not lost if
that build names it as a reject; a file that could not be read must end the build.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Local
from reliability.builds import (
    Contents,
    Place,
    build_here,
    contents,
    make_place,
    outcome_in_child,
)
from reliability.figure import Effort, Figure, spread
from reliability.shim import VARIABLE, Shim

NAME = "passing faults (EIO burst, out of memory, failed import), then a rebuild"
TARGET = "all equal to a clean build; documents lost at exit 0: 0"

STAGE = '''\
"""A stage that fails while a file exists."""

import importlib
import os
import signal
from pathlib import Path
from typing import Literal

import pyarrow as pa

from corpus.stages import DocumentStage


class Failing(DocumentStage):
    """Fails while the file `fault` is there, at the document whose text has the word `Wagon`."""

    stage: Literal["failing"] = "failing"

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents."""
        path = Path(__file__).with_name("fault")
        fault = path.read_text() if path.exists() else ""
        if not fault or "a7" not in documents.column("id").to_pylist():
            return documents
        if fault == "MemoryError":
            raise MemoryError
        if fault == "ImportError":
            importlib.import_module("a_module_that_is_missing_now")
        if fault == "OSError":
            raise OSError(5, "Input/output error")
        os.kill(os.getpid(), signal.SIGKILL)
        return documents
'''
FAULTS = ("MemoryError", "ImportError", "OSError", "killed for lack of memory")
BURSTS = (1, 100, 2, 5)
"""How many reads in a row fail."""
ERRORS = (errno.EIO, errno.ESTALE)
RIGHT_CODES = (0, 2, 4)
"""A build may end with 2 if a stage of the user's own raises."""


class Trial(NamedTuple):
    """A build with a fault, and the builds after it."""

    what: str
    code: int
    message: str
    lost: bool
    """Whether the first build exited with 0 though documents are missing and not named."""
    rebuilt: tuple[str, ...]
    """What was wrong with the builds after it."""

    def line(self) -> str:
        """Return the trial in one line."""
        lost = "documents lost at exit 0; " if self.lost else ""
        return f"{self.what}: {lost}exit {self.code} {self.message}; {'; '.join(self.rebuilt)}"


def count_records(build: Path) -> int:
    """Return the number of records that a build accounts for: kept, removed and rejected."""
    files = [*build.glob("data/*.parquet"), *build.glob("ledger/re*ed.parquet")]
    return sum(pq.read_metadata(file).num_rows for file in files)


def rebuild(place: Place, clean: Contents, *settings: str) -> Iterator[str]:
    """Build again, then with `--force`; yield each result that is not the clean build."""
    message = place.folder.with_name("message")
    for force in (False, True):
        code, why = outcome_in_child(
            lambda force=force: build_here(place.config, *settings, force=force),  # type: ignore[misc]
            message,
        )
        if code or contents(place.target) != clean:
            name = "with --force" if force else "built again"
            yield f"{name}: exit {code} {why or '(another build)'}"


def bursts(
    place: Place, shim: Shim, trials: int, errors: tuple[int, ...], lengths: tuple[int, ...]
) -> Iterator[Trial]:
    """Fail some reads of inputs in a row, with the errors of a failing disk or network."""
    inputs = place.folder / "in"
    message = place.folder.with_name("message")
    for kind in ("read", "open"):
        place.reset()
        shim.arm(inputs, [kind])
        outcome_in_child(lambda: build_here(place.config), message)
        total = shim.disarm()
        for error in errors:
            for burst in lengths:
                for number in spread(total, trials):
                    place.reset()
                    last = number + burst - 1
                    shim.arm(inputs, [kind], first=number, last=last, error=error)
                    code, why = outcome_in_child(lambda: build_here(place.config), message)
                    shim.disarm()
                    what = f"{errno.errorcode[error]} for {burst} x {kind} from {number} of {total}"
                    lost = code == 0 and place.state() != "new"
                    again = tuple(rebuild(place, place.new))
                    yield Trial(what, code, why, lost, again)


def in_a_stage(place: Place) -> Iterator[Trial]:
    """Let a stage meet each fault of the machine once."""
    (place.folder / "failing_stage.py").write_text(STAGE)
    settings = "stages=[{use: 'failing_stage:Failing'}, {stage: split, test: 0.1}]"
    fault, message = place.folder / "fault", place.folder.with_name("message")
    place.reset()
    outcome_in_child(lambda: build_here(place.config, settings), message)
    clean = contents(place.target) or {}
    n_records = count_records(place.target)
    for name in FAULTS:
        place.reset()
        fault.write_text(name)
        code, why = outcome_in_child(_with_a_worker(place.config, settings), message)
        lost = code == 0 and count_records(place.target) != n_records
        fault.unlink()
        again = tuple(rebuild(place, clean, settings))
        yield Trial(f"{name} in a stage", code, why, lost, again)


def _with_a_worker(config: Path, *settings: str) -> Callable[[], object]:
    """Return an action that builds with one worker."""

    def action() -> None:
        from corpus.pipeline.warm_up import work_order

        loaded = load_config(config, settings)
        with Local(1, work_order(loaded.stages)) as engine:
            build(loaded, engine=engine)

    return action


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of all passing faults."""
    place = make_place(effort.scratch / "place")
    trials, notes = list(in_a_stage(place)), []
    if VARIABLE in os.environ:
        errors = ERRORS[:1] if effort.quick else ERRORS
        lengths = BURSTS[:2] if effort.quick else BURSTS
        number = effort.choose(quick=1, full=10_000)
        trials += bursts(place, Shim(), number, errors, lengths)
    else:
        notes.append("bursts of failed reads were not run: no C compiler")
    bad = [
        trial for trial in trials if trial.lost or trial.rebuilt or trial.code not in RIGHT_CODES
    ]
    equal = sum(not trial.rebuilt for trial in trials)
    lost = sum(trial.lost for trial in trials)
    measured = f"{equal} of {len(trials)} equal; lost at exit 0: {lost}"
    lines = tuple(trial.line() for trial in bad)
    return [Figure(NAME, TARGET, measured, not bad, lines, tuple(notes))]
