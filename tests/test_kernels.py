"""Compiled kernels are reused until something that is compiled into them changes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from corpus import kernels


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a package with a kernel and a constant that it imports, and one without kernels."""
    files = {
        "fast/__init__.py": "",
        "fast/kernel.py": "from fast.limits import TOP\n\n@njit\ndef f(x):\n    return x < TOP\n",
        "fast/limits.py": "TOP = 1\n",
        "slow/__init__.py": "",
        "slow/limits.py": "LIMIT = 1\n",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.setattr(kernels, "PACKAGE", tmp_path)
    return tmp_path


def key():
    """Return the hash of the kernel sources, computed anew."""
    return kernels.kernel_sources_hash.__wrapped__()


def test_a_changed_constant_changes_the_key_of_its_kernel(package):
    """A kernel contains the constants that it imports, so a new value needs a new kernel."""
    before = key()
    (package / "fast" / "limits.py").write_text("TOP = 2\n")
    assert key() != before


def test_a_change_outside_the_kernels_keeps_the_key(package):
    """A change in a package without kernels compiles nothing again."""
    before = key()
    (package / "slow" / "limits.py").write_text("LIMIT = 2\n")
    assert key() == before


def test_a_kernel_is_compiled_once_for_each_signature():
    """Calls with different constants of one type share one compiled kernel."""
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
    for at in range(len(values)):
        out[at] = 2 * values[at]
    return out
"""
USE = """
from cached import doubled, np, sys

print(doubled(np.arange(3)).tolist(), "scipy.linalg" in sys.modules)
print(doubled(np.full(2, 0.5)).tolist())
"""


def test_a_cached_kernel_loads_without_the_compiler(tmp_path):
    """The modules of numba's compiler are imported only when a kernel is compiled."""
    (tmp_path / "cached.py").write_text(KERNEL)
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

    run("from cached import doubled, np; doubled(np.arange(3))")
    assert run(USE) == ["[0, 2, 4] False", "[1.0, 1.0]"]
