"""Fail the operations of a build one by one: whatever fails, no document is lost silently.

Two layers fail: the C library (`shim`), and the functions of `corpus.storage`. After each fault,
the visible build is the old one or the whole new one; exit code 0 only comes with the whole new
build; and a build without a fault gives the same bytes as a clean one, and leaves no scratch files.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import inspect
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from corpus import storage
from reliability.builds import Place, build_here, leftovers, make_place, outcome_in_child
from reliability.figure import Effort, Figure, not_run, spread
from reliability.shim import KINDS, VARIABLE, Shim

FAULTS = (
    ("fail", errno.EIO),
    ("fail", errno.ENOSPC),
    ("kill", 0),
    ("short", errno.EIO),
)
"""What happens to an operation. `short` is for reads and writes: half of the bytes."""

NAME = "operations failed one by one"
TARGET = "half builds visible 0; documents lost at exit 0: 0"


class Trial(NamedTuple):
    """What was seen after one fault."""

    what: str
    code: int
    message: str
    state: str
    rebuilt: str
    """Empty if a build without a fault was equal to a clean one."""
    left: tuple[str, ...]
    """Scratch files that a build without a fault leaves, too: what could not be deleted at once,
    the next build must delete."""

    def faults(self) -> Iterator[str]:
        """Yield each rule that was broken."""
        if self.state == "OTHER":
            yield "half build"
        if self.state == "absent":
            yield "build gone"
        if self.code == 0 and self.state != "new":
            yield "lost at exit 0"
        if self.code not in (0, 4, -signal.SIGKILL):
            yield f"exit {self.code}"
        if self.code == 4 and self.state == "new" and "in place" not in self.message:
            yield "exit 4 though published"
        if self.rebuilt:
            yield "rebuild differs"
        if self.left:
            yield "scratch left"

    def line(self) -> str:
        """Return the trial in one line."""
        seen = f"exit {self.code}, build {self.state}"
        if self.message:
            seen += f", {self.message[:160]}"
        if self.rebuilt:
            seen += f"; rebuilt: {self.rebuilt[:160]}"
        if self.left:
            seen += f"; left: {', '.join(self.left[:3])}"
        return f"{', '.join(self.faults())}: {self.what}: {seen}"


def run_trial(place: Place, what: Callable[[], str], action: Callable[[], object]) -> Trial:
    """Run a build with a fault, then one without, and return what was seen.

    `what` returns a description of the fault, once it has occurred.
    """
    report = place.folder.with_name("message")
    code, message = outcome_in_child(action, report)
    described, state = what(), place.state()
    rebuilt = ""
    if code or state != "new":
        again, why = outcome_in_child(lambda: build_here(place.config), report)
        rebuilt = f"exit {again}, {why}" if again else ""
        if not again and place.state() != "new":
            rebuilt = f"exit 0, build {place.state()}"
    if leftovers(place.target):
        outcome_in_child(lambda: build_here(place.config), report)
    return Trial(described, code, message, state, rebuilt, tuple(leftovers(place.target)))


def through_the_c_library(place: Place, shim: Shim, trials: int) -> Iterator[Trial]:
    """Fail the operations of each kind, in each way, at evenly spread places."""
    for kind in KINDS:
        place.reset()
        shim.arm(place.folder, [kind])
        outcome_in_child(lambda: build_here(place.config), place.folder.with_name("message"))
        total = shim.disarm()
        for action, error in FAULTS:
            if action == "short" and kind not in ("read", "write"):
                continue
            for number in spread(total, trials):
                place.reset()
                shim.arm(
                    place.folder, [kind], first=number, last=number, error=error, action=action
                )
                yield run_trial(
                    place,
                    functools.partial(_described, shim, place, action, error, number, total),
                    lambda: build_here(place.config),
                )


def _described(shim: Shim, place: Place, action: str, error: int, number: int, total: int) -> str:
    """Disarm the shim, and say what it failed."""
    shim.disarm()
    name = errno.errorcode.get(error, "KILL") if action != "short" else "half of the bytes"
    hit = shim.hit.replace(str(place.folder) + "/", "")
    return f"{name} at operation {number} of {total}, {hit or 'not reached'}"


class StorageLayer:
    """Counts the calls of the functions of `corpus.storage`, and fails one of them."""

    def __init__(self) -> None:
        self.seen, self.first = 0, 0
        self.error: int | None = 0
        """The error number; None kills the process."""
        self.after = False
        """Whether the function does its work before it fails."""

    def _fault(self, name: str) -> None:
        if self.error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.error, os.strerror(self.error or 0), f"storage.{name}")

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a count and a fault."""
        name = function.__name__

        @functools.wraps(function)
        def counted(*arguments: Any, **options: Any) -> Any:
            self.seen += 1
            chosen = self.seen == self.first
            if chosen and name == "remove" and self.error is not None:
                return None  # it raises nothing: what cannot be deleted stays
            if chosen and not self.after:
                self._fault(name)
            result = function(*arguments, **options)
            if chosen and name != "publish":  # it reports this fault by itself
                self._fault(name)
            return result

        return counted


