"""Compile kernels: numba's `njit`, with a disk cache that never returns a stale kernel.

numba caches a function under the path and content of its own source file alone: after a change to a
kernel that another one inlines, the other would keep the old code, and the same sources in another
folder would be compiled again. Here a kernel is cached under the name of its module and a hash of
all code and data that the module depends on (`corpus.fingerprints`), since numba compiles imported
constants into a kernel. Modules with kernels import `njit` from here, which sets the folder before
numba is first imported. The processor is part of numba's own cache key.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus import storage
from corpus.errors import EnvironmentFault
from corpus.fingerprints import code_hash, sources_hash

TESTED_NUMBA = "0.68."
"""Versions of numba whose own classes `corpus.kernels.inner` knows. With others, a kernel that
kernels call is compiled as numba does it: with the same results, in more time."""

REMEDY = "set CORPUS_CACHE to a folder that can be written, for compiled kernels"

NUMBA_SETTINGS = ".numba_config.yaml"


def cache_folder() -> Path:
    """Return the folder of compiled kernels and models. It may be deleted: it is made again."""
    base = os.environ.get("CORPUS_CACHE") or os.path.join(  # noqa: PTH118
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),  # noqa: PTH111
        "corpus",
    )
    return Path(base)


def kernel_folder() -> Path:
    """Return the folder of all kernels compiled by this numba and Python."""
    return cache_folder() / f"kernels-{_compiler_versions()}-{sys.implementation.cache_tag}"


@cache
def _compiler_versions() -> str:
    return "-".join(metadata.version(name) for name in ("numba", "llvmlite"))


def missing_marks(stages: Iterable[type]) -> list[Path]:
    """Return the mark file of each class of stages whose kernels have not been compiled yet."""
    modules = dict.fromkeys(stage.__module__ for stage in stages)
    marks = [kernel_folder() / f"{module}-{code_hash(module)}.ready" for module in modules]
    return [mark for mark in marks if not mark.exists()]


def is_compiled(module: str) -> bool:
    """Return whether kernels of a module are in the cache."""
    return any((kernel_folder() / f"{module}-{code_hash(module)}").glob("*.nbc"))


def njit(function: Any = None, **options: Any) -> Any:
    """Compile a function with numba: cached on disk, without the GIL, exact arithmetic, no threads.

    Three things save half of the compile time. A kernel has no entry point for C, which nothing
    calls. A kernel called by another one is compiled once for each type, not for each constant, and
    only as far as the other one needs it (see `corpus.kernels.inner`).
    """
    if function is None:
        return lambda function: njit(function, **options)
    _refuse_settings_of_working_directory()
    import numba

    _set_cache_folder(function.__module__)
    kernel = numba.njit(**({"nogil": True, "cache": True, "no_cfunc_wrapper": True} | options))(
        function
    )
    if numba.__version__.startswith(TESTED_NUMBA):
        from corpus.kernels.inner import InnerKernel, compile_in_short

        InnerKernel(kernel)
        compile_in_short(kernel)
    _load_without_compiler(kernel)
    return kernel


def njit_without_allocation(function: Any = None, **options: Any) -> Any:
    """Compile a kernel that makes no arrays, and so needs no reference counts.

    By default numba counts a reference, in two atomic steps, to every array of every tuple that a
    kernel passes on. In kernels that call small ones for each word this takes most of the time, and
    the steps are a fifth of the code to compile.
    """
    return njit(function, _nrt=False, **options)


class _ModuleLocator:
    """Says where numba finds the cached kernels of a module of this package: a cache locator."""

    def __init__(self, function: Any) -> None:
        module = function.__module__
        self._folder = kernel_folder() / f"{module}-{code_hash(module)}"
        self._line = function.__code__.co_firstlineno
        self._py_file = function.__code__.co_filename  # for numba's warnings

    @classmethod
    def from_function(cls, function: Any, file: str) -> _ModuleLocator | None:  # noqa: ARG003
        """Return the locator of a function; None if its module is not of this package."""
        return cls(function) if _is_own(function.__module__) else None

    def get_cache_path(self) -> str:
        """Return the folder of the module's kernels."""
        return str(self._folder)

    def ensure_cache_path(self) -> None:
        """Make the folder; raise `EnvironmentFault` if it cannot be written."""
        storage.require_writable(self._folder, REMEDY)

    def get_source_stamp(self) -> str:
        """Return what changes with the source: the name of the folder contains a hash of it."""
        return self._folder.name

    def get_disambiguator(self) -> str:
        """Return what two functions of one name differ in."""
        return str(self._line)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == __name__.partition(".")[0]


def _set_cache_folder(module: str) -> None:
    """Let numba cache the kernels of a module where they are found again, and never stale.

    Kernels of modules outside of the package may inline any of its own.
    """
    import numba
    from numba.core import caching

    if not _is_own(module):
        own_folder = kernel_folder() / f"others-{sources_hash()}"
        numba.config.CACHE_DIR = os.environ.setdefault("NUMBA_CACHE_DIR", str(own_folder))
    locators = caching.CacheImpl._locator_classes  # noqa: SLF001  there is no public way
    if _ModuleLocator not in locators:
        locators.insert(0, _ModuleLocator)


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
