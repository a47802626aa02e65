"""How a build tells what it is doing: a live line on a terminal, now and then one, or nothing.

Progress is told, never asked: what is built cannot depend on it. It goes to the standard error,
results do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from corpus.terminal import in_bytes, in_time, safe

SECONDS = 5.0
"""The least time between two lines where there is no terminal."""


class Progress(Protocol):
    """What a build calls while it works."""

    def start(self, phase: str, *, bytes: int) -> None:
        """Begin a phase with so much to do (0: nobody knows); it ends the phase before."""

    def advance(self, *, documents: int, bytes: int) -> None:
        """Say that so many more documents, and so much of the work, are done."""

    def note(self, message: str) -> None:
        """Say something that should stay on the screen."""

    def finish(self) -> None:
        """End the last phase. Can be called at any time, and more than once."""


@dataclass
class Tally:
    """What is done of a phase."""

    phase: str
    total: int
    began: float
    documents: int = 0
    bytes: int = 0

    def rate(self, now: float) -> float:
        """Return the bytes done in a second, 0 where it is too early to tell."""
        return self.bytes / (now - self.began) if now - self.began > 0.5 else 0.0

    def left(self, now: float) -> str:
        """Return about how long the rest will take, empty where nobody knows."""
        rate = self.rate(now)
        if not rate or self.total <= self.bytes:
            return ""
        return f"{in_time((self.total - self.bytes) / rate)} left"

    def line(self, now: float) -> str:
        """Return the state of a phase: `read: 12 documents, 3 MB of 9 MB, 2 MB/s, 3 s left`."""
        # What is read packed is counted unpacked, and may be more than was thought.
        known = self.bytes <= self.total
        done = in_bytes(self.bytes) + (f" of {in_bytes(self.total)}" if known else "")
        rate = self.rate(now)
        return ", ".join(
            said
            for said in (
                f"{self.phase}: {_count(self.documents)}",
                done if self.total or self.bytes else "",
                f"{in_bytes(rate)}/s" if rate else "",
                self.left(now),
            )
            if said
        )

    def end(self, now: float) -> str:
        """Return what became of a phase: `read: 1,200 documents, 9 MB in 4 s`."""
        counts = [_count(self.documents)] if self.documents else []
        counts += [in_bytes(self.bytes)] if self.bytes else []
        took = f"in {in_time(now - self.began)}"
        return f"{self.phase}: {' '.join([', '.join(counts), took]).strip()}"


@dataclass
class _Silent:
    """Says nothing."""

    def start(self, phase: str, *, bytes: int) -> None:
        """Say nothing."""

    def advance(self, *, documents: int, bytes: int) -> None:
        """Say nothing."""

    def note(self, message: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""


@dataclass
class _Plain:
    """Writes a line when a phase ends, and every few seconds while it lasts."""

    stream: IO[str]
    clock: Callable[[], float]
    every: float
    tally: Tally | None = None
    said: float = 0.0

    def start(self, phase: str, *, bytes: int) -> None:
        """Begin a phase."""
        self.finish()
        self.said = self.clock()
        self.tally = Tally(safe(phase), bytes, self.said)

    def advance(self, *, documents: int, bytes: int) -> None:
        """Count, and write a line if the last one is old enough."""
        if self.tally is None:
            return
        self.tally.documents += documents
        self.tally.bytes += bytes
        done = self.tally.total and self.tally.bytes >= self.tally.total  # its last line comes next
        if not done and (now := self.clock()) - self.said >= self.every:
            self.said = now
            self._write(self.tally.line(now))

    def note(self, message: str) -> None:
        """Write the message on a line of its own."""
        self._write(safe(message, lines=True))

    def finish(self) -> None:
        """Write what became of the phase."""
        if self.tally is not None:
            self._write(self.tally.end(self.clock()))
        self.tally = None

    def _write(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()


@dataclass
class _Terminal:
    """Keeps one line at the bottom of a terminal up to date; what is noted stays above it."""

    console: Any
    clock: Callable[[], float]
    tally: Tally | None = None
    bar: Any = field(default=None, repr=False)
    task: Any = None

    def start(self, phase: str, *, bytes: int) -> None:
        """Begin a phase."""
        self.finish()
        self.tally = Tally(safe(phase), bytes, self.clock())
        self.bar = _bar(self.console)
        self.task = self.bar.add_task(self.tally.phase, total=bytes or None, says="", left="")
        self.bar.start()

    def advance(self, *, documents: int, bytes: int) -> None:
        """Count, and let the line show it."""
        if self.tally is None:
            return
        self.tally.documents += documents
        self.tally.bytes += bytes
        now = self.clock()
        rate = self.tally.rate(now)
        speed = f"  {in_bytes(rate)}/s" if rate else ""
        says = f"{_count(self.tally.documents)}{speed}"
        self.bar.update(self.task, completed=self.tally.bytes, says=says, left=self.tally.left(now))

    def note(self, message: str) -> None:
        """Print the message above the line."""
        self.console.print(safe(message, lines=True), markup=False, highlight=False, soft_wrap=True)

    def finish(self) -> None:
        """Replace the line by what became of the phase."""
        if self.tally is None:
            return
        self.bar.stop()
        said = self.tally.end(self.clock())
        self.tally = None
        self.console.print(said, markup=False, highlight=False, style="dim", soft_wrap=True)


def _count(documents: int) -> str:
    return f"{documents:,} document{'' if documents == 1 else 's'}"


def _bar(console: Any) -> Any:
    """Return rich's progress bar with our columns."""
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=24),
        progress.TextColumn("{task.fields[says]}", markup=False),
        progress.TextColumn("{task.fields[left]}", markup=False, style="dim"),
        console=console,
        transient=True,
        refresh_per_second=5,
    )


def silent() -> Progress:
    """Return a progress that says nothing."""
    return _Silent()


def plain(
    stream: IO[str], *, every: float = SECONDS, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """Return a progress that writes lines: one when a phase ends, and one `every` few seconds."""
    return _Plain(stream, clock, every)


def terminal(console: Any, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress that keeps a live line on the terminal of a rich console."""
    return _Terminal(console, clock)


def fitting(stream: IO[str], *, quiet: bool = False) -> Progress:
    """Return the progress that suits the stream: a live line on a terminal, else lines."""
    import os

    if quiet:
        return silent()
    if not stream.isatty() or os.environ.get("TERM", "") == "dumb":
        return plain(stream)
    from rich.console import Console  # it heeds NO_COLOR

    return terminal(Console(file=stream))
