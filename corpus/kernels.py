"""Compile the hot loops: numba's `njit`, with a cache that never serves a stale kernel.

numba caches a function under its own file alone: change a kernel that another one inlines, and the
other keeps the old code. So the cache folder is named after the sources of the whole package, numba
and the interpreter; a changed source starts an empty one. Modules with kernels take `njit` from
here, which also sees to it that the folder is set before numba is first imported. The processor is
part of numba's own key.
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

from corpus.fingerprints import PACKAGE


@cache
def kernel_sources_hash() -> str:
    """Return 16 hex digits that change whenever a package that holds kernels does, or this module.

    Not only the modules of the kernels: numba compiles the constants in that they import from
    their neighbours.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in sorted(path.parent for path in PACKAGE.rglob("__init__.py")):
        sources = [path.read_bytes() for path in sorted(folder.glob("*.py"))]
        if any(b"\n@njit" in code for code in sources):
            for code in sources:
                digest.update(hashlib.sha256(code).digest())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return where compiled kernels and models are kept: yours to delete, remade when missing."""
    base = os.environ.get("CORPUS_CACHE") or os.path.join(  # noqa: PTH118
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),  # noqa: PTH111
        "corpus",
    )
    return Path(base)


def kernel_folder() -> Path:
    """Return the folder of the kernels compiled from these sources, by this numba and Python."""
    python = f"{sys.implementation.cache_tag}"
    return cache_folder() / f"kernels-{kernel_sources_hash()}-{metadata.version('numba')}-{python}"


def missing_marks(stages: Iterable[str]) -> list[Path]:
    """Return the marks that say that a stage's kernels are compiled, of those that have none."""
    marks = [kernel_folder() / f"{stage}.ready" for stage in dict.fromkeys(stages)]
    return [mark for mark in marks if not mark.exists()]


def njit(function: Any = None, **options: Any) -> Any:
    """Compile with numba: cached on disk, without the GIL, exact arithmetic, no threads.

    Nobody calls a kernel from C, so it gets no entry for that; and one that another kernel calls is
    compiled once for a type, not again for each constant it is given. That is a third of the time.
    """
    if function is None:
        return lambda function: njit(function, **options)
    os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_folder()))
    import numba

    # numba reads the variable when it is imported, which may have been before
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
    _load_alone(kernel)
    return kernel


def _load_alone(kernel: Any) -> None:
    """Let a kernel be loaded from the cache without all that numba needs to compile one.

    Before it looks into its cache, numba imports whatever a kernel might use, scipy's linear
    algebra too: half a second of processor time. A compiled kernel needs its memory manager alone,
    and the compiler sees to the rest by itself when there is something to compile.
    """
    kept = kernel._cache  # noqa: SLF001  there is no public way
    load = getattr(kept, "_load_overload", None)
    if load is None:  # a kernel that is not cached, or another numba
        return

    def load_overload(signature: Any, target: Any) -> Any:
        from numba.core.runtime import rtsys

        rtsys.initialize(target)
        return load(signature, target)

    kept.load_overload = load_overload
