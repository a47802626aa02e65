"""What a worker process is: one computing thread, which ends with the build; and its socket."""

from __future__ import annotations

import os
from typing import Any

from corpus import storage
from corpus.errors import EnvironmentFault
from corpus.pipeline.module_path import search_working_directory_last

MAX_FOLDER = 60
"""Length of the path of a folder for sockets: a socket's own path has at most 107 bytes."""

SOCKET_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run/shm")  # noqa: S108  mkdtemp makes it ours
"""Where the socket of the fork server is, if the folder for temporary files has a long path."""

_PR_SET_PDEATHSIG = 1


def start_worker() -> None:
    """Limit a worker to one computing thread, and end it when the build or the fork server ends.

    A worker that outlived its fork server would not be known to the pool, and would go on writing.
    """
    import threading

    import pyarrow as pa

    end_with_parent_process()
    search_working_directory_last()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def end_with_parent_process() -> None:
    """Let the system kill this process when the one that forked it ends, for whatever reason."""
    import ctypes
    import signal

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_parent() -> None:
    """Wait until the process of the build has ended, for whatever reason, and end this one."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def use_short_socket_folder() -> None:
    """Let multiprocessing put its socket where its path is short enough for the system.

    Raises `EnvironmentFault` if there is no folder for it.
    """
    import multiprocessing
    import tempfile

    process: Any = multiprocessing.current_process()
    settings = process._config  # noqa: SLF001  there is no public way
    if settings.get("tempdir"):
        return
    bases = [base for base in (tempfile.gettempdir(), *SOCKET_FOLDERS) if len(base) < MAX_FOLDER]
    folder = next((made for base in bases if (made := storage.temporary_folder(base))), "")
    if not folder:
        raise EnvironmentFault(
            f"{tempfile.gettempdir()}: this path is too long for the socket of the workers, or "
            f"cannot be written; set TMPDIR to a folder of less than {MAX_FOLDER} characters"
        )
    settings["tempdir"] = folder
