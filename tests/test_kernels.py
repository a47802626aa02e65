"""Compiled kernels: cached until something that is compiled into them changes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import numba
import numpy as np
import pytest
from numba.core import base, compiler, errors, typing
from numba.core.registry import cpu_target
from numba.core.types import functions

from corpus import kernels
from corpus.fingerprints import PACKAGE

MODULES = (
    "__init__",
    "errors",
    "fingerprints",
    "kernels/__init__",
    "kernels/inner",
    "kernels/short_compiler",
    "storage",
)
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
            path = package / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(code)
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
    assert len(add.inner_signatures) == 1


def test_a_kernel_for_kernels_is_compiled_no_further_until_python_calls_it():
    """Without an entry point for Python, it compiles faster; with one, it gives the same result."""
    add = kernels.njit(cache=False)(lambda a, b: a + b)
    twice = kernels.njit(cache=False)(lambda a: add(add(a, a), a))
    assert twice(3) == 9
    assert (len(add.inner_signatures), add.signatures) == (1, [])
    assert add(3, 4) == 7
    assert len(add.signatures) == 1
    again = kernels.njit(cache=False)(lambda a: add(a, 5))
    assert again(1) == 6


def test_an_untested_numba_compiles_kernels_in_its_own_way(monkeypatch):
    """Its classes may differ from those that inner kernels replace; the results are the same."""
    monkeypatch.setattr(kernels, "TESTED_NUMBA", "0.0.")
    add = kernels.njit(cache=False)(lambda a, b: a + b)
    twice = kernels.njit(cache=False)(lambda a: add(add(a, 1), 2))
    assert twice(3) == 6
    assert not hasattr(add, "inner_signatures")


def test_a_kernel_that_calls_itself_is_compiled():
    """A kernel may be an inner kernel of its own."""

    @kernels.njit(cache=False)
    def factorial(n):
        if n < 2:
            return 1
        return n * factorial(n - 1)

    total = kernels.njit(cache=False)(lambda n: factorial(n) + factorial(n - 1))
    assert factorial(5) == 120
    assert total(5) == 144


def test_an_inner_kernel_that_cannot_be_compiled_says_so():
    """The error of numba reaches whoever calls the outer kernel, each time."""
    bad = kernels.njit(cache=False)(lambda a: a.nothing)
    outer = kernels.njit(cache=False)(lambda a: bad(a) + 1)
    for _ in range(2):
        with pytest.raises(errors.TypingError, match="nothing"):
            outer(1)


def test_an_exception_of_an_inner_kernel_reaches_python():
    """An error raised two kernels deep has its type and text."""

    @kernels.njit(cache=False)
    def refuse(n):
        if n > 3:
            raise ValueError("too large")
        return n

    outer = kernels.njit(cache=False)(lambda n: refuse(n) + 1)
    assert outer(3) == 4
    with pytest.raises(ValueError, match="too large"):
        outer(4)


def test_garbage_is_collected_again_after_a_compilation():
    """Compiling pauses the garbage collector, also if it fails, and only if it was on."""
    for is_on in (True, False):
        (gc.enable if is_on else gc.disable)()
        try:
            assert kernels.njit(cache=False)(lambda a: a + 1)(1) == 2
            with pytest.raises(errors.TypingError):
                kernels.njit(cache=False)(lambda a: a.nothing)(1)
            assert gc.isenabled() == is_on
        finally:
            gc.enable()


def test_numba_is_as_before_after_a_compilation():
    """What is changed while a kernel is compiled is changed back, also if that fails."""
    code = cpu_target.target_context.codegen()
    owners = (functions.BaseFunction, compiler.CompilerBase, typing.BaseContext, base.BaseContext)
    before = [dict(vars(owner)) for owner in (*owners, code)]
    assert kernels.njit(cache=False)(lambda a: np.zeros(a).size + 1)(1) == 2
    with pytest.raises(errors.TypingError):
        kernels.njit(cache=False)(lambda a: a.nothing)(1)
    assert [dict(vars(owner)) for owner in (*owners, code)] == before


def test_functions_of_numba_serve_kernels_and_other_users_of_numba():
    """A function that numba compiled for a kernel works in a function outside, and vice versa."""
    for first, second in ((kernels.njit, numba.njit), (numba.njit, kernels.njit)):
        for compiled in (first, second):
            last = compiled(cache=False)(lambda n: np.arange(n).astype(np.int16)[::2].copy()[-1])
            assert last(5) == 4


def test_a_remembered_call_keeps_the_arithmetic_of_its_kernel():
    """A division by zero is an error in one kernel and none in another, in any order."""

    def divide(a, b):
        return divmod(a, b)[0] + a // b

    for _ in range(2):
        assert kernels.njit(cache=False, error_model="numpy")(divide)(1.0, 2.0) == 0
        with pytest.raises(ZeroDivisionError):
            kernels.njit(cache=False)(divide)(1, 0)
        kernels.njit(cache=False, error_model="numpy")(divide)(1, 0)


def test_a_kernel_outside_of_the_package_may_be_any_function():
    """Only kernels of the package do without closures and whole arrays."""

    @kernels.njit(cache=False)
    def spread(values):
        largest = max([value * value for value in values])
        return (values + values * 2)[0] + largest

    assert spread(np.array([1, 2, 3])) == 12


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
