"""A preloaded library that fails or records the operations of a build on files.

`shim.c` replaces the functions of the C library that open, read, write, sync, rename, create,
delete and lock files. It is compiled when it is needed. All processes of a build share one control
block, a mapped file, so an operation can be failed in a worker, too.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

KINDS = ("open", "read", "write", "fsync", "rename", "exchange", "mkdir", "unlink", "lock")
"""The operations that the shim knows. Their order is that of `shim.c`."""

ACTIONS = {"fail": 1, "short": 2, "kill": 3}
VARIABLE = "RELIABILITY_SHIM"
FOREVER = 1 << 60


class Control(ctypes.Structure):
    """The control block. Its layout is that of `shim.c`."""

    _fields_ = (
        ("armed", ctypes.c_long),
        ("kinds", ctypes.c_long),
        ("seen", ctypes.c_long),
        ("first", ctypes.c_long),
        ("last", ctypes.c_long),
        ("error", ctypes.c_long),
        ("action", ctypes.c_long),
        ("record", ctypes.c_long),
        ("folder", ctypes.c_char * 512),
        ("log", ctypes.c_char * 512),
        ("hit", ctypes.c_char * 1024),
    )


def environment(folder: Path) -> dict[str, str] | None:
    """Return the variables that preload the shim, or None if there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    library, control = folder / "shim.so", folder / "shim.control"
    source = Path(__file__).with_name("shim.c")
    call = [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", str(library), str(source), "-ldl"]
    subprocess.run(call, check=True)
    control.write_bytes(bytes(ctypes.sizeof(Control)))
    return {"LD_PRELOAD": str(library), VARIABLE: str(control)}


class Shim:
    """The control of the shim that is preloaded into this process."""

    def __init__(self) -> None:
        with open(os.environ[VARIABLE], "r+b") as file:  # noqa: PTH123
            self._map = mmap.mmap(file.fileno(), ctypes.sizeof(Control))
        self._control = Control.from_buffer(self._map)

    def arm(
        self,
        folder: Path,
        kinds: Iterable[str],
        *,
        first: int = FOREVER,
        last: int = FOREVER,
        error: int = 0,
        action: str = "fail",
    ) -> None:
        """Fail the operations `first` to `last` of these kinds below a folder; count all."""
        control = self._control
        control.seen, control.first, control.last = 0, first, last
        control.error, control.action = error, ACTIONS[action]
        control.folder, control.hit = os.fsencode(folder) + b"/", b""
        control.kinds = sum(1 << KINDS.index(kind) for kind in kinds)
        control.armed = 1

    def disarm(self) -> int:
        """Let all operations succeed again; return how many were counted."""
        self._control.armed = 0
        return int(self._control.seen)

    def record(self, folder: Path, log: Path) -> None:
        """Record the operations below a folder, and keep the data of each synced file."""
        self._control.folder, self._control.log = os.fsencode(folder) + b"/", os.fsencode(log)
        self._control.record = 1

    def stop_recording(self) -> None:
        """Stop recording."""
        self._control.record = 0

    @property
    def hit(self) -> str:
        """The first operation that was failed: its kind and path."""
        return os.fsdecode(self._control.hit)
