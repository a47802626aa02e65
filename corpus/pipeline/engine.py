"""Engines: call a function on many tasks and return the results in order.

    Serial    in this process: for tests, and to read tracebacks
    Local     on the processors of this machine, in a pool that replaces dead workers and stops
              tasks that take too long

A task is a plain, picklable value, and may run twice: if a worker dies, it is replaced and its task
runs again. A task that fails again, overruns its time limit or raises has the result `TaskFailure`;
the caller decides what that means. Faults of the machine (an `OSError` of the system, a module that
cannot be imported) and errors that a user can fix (`CorpusError`) are raised instead.

The workers of `Local` are forked from a fork server that has imported the modules and loaded the
kernels once.
"""

from __future__ import annotations

import os
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from corpus.errors import CorpusError, EnvironmentFault
from corpus.pipeline.fork_server import copy_process_as_fork_server
from corpus.pipeline.module_path import safe_environment
from corpus.pipeline.worker_process import start_worker, use_short_socket_folder

WORK_ORDER = "CORPUS_WORK_ORDER"
"""Environment variable with the work order of the fork server."""

WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""A worker is one thread; results must not depend on it. With the memory pool of the system, it
needs a seventh less memory than with Arrow's own, which keeps what was freed."""

T = TypeVar("T")
R = TypeVar("R")

MAX_ATTEMPTS = 2
"""How often a task is run if its worker dies."""

MAX_POOL_RESTARTS = 3
"""How often the pool is started again before the next result comes."""

RESTART_SECONDS = 0.02
"""Seconds before the pool starts again, quadrupled each time: a killed fork server is still there
for a moment, and the pool would connect to it."""

POOL_CHECK_SECONDS = 5.0
"""Seconds between two checks whether the pool is still running, while a result is awaited."""

TASKS_PER_WORKER = 3
"""How many tasks per worker are submitted ahead."""


@dataclass(frozen=True)
class TaskFailure:
    """The result of a task that failed."""

    reason: str
    traceback: str = field(default="", compare=False)
    """Empty if the worker died or the task took too long."""

    may_pass: bool = False
    """Whether the machine may be the cause, as with a lack of memory: it may succeed next time."""


class Engine(Protocol):
    """Anything that can call a function on many tasks."""

    @property
    def workers(self) -> int:
        """The number of tasks that run at the same time."""

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,
    ) -> Iterator[R | TaskFailure]:
        """Call `function` on each task, and yield the results in the order of the tasks.

        `seconds` returns the time limit of a task.
        """


