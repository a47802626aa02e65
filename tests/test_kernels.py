"""Compiled kernels: cached until something that is compiled into them changes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from corpus import kernels


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a folder with a package that has a kernel, and one that has none."""
    files = {
        "fast/__init__.py": "",
        "fast/kernel.py": "from fast.limits import MAX\n\n@njit\ndef f(x):\n    return x < MAX\n",
        "fast/limits.py": "MAX = 1\n",
        "slow/__init__.py": "",
        "slow/limits.py": "MIN = 1\n",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.setattr(kernels, "PACKAGE", tmp_path)
    return tmp_path


def key():
    """Return the hash of the sources as they are now, without the cache."""
    return kernels.kernel_sources_hash.__wrapped__()


def test_a_changed_constant_changes_the_hash(package):
    """Imported constants are compiled into a kernel, so their module is part of its sources."""
    before = key()
    (package / "fast" / "limits.py").write_text("MAX = 2\n")
    assert key() != before


def test_a_change_in_a_package_without_kernels_keeps_the_hash(package):
    """Nothing is compiled again if a package without kernels changes."""
    before = key()
    (package / "slow" / "limits.py").write_text("MIN = 2\n")
    assert key() == before


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
    folders = os.pathsep.join([str(tmp_path), str(kernels.PACKAGE.parent)])
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
