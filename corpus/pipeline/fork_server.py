"""Start the fork server of the workers as a copy of this process, if nothing else runs in it.

By itself, multiprocessing starts its fork server as a new Python, which imports once more what the
process of a build has imported: a third of a second of processor time. The process of a command can
be copied instead, as it is ours. Only threads make this unsafe, since a copy has none of them, but
has the locks that they held. So a process is copied only if every thread of it is known: the one
that copies, and one that waits for a signal. In any other process, the server is a new Python.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

WAITING_THREAD = "corpus-waiting"
"""The name of a thread that only waits, and holds no lock while it does."""

MEMORY_THREAD = "jemalloc_bg_thd"
"""The name of the thread of Arrow's memory allocator, which is ready for copies at any time."""

FIRST_UNKNOWN_PYTHON = (3, 14)
"""From this version on, the server is a new Python: its start is a part of Python that may change.
"""

_FIRST_OF_OURS = 3
"""The first file descriptor after the standard streams."""


def copy_process_as_fork_server(prepare: Callable[[], None]) -> bool:
    """Start the fork server as a copy of this process, and return whether that was safe.

    The copy calls `prepare` before it serves. If a fork server is running, or the process has an
    unknown thread, nothing happens.
    """
    from multiprocessing import forkserver, resource_tracker, util

    module, server = cast("Any", util), cast("Any", forkserver)
    is_known = sys.version_info < FIRST_UNKNOWN_PYTHON and hasattr(module, "spawnv_passfds")
    if not (is_known and hasattr(server._forkserver, "_lock") and _is_safe()):  # noqa: SLF001
        return False
    resource_tracker.ensure_running()
    start_python = module.spawnv_passfds
    module.spawnv_passfds = partial(_copy, prepare)
    try:
        forkserver.ensure_running()
    finally:
        module.spawnv_passfds = start_python
    return True


def _is_safe() -> bool:
    """Return whether every thread, also of libraries in C, is this one or only waits.

    The standard streams must be open: otherwise a lock or a socket may have one of their numbers.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        return False
    try:
        names = [(task / "comm").read_text() for task in Path("/proc/self/task").iterdir()]
    except OSError:  # another system than Linux
        return False
    threads = sum(name.strip() != MEMORY_THREAD for name in names)
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return (
        threading.current_thread() is threading.main_thread()
        and all(thread.name == WAITING_THREAD for thread in others)
        and threads == 1 + len(others)
    )


def _copy(
    prepare: Callable[[], None], _: str, arguments: Sequence[str], kept: Sequence[int]
) -> int:
    """Do in a copy of this process what `python ARGUMENTS` would do, and return its id.

    The last argument is the code to run; `kept` are the file descriptors that it uses.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody may read it any more
            stream.flush()  # what waits here would be written twice
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside other threads
        process = os.fork()
    if process == 0:
        try:
            _forget_the_command(kept)
            prepare()
            exec(arguments[-1], {})  # noqa: S102  multiprocessing's own code
        finally:
            os._exit(0)
    return process


def _forget_the_command(kept: Sequence[int]) -> None:
    """Undo in a copy what the command has done for itself: signals, files, locks, its stack."""
    from multiprocessing import forkserver

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) >= _FIRST_OF_OURS and int(name) not in kept:
            with suppress(OSError):  # the one that listed them
                os.close(int(name))
    server: Any = forkserver
    server._forkserver._lock.release()  # noqa: SLF001  the copy was made while it was held
    sys.setrecursionlimit(sys.getrecursionlimit() + _stack_depth())


def _stack_depth() -> int:
    depth, frame = 0, sys._getframe()  # noqa: SLF001
    while frame := frame.f_back:  # type: ignore[assignment]
        depth += 1
    return depth
