"""Compiled kernels: kept as long as nothing that is compiled into them changes, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from corpus import kernels


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a package of a kernel, a module beside it, and one elsewhere."""
    files = {
        "fast/__init__.py": "",
        "fast/kernel.py": "from fast.limits import MOST\n\n@njit\ndef f(x):\n    return x < MOST\n",
        "fast/limits.py": "MOST = 1\n",
        "slow/__init__.py": "",
        "slow/limits.py": "LEAST = 1\n",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.setattr(kernels, "PACKAGE", tmp_path)
    return tmp_path


def key():
    """Return the hash, not what was remembered of it."""
    return kernels.kernel_sources_hash.__wrapped__()


def test_a_constant_beside_a_kernel_is_part_of_its_key(package):
    """A kernel holds the constants it imports, so a change of one is a change of the kernel."""
    before = key()
    (package / "fast" / "limits.py").write_text("MOST = 2\n")
    assert key() != before


def test_what_no_kernel_imports_leaves_them_compiled(package):
    """A change in a package without kernels compiles nothing again."""
    before = key()
    (package / "slow" / "limits.py").write_text("LEAST = 2\n")
    assert key() == before


def test_a_kernel_is_compiled_once_for_its_types():
    """A kernel that another one calls with constants is not compiled anew for each of them."""
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
from kept import doubled, np, sys

print(doubled(np.arange(3)).tolist(), "scipy.linalg" in sys.modules)
print(doubled(np.full(2, 0.5)).tolist())
"""


def test_a_kept_kernel_is_loaded_without_the_compiler(tmp_path):
    """What numba compiles with is imported when something is compiled, and no sooner."""
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
