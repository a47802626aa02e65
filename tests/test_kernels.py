"""Compiled kernels: cached until something that is compiled into them changes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from corpus import kernels
from corpus.fingerprints import PACKAGE

MODULES = ("__init__", "errors", "fingerprints", "kernels", "storage")
"""The modules of this package that a package with one kernel needs; the first is empty here."""

BELOW = """
from corpus.kernels import njit
from corpus.limits import MAX

@njit
def below(x):
    return x < MAX
"""


@pytest.fixture
def run_kernel(tmp_path):
    """Return a function that calls the kernel of a package in a folder, and lists the cache."""
    cache = tmp_path / "cache"

    def run(folder, limit):
        package = tmp_path / folder / "corpus"
        package.mkdir(parents=True, exist_ok=True)
        for name in MODULES:
            code = (PACKAGE / f"{name}.py").read_text() if name != "__init__" else ""
            (package / f"{name}.py").write_text(code)
        (package / "below.py").write_text(BELOW)
        (package / "limits.py").write_text(f"MAX = {limit}\n")
        (package / "stages").mkdir(exist_ok=True)  # which does not count
        (package / "stages" / "new.py").write_text(f"# of {folder}\n")
        output = subprocess.run(
            [sys.executable, "-P", "-B", "-c", "from corpus.below import below; print(below(5))"],
            env=os.environ | {"PYTHONPATH": str(package.parent), "CORPUS_CACHE": str(cache)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        return output, sorted(path.name for path in cache.rglob("*.nbc"))

    return run


def test_kernels_are_found_again_and_never_stale(run_kernel):
    """The same sources in another folder share kernels; a changed constant compiles them again."""
    first, files = run_kernel("a", limit=9)
    again, same_files = run_kernel("b", limit=9)
    changed, more_files = run_kernel("b", limit=2)

    assert [first, again, changed] == ["True", "True", "False"]
    assert len(files) == 1
    assert same_files == files
    assert len(more_files) == 2


def test_a_kernel_is_compiled_once_per_type():
    """A kernel that another one calls with two constants is compiled once."""
    add = kernels.njit(cache=False)(lambda a, b: a + b)
    both = kernels.njit(cache=False)(lambda a: add(a, 1) + add(a, 2))
    assert both(3) == 9
    assert len(add.signatures) == 1


KERNEL = """
import sys
import numpy as np
from corpus.kernels import njit

@njit
def doubled(values):
    out = np.zeros(len(values), values.dtype)
    for i in range(len(values)):
        out[i] = 2 * values[i]
    return out
"""
USE = """
from kept import doubled, np, sys

print(doubled(np.arange(3)).tolist(), "scipy.linalg" in sys.modules)
print(doubled(np.full(2, 0.5)).tolist())
"""


def test_a_cached_kernel_is_loaded_without_the_compiler(tmp_path):
    """The modules that numba needs to compile are imported only when something is compiled."""
    (tmp_path / "kept.py").write_text(KERNEL)
    folders = os.pathsep.join([str(tmp_path), str(PACKAGE.parent)])
    environment = os.environ | {"PYTHONPATH": folders, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run(code):
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.splitlines()

    run("from kept import doubled, np; doubled(np.arange(3))")
    assert run(USE) == ["[0, 2, 4] False", "[1.0, 1.0]"]
