"""Where work runs: an engine calls a function on many tasks and gives the results in order.

    Serial    here and now: for tests, and to read tracebacks
    Local     on this machine's processors, in a pool that outlives dead workers and stops tasks
    that overrun

A task is a plain, picklable value and may be done twice: a worker that dies is replaced, and its
task is done once more. A task that fails again, overruns its time or raises is answered with
`Lost`, which says why; whoever asked decides what that means. What the machine is to blame for
(`OSError`) and what a person can mend (`CorpusError`) is raised instead.

The workers of `Local` are forked from a warm fork server: modules imported, kernels loaded once.
"""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from corpus.errors import CorpusError, EnvironmentFault
from corpus.pipeline.warm_up import VARIABLE

T = TypeVar("T")
R = TypeVar("R")

AGAIN = 2
"""How often a task is tried whose worker dies, and how often a broken pool is started anew."""

ALIVE = 5.0
"""Seconds between two looks at whether the pool still lives, while a result is awaited."""


@dataclass(frozen=True)
class Lost:
    """The result of a task that has none."""

    why: str
    trace: str = field(default="", compare=False)
    """Where it raised, for whoever mends it; empty where its worker died or overran."""


class Engine(Protocol):
    """Anything that can call a function on many tasks."""

    @property
    def workers(self) -> int:
        """How many tasks it runs at a time."""

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,
    ) -> Iterator[R | Lost]:
        """Call `function` on each task; results in the order of the tasks, `seconds` to each."""


def spread(engine: Engine, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Yield the result of each task, in order; a lost task ends the run."""
    for result in engine.map(function, tasks):
        if isinstance(result, Lost) and result.trace:
            error = CorpusError(f"{result.why} (a bug, in a stage or in corpus itself)")
            error.add_note(result.trace)
            raise error
        if isinstance(result, Lost):
            raise EnvironmentFault(f"a worker was lost, and its work with it: {result.why}")
        yield result


@dataclass(frozen=True)
class Serial:
    """Run everything here and now."""

    workers: int = 1

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,  # noqa: ARG002  nothing here can stop a call
    ) -> Iterator[R | Lost]:
        """Call `function` on each task in turn."""
        for task in tasks:
            yield _tried(function, task)


@dataclass
class Local:
    """Run on this machine's processors. A context manager: leaving it ends the workers."""

    workers: int
    work_order: str = ""
    """What the fork server prepares: see `corpus.pipeline.warm_up.work_order`."""

    _pool: Any = field(default=None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,
    ) -> Iterator[R | Lost]:
        """Call `function` on the tasks, a few ahead of the one whose result is yielded next."""
        waiting: deque[tuple[T, Any]] = deque()
        more = iter(tasks)
        restarts = 0
        while True:
            while len(waiting) < 3 * self.workers and (task := next(more, _END)) is not _END:
                waiting.append((task, self._schedule(function, task, seconds)))
            if not waiting:
                return
            try:
                result = self._result(function, *waiting[0], seconds)
            except BrokenProcessPool as error:
                restarts += 1
                if restarts > AGAIN:
                    raise EnvironmentFault(f"the workers keep dying ({error})") from None
                self._stop()
                waiting = deque((t, self._schedule(function, t, seconds)) for t, _ in waiting)
                continue
            waiting.popleft()
            yield result

    def _schedule(self, function: Callable[[T], R], task: T, seconds: Any) -> Any:
        limit = seconds(task) if seconds else None
        pool = self._started()
        return _Promise(pool, pool.schedule(_tried, args=[function, task], timeout=limit))

    def _result(self, function: Callable[[T], R], task: T, future: Any, seconds: Any) -> Any:
        from pebble import ProcessExpired

        for attempt in range(AGAIN):
            try:
                return future.result()
            except TimeoutError:
                limit = seconds(task) if seconds else 0
                return Lost(f"took more than {limit:.0f} s")
            except ProcessExpired as error:
                if attempt + 1 == AGAIN:
                    return Lost(f"its worker died ({_cause(error.exitcode)})")
                future = self._schedule(function, task, seconds)
        raise AssertionError

    def _started(self) -> Any:
        if self._pool is not None and not self._pool.active:
            self._stop()
        if self._pool is None:
            import multiprocessing

            from pebble import ProcessPool

            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                os.environ.setdefault(
                    name, "1"
                )  # a worker is one thread; results must not depend on it
            os.environ[VARIABLE] = self.work_order
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["corpus.pipeline.warm_up"])
            self._pool = ProcessPool(self.workers, context=context, initializer=_begin)
        return self._pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


@dataclass(frozen=True)
class _Promise:
    """A result to come, as long as its pool lives."""

    pool: Any
    future: Any

    def result(self) -> Any:
        """Wait for it; without the pool's own threads it would never come."""
        while not wait([self.future], ALIVE).done:
            if not self.pool.active:
                raise BrokenProcessPool("a thread of the pool itself has died")
        return self.future.result()


_END: Any = object()


def _tried(function: Callable[[T], R], task: T) -> R | Lost:
    """Return the function's result, or `Lost` with the message of what it raised."""
    try:
        return function(task)
    except (OSError, CorpusError):
        raise
    except ImportError as error:  # a broken installation is never the fault of a document
        raise EnvironmentFault(f"the installation is incomplete: {error}") from None
    except MemoryError:
        return Lost("not enough memory")
    except Exception as error:  # noqa: BLE001  whatever a document provoked: it is isolated and named
        return Lost(f"{type(error).__name__}: {error}", traceback.format_exc())


def _cause(exitcode: int | None) -> str:
    import signal

    if exitcode is not None and exitcode < 0:
        return f"signal {signal.Signals(-exitcode).name}"
    return f"exit code {exitcode}"


def _begin() -> None:
    """Make a worker one thread that computes, and one that ends it when the build is gone."""
    import threading

    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the build's process is gone, however it went, and end this one."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
