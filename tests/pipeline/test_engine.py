"""Engines: results keep their order; a task that fails is named and the others are finished."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.pipeline.engine import Local, Serial, TaskFailure, map_or_raise


def double(x: int) -> int:
    """Succeed."""
    return 2 * x


def die_on_three(x: int) -> int:
    """Die on one task, each time."""
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def die_once(path: str) -> str:
    """Die the first time."""
    mark = Path(path)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def sleep_on_two(x: int) -> int:
    """Sleep on one task."""
    if x == 2:
        time.sleep(60)
    return x


def refuse_two(x: int) -> int:
    """Raise on one task."""
    if x == 2:
        raise ValueError("two is too many")
    return x


def no_disk(x: int) -> int:
    """Raise the error of a full disk."""
    raise OSError(28, "No space left on device")


def bad_input(x: int) -> int:
    """Raise a `CorpusError`."""
    raise InputError("nothing to read")


@pytest.fixture(scope="module")
def local():
    """Return two workers, shared by the tests."""
    with Local(2) as engine:
        yield engine


@pytest.fixture(params=["serial", "local"])
def engine(request, local):
    """Return each engine in turn."""
    return Serial() if request.param == "serial" else local


def test_results_keep_the_order_of_the_tasks(engine):
    """Results are in the order of the tasks, whichever finishes first."""
    assert list(engine.map(double, range(40))) == [2 * x for x in range(40)]


def test_no_tasks_give_no_results(engine):
    """Without tasks there are no results."""
    assert list(engine.map(double, [])) == []


def test_an_exception_is_a_task_failure_with_its_message(engine):
    """A task that raises has a failure as its result; the other tasks are finished."""
    results = list(engine.map(refuse_two, range(4)))

    assert [x for x in results if not isinstance(x, TaskFailure)] == [0, 1, 3]
    assert results[2] == TaskFailure("ValueError: two is too many")


def test_a_fault_of_the_machine_is_raised(engine):
    """A full disk ends the run."""
    with pytest.raises(OSError, match="No space left"):
        list(engine.map(no_disk, [1]))


def test_an_error_that_a_user_can_fix_is_raised(engine):
    """A `CorpusError` keeps its class on the way back from a worker."""
    with pytest.raises(InputError, match="nothing to read"):
        list(engine.map(bad_input, [1]))


def test_a_task_that_kills_its_worker_twice_fails_alone(local):
    """Only the task whose worker dies twice fails."""
    results = list(local.map(die_on_three, range(6)))

    assert [x for x in results if not isinstance(x, TaskFailure)] == [0, 1, 2, 4, 5]
    assert results[3].reason == "its worker died (signal SIGKILL)"


def test_the_task_of_a_dead_worker_runs_again(local, tmp_path):
    """A worker that dies once costs a second attempt and no result."""
    assert list(local.map(die_once, [str(tmp_path / "mark")])) == ["done"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broken_pool_is_restarted(monkeypatch):
    """No result is awaited for ever if a thread of the pool dies."""
    monkeypatch.setattr("corpus.pipeline.engine.POOL_CHECK_SECONDS", 0.1)
    with Local(1) as engine:
        assert list(engine.map(double, [1])) == [2]
        monkeypatch.setattr(engine._pool._pool_manager, "update_status", lambda: 1 / 0)
        engine._pool._pool_manager_loop.join()

        assert list(engine.map(double, [2, 3])) == [4, 6]


def test_a_task_that_takes_too_long_is_stopped(local):
    """Only the task that exceeds its time limit is stopped."""
    began = time.monotonic()
    results = list(local.map(sleep_on_two, range(4), seconds=lambda x: 1.0))

    assert [x for x in results if not isinstance(x, TaskFailure)] == [0, 1, 3]
    assert "took more than 1 s" in results[2].reason
    assert time.monotonic() - began < 30


def test_map_or_raise_raises_if_a_worker_dies(local):
    """A task whose worker dies twice ends the run, with the cause."""
    with pytest.raises(EnvironmentFault, match="SIGKILL"):
        list(map_or_raise(local, die_on_three, range(6)))


def test_map_or_raise_reports_an_exception_as_a_bug(engine):
    """An exception ends the run with exit code 1 and the traceback as a note."""
    with pytest.raises(CorpusError, match="two is too many") as caught:
        list(map_or_raise(engine, refuse_two, range(4)))

    assert caught.value.exit_code == 1
    assert "refuse_two" in caught.value.__notes__[0]
