"""Compile kernels: numba's `njit`, with a disk cache that never returns a stale kernel.

numba caches a function under its own source file alone: after a change to a kernel that another one
inlines, the other would keep the old code. So the cache folder is named after the sources of every
package with kernels, the version of numba, and the interpreter. A changed source starts an empty
folder. Modules with kernels import `njit` from here, which sets the folder before numba is first
imported. The processor is part of numba's own cache key.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus.errors import EnvironmentFault
from corpus.fingerprints import PACKAGE

NUMBA_SETTINGS = ".numba_config.yaml"


@cache
def kernel_sources_hash() -> str:
    """Return 16 hex digits that change whenever a package with kernels, or this module, changes.

    Every module of such a package counts, because numba compiles imported constants into a kernel.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in sorted(path.parent for path in PACKAGE.rglob("__init__.py")):
        sources = [path.read_bytes() for path in sorted(folder.glob("*.py"))]
        if any(b"\n@njit" in code for code in sources):
            for code in sources:
                digest.update(hashlib.sha256(code).digest())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder of compiled kernels and models. It may be deleted: it is made again."""
    base = os.environ.get("CORPUS_CACHE") or os.path.join(  # noqa: PTH118
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),  # noqa: PTH111
        "corpus",
    )
    return Path(base)


def kernel_folder() -> Path:
    """Return the folder of kernels compiled from these sources, by this numba and Python."""
    python = f"{sys.implementation.cache_tag}"
    return cache_folder() / f"kernels-{kernel_sources_hash()}-{metadata.version('numba')}-{python}"


def missing_marks(stages: Iterable[str]) -> list[Path]:
    """Return the mark file of each stage whose kernels have not been compiled yet."""
    marks = [kernel_folder() / f"{stage}.ready" for stage in dict.fromkeys(stages)]
    return [mark for mark in marks if not mark.exists()]


def njit(function: Any = None, **options: Any) -> Any:
    """Compile a function with numba: cached on disk, without the GIL, exact arithmetic, no threads.

    Two things save a third of the compile time. A kernel has no entry point for C, which nothing
    calls. A kernel called by another one is compiled once for each type, not for each constant.
    """
    if function is None:
        return lambda function: njit(function, **options)
    os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_folder()))
    _refuse_settings_of_working_directory()
    import numba

    # numba reads the variable when it is imported, which may have happened before
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]
    kernel = numba.njit(**({"nogil": True, "cache": True, "no_cfunc_wrapper": True} | options))(
        function
    )
    with_constants = kernel.get_call_template

    def without_constants(types: Any, named: Any) -> Any:
        return with_constants(
            tuple(map(numba.types.unliteral, types)),
            {name: numba.types.unliteral(type) for name, type in named.items()},
        )

    kernel.get_call_template = without_constants
    _load_without_compiler(kernel)
    return kernel


def njit_without_allocation(function: Any) -> Any:
    """Compile a kernel that makes no arrays, and so needs no reference counts.

    By default numba counts a reference, in two atomic steps, to every array of every tuple that a
    kernel passes on. In kernels that call small ones for each word this takes most of the time.
    """
    return njit(function, _nrt=False)


def _refuse_settings_of_working_directory() -> None:
    """Raise `EnvironmentFault` if numba would read its settings from the working directory.

    They say how kernels are compiled, and which modules numba imports.
    """
    if "numba" not in sys.modules and os.path.lexists(NUMBA_SETTINGS):
        raise EnvironmentFault(
            f"{os.path.abspath(NUMBA_SETTINGS)}: numba would take its settings from here; run the "  # noqa: PTH100
            "command in another folder, or give them as variables of the environment, NUMBA_..."
        )


def _load_without_compiler(kernel: Any) -> None:
    """Let a kernel be loaded from the cache without importing what numba needs to compile one.

    Before numba looks into its cache, it imports everything that a kernel might use, including
    scipy's linear algebra: half a second of processor time. A compiled kernel needs only the memory
    manager; the compiler imports the rest when there is something to compile.
    """
    disk_cache = kernel._cache  # noqa: SLF001  there is no public way
    load = getattr(disk_cache, "_load_overload", None)
    if load is None:  # a kernel that is not cached, or another version of numba
        return

    def load_overload(signature: Any, target: Any) -> Any:
        from numba.core.runtime import rtsys

        rtsys.initialize(target)
        return load(signature, target)

    disk_cache.load_overload = load_overload