@contextlib.contextmanager
def layer_in_storage() -> Iterator[StorageLayer]:
    """Replace every function of `corpus.storage`, wherever a module has imported it."""
    layer = StorageLayer()
    replaced = []
    functions = {
        function: layer.wrap(function)
        for name, function in vars(storage).items()
        if inspect.isfunction(function)
        and function.__module__ == storage.__name__
        and name[0] != "_"
    }
    for module in [m for name, m in sys.modules.items() if name.split(".")[0] == "corpus"]:
        for name, value in list(vars(module).items()):
            if inspect.isfunction(value) and value in functions:
                replaced.append((module, name, value))
                setattr(module, name, functions[value])
    try:
        yield layer
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)


def through_storage(place: Place, trials: int) -> Iterator[Trial]:
    """Fail each call of a function of `corpus.storage`, before and after it does its work."""
    counts = place.folder.with_name("calls")
    with layer_in_storage() as layer:

        def counted() -> None:
            build_here(place.config)
            counts.write_text(str(layer.seen))

        place.reset()
        outcome_in_child(counted, place.folder.with_name("message"))
        total = int(counts.read_text())
        for error in (errno.EIO, errno.ENOSPC, None):
            for after in (False, True):
                for number in spread(total, trials):
                    place.reset()
                    layer.seen, layer.first, layer.error, layer.after = 0, number, error, after
                    name = errno.errorcode[error] if error else "KILL"
                    when = "after" if after else "before"
                    what = f"{name} {when} call {number} of {total} of corpus.storage"
                    yield run_trial(
                        place,
                        functools.partial(_disarmed, layer, what),
                        lambda: build_here(place.config),
                    )


def _disarmed(layer: StorageLayer, what: str) -> str:
    """Let all calls succeed again, and say what was failed."""
    layer.first = 0
    return what


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of both layers."""
    place = make_place(effort.scratch / "place")
    seen = list(through_storage(place, effort.choose(quick=2, full=10_000)))
    figures = [_figure(f"{NAME}, through `storage.py`", seen)]
    name = f"{NAME}, by a preloaded library (open, read, write, short write, fsync, rename, "
    name += "exchange, mkdir, unlink, lock; EIO, ENOSPC, kill)"
    if VARIABLE not in os.environ:
        return [*figures, not_run(name, TARGET, "no C compiler")]
    seen = list(through_the_c_library(place, Shim(), effort.choose(quick=1, full=10_000)))
    return [*figures, _figure(name, seen)]


def _figure(name: str, trials: list[Trial]) -> Figure:
    bad = [trial for trial in trials if any(trial.faults())]
    faults = [fault for trial in bad for fault in trial.faults()]
    half = sum(fault in ("half build", "build gone") for fault in faults)
    lost = faults.count("lost at exit 0")
    other = len(bad) - sum(
        bool({"half build", "build gone", "lost at exit 0"} & set(trial.faults())) for trial in bad
    )
    measured = f"{half}; {lost} (of {len(trials):,} faults; other rules broken: {other})"
    return Figure(name, TARGET, measured, not bad, tuple(trial.line() for trial in bad))
