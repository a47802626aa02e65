"""Start workers quickly: what a process imports, loads and leaves out before its first task.

Workers are forked from a fork server that has imported the modules and loaded the kernels and
models that the stages need. The build passes the work order in the environment variable
`CORPUS_WORK_ORDER`; the fork server imports this module, which carries it out. A fault here must
not end the server: the worker that meets it again reports it.

Two tricks keep the start short. pyarrow imports pandas when it first sees a Python list, and numba
imports scipy for its linear algebra; no stage of this package needs either, so both seem missing at
that moment. And the server takes on the identity of the caller's `__main__`, so that a worker does
not run the caller's script again: a script needs no `if __name__ == "__main__":`.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from typing import Any, NamedTuple

from corpus.pipeline.engine import WORK_ORDER
from corpus.stages.base import CorpusStage
from corpus.stages.custom import used
from corpus.stages.own_mistakes import naming_mistakes_of


class WorkOrder(NamedTuple):
    """What the fork server prepares, and which module its `__main__` represents."""

    stages: bytes
    """The stages, pickled: one of the user's own may fail to load."""
    main_file: str | None
    main_name: str | None


def work_order(stages: Sequence[Any]) -> str:
    """Return the work order, as text for the environment, to prepare for these stages."""
    from multiprocessing import spawn

    main = spawn.get_preparation_data("warm-up")
    file, name = main.get("init_main_from_path"), main.get("init_main_from_name")
    return base64.b64encode(
        pickle.dumps(WorkOrder(pickle.dumps(tuple(stages)), file, name))
    ).decode()


def warm_up(text: str) -> None:
    """Carry out a work order: import modules, load kernels and models."""
    order: WorkOrder = pickle.loads(base64.b64decode(text))  # noqa: S301  our own parent wrote it
    _stand_for_main(order)
    from corpus.kernels import missing_marks

    stages = pickle.loads(order.stages)  # noqa: S301  the same
    skip_unneeded_imports(stages, numba=True)
    import corpus.pipeline.decide
    import corpus.pipeline.first_pass
    import corpus.pipeline.last_pass  # noqa: F401  every worker would import them otherwise

    if missing_marks(stage.stage for stage in stages):
        _compile_in_parallel(stages)
    load_kernels(stages)


def _stand_for_main(order: WorkOrder) -> None:
    """Give the `__main__` of this process the file and name of the caller's.

    multiprocessing runs the caller's main module in each child, unless the child's `__main__` has
    the same file or name already.
    """
    main = sys.modules["__main__"]
    if order.main_file is not None:
        main.__file__ = order.main_file
    if order.main_name is not None:
        main.__spec__ = ModuleSpec(order.main_name, None)


def load_kernels(stages: Sequence[Any]) -> None:
    """Load the kernels of the stages; compile those that are not cached."""
    import pyarrow as pa

    from corpus.words.count import count_words

    for stage in stages:
        with naming_mistakes_of(stage):
            stage.kernels()
    count_words(pa.array(["word"], pa.large_string()))  # for the audit, which every build has


def _compile_in_parallel(stages: Sequence[Any]) -> None:
    """Compile kernels in several processes; the cache passes the results on.

    Corpus stages share their kernels, so one process compiles all of theirs.
    """
    corpus_stages = [stage for stage in stages if isinstance(stage, CorpusStage)]
    groups = [[stage] for stage in stages if stage not in corpus_stages] + [corpus_stages]
    children = []
    for group in groups:
        child = os.fork()
        if child == 0:
            try:
                load_kernels(group)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def skip_unneeded_imports(stages: Iterable[Any], *, numba: bool) -> None:
    """Keep pyarrow from importing pandas and, with `numba`, numba from importing scipy.

    Does nothing if a stage is the user's own: it may rely on them.
    """
    if any(used(stage) for stage in stages):
        return
    import pyarrow as pa

    with _hidden("pandas"):
        pa.array([0])
    if numba:
        from corpus.kernels import njit

        with _hidden("scipy"):
            njit(_do_nothing)


class _HidingFinder:
    """A finder of modules that reports one module as not installed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, name: str, *_: Any) -> None:
        if name == self.name:
            raise ModuleNotFoundError(f"{name} is not needed here", name=name)


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Let a module seem not installed inside the block, unless it is imported already."""
    finder = _HidingFinder(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _do_nothing() -> None:
    """Do nothing, compiled."""


if os.environ.get(WORK_ORDER):
    with contextlib.suppress(Exception):
        warm_up(os.environ[WORK_ORDER])
