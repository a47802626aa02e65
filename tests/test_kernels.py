"""Compiled kernels: kept as long as nothing that is compiled into them changes, and no longer."""

from __future__ import annotations

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