def map_or_raise(engine: Engine, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Yield the result of each task, in order. Raises `CorpusError` if a task fails."""
    for result in engine.map(function, tasks):
        if isinstance(result, TaskFailure) and result.traceback:
            error = CorpusError(f"{result.reason} (a bug, in a stage or in corpus itself)")
            error.add_note(result.traceback)
            raise error
        if isinstance(result, TaskFailure):
            raise EnvironmentFault(f"a task could not be finished: {result.reason}")
        yield result


@dataclass(frozen=True)
class Serial:
    """Run every task in this process."""

    workers: int = 1

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,  # noqa: ARG002  a call in this process cannot be stopped
    ) -> Iterator[R | TaskFailure]:
        """Call `function` on each task in turn."""
        for task in tasks:
            yield _run_task(function, task)


@dataclass
class Local:
    """Run tasks on the processors of this machine. As a context manager, it ends the workers."""

    workers: int
    work_order: str = ""
    """What the fork server prepares: see `corpus.pipeline.warm_up.work_order`."""

    prepare_copy: Callable[[], None] | None = None
    """What a copy of this process does to become the fork server, if nothing but the build runs
    here. Without it, the server is a new Python."""

    _pool: Any = field(default=None, repr=False)
    _environment: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        os.environ.pop(WORK_ORDER, None)

    def map(
        self,
        function: Callable[[T], R],
        tasks: Iterable[T],
        *,
        seconds: Callable[[T], float] | None = None,
    ) -> Iterator[R | TaskFailure]:
        """Call `function` on the tasks; a few run ahead of the one whose result is yielded next."""
        waiting: deque[T] = deque()
        submitted: deque[_PendingResult] = deque()  # the results of the first tasks that wait
        remaining = iter(tasks)
        most = TASKS_PER_WORKER * self.workers
        restarts = 0
        while True:
            while len(waiting) < most and (task := next(remaining, _NO_TASK)) is not _NO_TASK:
                waiting.append(task)
            if not waiting:
                return
            try:
                for task in islice(waiting, len(submitted), None):
                    submitted.append(self._submit(function, task, seconds))
                result = self._result(function, waiting[0], submitted[0], seconds)
            except BrokenExecutor as error:
                restarts += 1
                if restarts > MAX_POOL_RESTARTS:
                    raise EnvironmentFault(
                        f"the workers keep dying ({str(error) or 'the fork server ended'}); build "
                        "with fewer of them: --jobs 1"
                    ) from None
                self._stop()
                submitted.clear()
                time.sleep(RESTART_SECONDS * 4**restarts)
                continue
            waiting.popleft()
            submitted.popleft()
            restarts = 0
            yield result

    def _submit(
        self, function: Callable[[T], R], task: T, seconds: Callable[[T], float] | None
    ) -> _PendingResult:
        """Submit a task. Raises `BrokenExecutor` if the workers cannot be started."""
        limit = seconds(task) if seconds else None
        pool = self._started()
        try:
            future = pool.schedule(_run_task, args=[function, task], timeout=limit)
        except RuntimeError as error:
            if "Pool" not in str(error):
                raise
            raise BrokenExecutor(str(error)) from None  # it has ended since it was started
        return _PendingResult(pool, future)

    def _result(
        self,
        function: Callable[[T], R],
        task: T,
        pending: _PendingResult,
        seconds: Callable[[T], float] | None,
    ) -> Any:
        """Wait for the result of a task; submit it again if its worker dies."""
        from pebble import ProcessExpired

        for attempt in range(MAX_ATTEMPTS):
            try:
                return pending.result()
            except TimeoutError:
                limit = seconds(task) if seconds else 0
                return TaskFailure(f"took more than {limit:.0f} s")
            except ProcessExpired as error:
                if attempt + 1 == MAX_ATTEMPTS:
                    why = f"its worker died ({_cause_of_death(error.exitcode)})"
                    return TaskFailure(why, may_pass=True)
                pending = self._submit(function, task, seconds)
        raise AssertionError

    def _started(self) -> Any:
        if self._pool is not None and not self._pool.active:
            self._stop()
        if self._pool is None:
            import multiprocessing

            from pebble import ProcessPool

            for name, value in WORKER_ENVIRONMENT.items():
                os.environ.setdefault(name, value)
            os.environ[WORK_ORDER] = self.work_order
            self._environment.enter_context(safe_environment())
            use_short_socket_folder()
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["corpus.pipeline.warm_up"])
            if self.prepare_copy is not None:
                copy_process_as_fork_server(self.prepare_copy)
            self._pool = ProcessPool(self.workers, context=context, initializer=start_worker)
        return self._pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
            self._environment.close()


@dataclass(frozen=True)
class _PendingResult:
    """A result that will come, as long as the pool is running."""

    pool: Any
    future: Any

    def result(self) -> Any:
        """Wait for the result. Raises `BrokenExecutor` if the pool's own thread has died."""
        while not wait([self.future], POOL_CHECK_SECONDS).done:
            if not self.pool.active:
                raise BrokenExecutor("a thread of the pool itself has died")
        return self.future.result()


_NO_TASK: Any = object()


def _run_task(function: Callable[[T], R], task: T) -> R | TaskFailure:
    """Return the result of the function, or a failure with the message of what it raised."""
    try:
        return function(task)
    except CorpusError:
        raise
    except MemoryError:
        return TaskFailure("not enough memory", may_pass=True)
    except Exception as error:  # noqa: BLE001  whatever a document causes: it is isolated and named
        for cause in _causes(error):
            if isinstance(cause, ImportError):  # an installation is not the fault of a document
                raise EnvironmentFault(
                    f"the installation is incomplete: {cause}; install corpus again, with its "
                    "dependencies"
                ) from None
            if isinstance(cause, OSError) and cause.errno:  # without a number, a parser raised it
                raise cause from None
        reason = f"{type(error).__name__}: {error}"
        return TaskFailure(reason, traceback.format_exc(), may_pass=_may_pass(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and the errors that it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _may_pass(error: BaseException) -> bool:
    """Return whether the machine may have caused an error that code turned into another one."""
    seen: list[BaseException] = []
    while error not in seen:
        seen.append(error)
        if isinstance(error, MemoryError | ImportError) or (
            isinstance(error, OSError) and error.errno
        ):
            return True
        error = error.__cause__ or error.__context__ or error
    return "can't start new thread" in str(seen[0])


def _cause_of_death(exitcode: int | None) -> str:
    import signal

    if exitcode is not None and exitcode < 0:
        return f"signal {signal.Signals(-exitcode).name}"
    return f"exit code {exitcode}"
