"""Imports that our own processes do without: they would take longer than reading a small corpus.

pyarrow imports pandas when it first sees a Python list, to ask whether it is a data frame; numba
imports scipy, for its linear algebra. Neither is needed by any stage of the package. A process
that runs other people's code spares nothing: it may rely on them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from corpus.stages.custom import used


class _Absent:
    """A finder of modules that says of one that it is not installed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, name: str, *_: Any) -> None:
        if name == self.name:
            raise ModuleNotFoundError(f"no {name} is wanted here", name=name)


@contextmanager
def _absent(name: str) -> Iterator[None]:
    """Let a module seem not to be installed while the block runs, unless it is imported already."""
    finder = _Absent(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def spare_imports(stages: Iterable[Any], *, numba: bool) -> None:
    """Keep pyarrow from importing pandas, and numba, where it is needed, from importing scipy."""
    if any(used(stage) for stage in stages):
        return
    import pyarrow as pa

    with _absent("pandas"):
        pa.array([0])
    if numba:
        from corpus.kernels import njit

        with _absent("scipy"):
            njit(_nothing)


def _nothing() -> None:
    """Do nothing, compiled."""
