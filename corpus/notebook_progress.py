"""Show the progress of a build below a notebook cell: one line that is updated in place."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from corpus.progress import PhaseProgress
from corpus.terminal import safe

SECONDS_BETWEEN_UPDATES = 0.5


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    import sys

    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()  # type: ignore[no-untyped-call,unused-ignore]
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


@dataclass
class NotebookProgress:
    """Keep one block of lines up to date below the cell: finished phases, and the current one."""

    clock: Callable[[], float] = time.monotonic
    finished: list[str] = field(default_factory=list)
    current: PhaseProgress | None = None
    updated: float = 0.0
    display: Any = field(default=None, repr=False)

    def start(self, phase: str, *, bytes: int) -> None:
        """Begin a phase with this many bytes to do (0: unknown); it ends the phase before."""
        self.finish()
        self.current = PhaseProgress(safe(phase), bytes, self.clock())
        self._show()

    def advance(self, *, documents: int, bytes: int) -> None:
        """Count, and update the line if the last update is old enough."""
        if self.current is None:
            return
        self.current.documents += documents
        self.current.bytes += bytes
        if self.clock() - self.updated >= SECONDS_BETWEEN_UPDATES:
            self._show()

    def note(self, message: str) -> None:
        """Keep a message above the current line."""
        self.finished.append(safe(message, lines=True))
        self._show()

    def finish(self) -> None:
        """End the current phase."""
        if self.current is None:
            return
        self.finished.append(self.current.summary(self.clock()))
        self.current = None
        self._show()

    def _show(self) -> None:
        from IPython.display import display

        self.updated = self.clock()
        current = [self.current.line(self.updated)] if self.current else []
        text = "\n".join([*self.finished, *current])
        content = {
            "text/plain": text,
            "text/html": f"<pre style='opacity:.7'>{html.escape(text)}</pre>",
        }
        if self.display is None:
            self.display = display(content, raw=True, display_id=True)
        else:
            self.display.update(content, raw=True)
