"""Report the progress of a build: a live line on a terminal, a line now and then, or nothing.

Nothing is ever read from a progress, so a build cannot depend on it. Progress goes to stderr,
results go to stdout.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from corpus.terminal import format_bytes, format_duration, safe

SECONDS_BETWEEN_LINES = 5.0
"""Minimum time between two lines if there is no terminal."""


class Progress(Protocol):
    """The methods that a build calls while it works."""

    def start(self, phase: str, *, bytes: int) -> None:
        """Start a phase with this number of bytes to do (0: unknown), and end the last one."""

    def advance(self, *, documents: int, bytes: int) -> None:
        """Add to the documents and bytes that are done."""

    def note(self, message: str) -> None:
        """Show a message that remains on the screen."""

    def finish(self) -> None:
        """End the last phase. May be called at any time, and more than once."""


@dataclass
class PhaseProgress:
    """What is done of a phase, and how to describe it."""

    phase: str
    total: int
    """Number of bytes to do; 0 if unknown."""
    started: float
    documents: int = 0
    bytes: int = 0

    def rate(self, now: float) -> float:
        """Return the speed in bytes per second, or 0 during the first half second."""
        return self.bytes / (now - self.started) if now - self.started > 0.5 else 0.0

    def time_left(self, now: float) -> str:
        """Return about how long the rest will take, or an empty text if unknown."""
        rate = self.rate(now)
        if not rate or self.total <= self.bytes:
            return ""
        return f"{format_duration((self.total - self.bytes) / rate)} left"

    def line(self, now: float) -> str:
        """Return the state of a phase: `read: 12 documents, 3 MB of 9 MB, 2 MB/s, 3 s left`."""
        # Compressed files are counted uncompressed, so their size may exceed the estimate.
        is_total_valid = self.bytes <= self.total
        done = format_bytes(self.bytes)
        done += f" of {format_bytes(self.total)}" if is_total_valid else ""
        rate = self.rate(now)
        parts = (
            f"{self.phase}: {_count(self.documents)}",
            done if self.total or self.bytes else "",
            f"{format_bytes(rate)}/s" if rate else "",
            self.time_left(now),
        )
        return ", ".join(part for part in parts if part)

    def summary(self, now: float) -> str:
        """Return the summary of a finished phase: `read: 1,200 documents, 9 MB in 4 s`."""
        counts = [_count(self.documents)] if self.documents else []
        counts += [format_bytes(self.bytes)] if self.bytes else []
        duration = f"in {format_duration(now - self.started)}"
        return f"{self.phase}: {' '.join([', '.join(counts), duration]).strip()}"


@dataclass
class _Silent:
    """Shows nothing."""

    def start(self, phase: str, *, bytes: int) -> None:
        """Do nothing."""

    def advance(self, *, documents: int, bytes: int) -> None:
        """Do nothing."""

    def note(self, message: str) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


@dataclass
class _Plain:
    """Writes a line when a phase ends, and every few seconds before."""

    stream: IO[str]
    clock: Callable[[], float]
    seconds_between_lines: float
    current: PhaseProgress | None = None
    last_line: float = 0.0
    """When the last line was written, by the clock."""

    def start(self, phase: str, *, bytes: int) -> None:
        """Start a phase."""
        self.finish()
        self.last_line = self.clock()
        self.current = PhaseProgress(safe(phase), bytes, self.last_line)

    def advance(self, *, documents: int, bytes: int) -> None:
        """Count, and write a line if the last one is old enough."""
        current = self.current
        if current is None:
            return
        current.documents += documents
        current.bytes += bytes
        is_done = current.total and current.bytes >= current.total  # the summary comes next
        now = self.clock()
        if not is_done and now - self.last_line >= self.seconds_between_lines:
            self.last_line = now
            self._write(current.line(now))

    def note(self, message: str) -> None:
        """Write a message on its own line."""
        self._write(safe(message, lines=True))

    def finish(self) -> None:
        """Write the summary of the phase."""
        if self.current is not None:
            self._write(self.current.summary(self.clock()))
        self.current = None

    def _write(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()


@dataclass
class _Terminal:
    """Updates one line at the bottom of a terminal; messages and summaries stay above it."""

    console: Any
    clock: Callable[[], float]
    current: PhaseProgress | None = None
    bar: Any = field(default=None, repr=False)
    task: Any = None

    def start(self, phase: str, *, bytes: int) -> None:
        """Start a phase."""
        self.finish()
        self.current = PhaseProgress(safe(phase), bytes, self.clock())
        self.bar = _bar(self.console)
        self.task = self.bar.add_task(
            self.current.phase, total=bytes or None, done="", time_left=""
        )
        self.bar.start()

    def advance(self, *, documents: int, bytes: int) -> None:
        """Count, and update the line."""
        current = self.current
        if current is None:
            return
        current.documents += documents
        current.bytes += bytes
        now = self.clock()
        rate = current.rate(now)
        speed = f"  {format_bytes(rate)}/s" if rate else ""
        self.bar.update(
            self.task,
            completed=current.bytes,
            done=f"{_count(current.documents)}{speed}",
            time_left=current.time_left(now),
        )

    def note(self, message: str) -> None:
        """Print a message above the line."""
        self.console.print(safe(message, lines=True), markup=False, highlight=False, soft_wrap=True)

    def finish(self) -> None:
        """Replace the line by the summary of the phase."""
        if self.current is None:
            return
        self.bar.stop()
        summary = self.current.summary(self.clock())
        self.current = None
        self.console.print(summary, markup=False, highlight=False, style="dim", soft_wrap=True)


def _count(documents: int) -> str:
    return f"{documents:,} document{'' if documents == 1 else 's'}"


def _bar(console: Any) -> Any:
    """Return a progress bar of rich with the columns of a build."""
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=24),
        progress.TextColumn("{task.fields[done]}", markup=False),
        progress.TextColumn("{task.fields[time_left]}", markup=False, style="dim"),
        console=console,
        transient=True,
        refresh_per_second=5,
    )


def silent() -> Progress:
    """Return a progress that shows nothing."""
    return _Silent()


def plain(
    stream: IO[str],
    *,
    seconds_between_lines: float = SECONDS_BETWEEN_LINES,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """Return a progress that writes a line when a phase ends, and now and then before."""
    return _Plain(stream, clock, seconds_between_lines)


def terminal(console: Any, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress that shows a live line on the terminal of a rich console."""
    return _Terminal(console, clock)


def choose_progress(stream: IO[str], *, quiet: bool = False) -> Progress:
    """Return the progress for a stream: a live line on a terminal, otherwise plain lines."""
    import os

    if quiet:
        return silent()
    if not stream.isatty() or os.environ.get("TERM", "") == "dumb":
        return plain(stream)
    from rich.console import Console  # it respects NO_COLOR

    return terminal(Console(file=stream))
