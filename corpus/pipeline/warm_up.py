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
import gc
import os
import pickle
import signal
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.machinery import ModuleSpec
from typing import Any, NamedTuple

from corpus.pipeline.engine import WORK_ORDER
from corpus.pipeline.worker_process import end_with_parent_process
from corpus.stages.base import CorpusStage
from corpus.stages.custom import used
from corpus.stages.own_mistakes import naming_mistakes_of


class WorkOrder(NamedTuple):
    """What the fork server prepares, and which module its `__main__` represents."""

    stages: bytes | None
    """The stages, pickled: one of the user's own may fail to load. None if they are too large."""
    main_file: str | None
    main_name: str | None
    build: int
    """The process of the build."""
    contents: frozenset[str] | None = None
    """What the documents are, `text`, `page` or `html`; None loads what any of them needs."""


PARENT_CHECK_SECONDS = 0.5

MAX_ORDER_BYTES = 100_000
"""The system allows about 128 kB for one variable of the environment."""


def work_order(stages: Sequence[Any], contents: frozenset[str] | None = None) -> str:
    """Return the work order, as text for the environment, to prepare for these stages.

    `contents` is what the documents are; None loads what any of them needs.
    """
    from multiprocessing import spawn

    main = spawn.get_preparation_data("warm-up")
    file, name = main.get("init_main_from_path"), main.get("init_main_from_name")
    order = WorkOrder(pickle.dumps(tuple(stages)), file, name, os.getpid(), contents)
    text = _encode(order)
    return text if len(text) <= MAX_ORDER_BYTES else _encode(order._replace(stages=None))


def _encode(order: WorkOrder) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(order))).decode()


def warm_up(text: str) -> None:
    """Carry out a work order: import modules, load kernels and models."""
    order: WorkOrder = pickle.loads(zlib.decompress(base64.b64decode(text)))  # noqa: S301  our own parent wrote it
    if order.build == os.getppid():  # a program that a stage starts inherits the environment, too
        with _ending_with(order.build), _without_garbage_collection():
            _prepare(order)


@contextmanager
def _ending_with(build: int) -> Iterator[None]:
    """End this process within a second if the build ends inside the block.

    The fork server notices the end of the build only afterwards. A signal needs no thread, which a
    process that is forked must not have.
    """

    def check(*_: object) -> None:
        if os.getppid() != build:
            os._exit(1)

    before = signal.signal(signal.SIGALRM, check)
    signal.setitimer(signal.ITIMER_REAL, PARENT_CHECK_SECONDS, PARENT_CHECK_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Search for no garbage inside the block, and never again among what is there at its end.

    Modules and kernels are not garbage. A search would write to each of them, so that every worker
    had a copy of its own.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _prepare(order: WorkOrder) -> None:
    """Import modules, and load kernels and models; workers do it if the stages are too large."""
    _stand_for_main(order)
    if order.stages is None:
        return
    from corpus.kernels import missing_marks

    stages = pickle.loads(order.stages)  # noqa: S301  the same
    skip_unneeded_imports(stages, numba=True)
    import pebble  # noqa: F401

    import corpus.pipeline.decide
    import corpus.pipeline.first_pass
    import corpus.pipeline.last_pass  # noqa: F401  every worker would import them otherwise

    if missing_marks(type(stage) for stage in stages):
        _compile_in_parallel(stages)
    load_kernels(stages, order.contents)


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


def load_kernels(stages: Sequence[Any], contents: frozenset[str] | None = None) -> None:
    """Load the kernels of the stages; compile those that are not cached.

    With `contents`, only those that such documents need.
    """
    for stage in stages:
        with naming_mistakes_of(stage):
            stage.kernels() if contents is None else stage.kernels_for(contents)
    _load_common_kernels()


def _load_common_kernels() -> None:
    """Load the kernels that every build needs."""
    import numpy as np
    import pyarrow as pa

    from corpus.pipeline.gather_texts import Texts
    from corpus.words.count import count_words

    word = pa.array(["word"], pa.large_string())
    count_words(word)  # for the audit
    Texts([word]).gather(np.zeros(1, np.int64))  # for the writing of runs and shards


def _compile_in_parallel(stages: Sequence[Any]) -> None:
    """Compile kernels in one process for each core; the cache passes the results on.

    Each process takes the next part as soon as it can. Corpus stages share their kernels, so they
    are one part. What all need is loaded before, and the compiler with it. A part that fails here
    fails again in the workers, which report it.
    """
    _load_common_kernels()
    corpus_stages = [stage for stage in stages if isinstance(stage, CorpusStage)]
    others = [stage for stage in stages if stage not in corpus_stages]
    parts = [part for stage in others for part in stage.kernel_parts()]
    parts.append(partial(load_kernels, corpus_stages))
    numbers, to_numbers = os.pipe()
    os.write(to_numbers, bytes(range(len(parts))))
    os.close(to_numbers)
    children = []
    for _ in range(min(len(os.sched_getaffinity(0)), len(parts))):
        child = os.fork()
        if child == 0:
            try:
                end_with_parent_process()
                while number := os.read(numbers, 1):
                    with contextlib.suppress(Exception):
                        parts[number[0]]()
            finally:
                os._exit(0)
        children.append(child)
    os.close(numbers)
    for child in children:
        os.waitpid(child, 0)


def skip_unneeded_imports(stages: Iterable[Any], *, numba: bool) -> None:
    """Keep pyarrow from importing pandas and, with `numba`, numba from scipy and coverage.

    Does nothing if a stage is the user's own: it may rely on them.
    """
    if any(used(stage) for stage in stages):
        return
    import pyarrow as pa

    with _hidden("pandas"):
        pa.array([0])
    if numba:
        from corpus.kernels import njit

        with _hidden("scipy"), _hidden("coverage"):
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


def carry_out_order() -> None:
    """Carry out the work order in the environment, if there is one; the workers report faults."""
    if os.environ.get(WORK_ORDER):
        with contextlib.suppress(Exception):
            warm_up(os.environ.pop(WORK_ORDER))


carry_out_order()
