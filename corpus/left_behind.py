"""Threads that may be left behind in a call that does not return.

Python waits for its threads when a process ends. These are not waited for.
"""

from __future__ import annotations

import threading

LEFT_BEHIND = "corpus-left-behind"
"""The beginning of the names of such threads."""


def is_any_left_behind() -> bool:
    """Return whether such a thread is still running."""
    return any(thread.name.startswith(LEFT_BEHIND) for thread in threading.enumerate())
