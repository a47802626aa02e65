"""What the fork server does before it forks a worker: import modules, load kernels and models.

The build says what is needed in the variable `CORPUS_WARM`. A fault here must not end the server:
the worker that meets it again says what it is.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from corpus.stages.base import CorpusStage
from corpus.stages.custom import used


def order(stages: Sequence[Any]) -> str:
    """Return the order, for `CORPUS_WARM`, to load what these stages will call."""
    return base64.b64encode(pickle.dumps(tuple(stages))).decode()


def warm(order: str) -> None:
    """Load what the stages of an order will call."""
    from corpus.kernels import missing_marks

    stages = pickle.loads(base64.b64decode(order))  # noqa: S301  our own parent wrote it
    spare_imports(stages, numba=True)
    import corpus.pipeline.decide
    import corpus.pipeline.first_pass
    import corpus.pipeline.last_pass  # noqa: F401  every worker would import them otherwise

    if missing_marks(stage.stage for stage in stages):
        _compile_apart(stages)
    load_kernels(stages)


def load_kernels(stages: Sequence[Any]) -> None:
    """Load what the stages will call, and compile what is not in the cache."""
    for stage in stages:
        stage.kernels()


def _compile_apart(stages: Sequence[Any]) -> None:
    """Compile in processes of their own, at the same time; what they leave in the cache is loaded.

    Corpus stages share their kernels, so one process compiles them all.
    """
    together = [stage for stage in stages if isinstance(stage, CorpusStage)]
    groups = [[stage] for stage in stages if stage not in together] + [together]
    started = []
    for group in groups:
        child = os.fork()
        if child == 0:
            try:
                load_kernels(group)
            finally:
                os._exit(0)
        started.append(child)
    for child in started:
        os.waitpid(child, 0)


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


if os.environ.get("CORPUS_WARM"):
    with contextlib.suppress(Exception):
        warm(os.environ["CORPUS_WARM"])
