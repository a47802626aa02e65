"""Workers that die, overrun or raise: the work is done, and what cannot be done is named."""

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
    """Overrun on one task."""
    if x == 2:
        time.sleep(60)
    return x


def refuse_two(x: int) -> int:
    """Raise on one task."""
    if x == 2:
        raise ValueError("two is too many")
    return x


def no_disk(x: int) -> int:
    """Raise what a full disk raises."""
    raise OSError(28, "No space left on device")


def bad_input(x: int) -> int:
    """Raise an error of ours."""
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


def test_results_come_in_the_order_of_the_tasks(engine):
    """Whoever finishes first, results are yielded in the order of the tasks."""
    assert list(engine.map(double, range(40))) == [2 * x for x in range(40)]


def test_no_tasks_no_results(engine):
    """Nothing to do is done at once."""
    assert list(engine.map(double, [])) == []


def test_an_exception_is_a_lost_task_with_its_message(engine):
    """What a document provokes is told, and the other tasks are done."""
    found = list(engine.map(refuse_two, range(4)))

    assert [x for x in found if not isinstance(x, TaskFailure)] == [0, 1, 3]
    assert found[2] == TaskFailure("ValueError: two is too many")


def test_what_the_machine_is_to_blame_for_is_raised(engine):
    """A full disk is nobody's document: the run ends with it."""
    with pytest.raises(OSError, match="No space left"):
        list(engine.map(no_disk, [1]))


def test_what_a_person_can_mend_is_raised(engine):
    """An error of ours keeps its kind on the way back from a worker."""
    with pytest.raises(InputError, match="nothing to read"):
        list(engine.map(bad_input, [1]))


def test_a_task_that_kills_its_worker_is_named_and_the_rest_is_done(local):
    """A worker that dies on the same task twice gives up that task alone."""
    found = list(local.map(die_on_three, range(6)))

    assert [x for x in found if not isinstance(x, TaskFailure)] == [0, 1, 2, 4, 5]
    assert found[3].reason == "its worker died (signal SIGKILL)"


def test_a_dead_workers_work_is_done_again(local, tmp_path):
    """A worker that dies for reasons of its own costs a second try, no document."""
    assert list(local.map(die_once, [str(tmp_path / "mark")])) == ["done"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_pool_whose_own_thread_dies_is_started_anew(monkeypatch):
    """Nothing waits forever for a result that can no longer come."""
    monkeypatch.setattr("corpus.pipeline.engine.POOL_CHECK_SECONDS", 0.1)
    with Local(1) as engine:
        assert list(engine.map(double, [1])) == [2]
        monkeypatch.setattr(engine._pool._pool_manager, "update_status", lambda: 1 / 0)
        engine._pool._pool_manager_loop.join()

        assert list(engine.map(double, [2, 3])) == [4, 6]


def test_a_task_that_overruns_is_stopped(local):
    """The last resort: a task past its time is stopped, the others are not."""
    began = time.monotonic()
    found = list(local.map(sleep_on_two, range(4), seconds=lambda x: 1.0))

    assert [x for x in found if not isinstance(x, TaskFailure)] == [0, 1, 3]
    assert "took more than 1 s" in found[2].reason
    assert time.monotonic() - began < 30


def test_spread_ends_the_run_on_a_lost_task(local):
    """Work that must not be lost raises, with the reason."""
    with pytest.raises(EnvironmentFault, match="SIGKILL"):
        list(map_or_raise(local, die_on_three, range(6)))


def test_spread_tells_a_bug_from_a_dead_worker(engine):
    """An exception where none may be is a bug: told with the place it was raised."""
    with pytest.raises(CorpusError, match="two is too many") as caught:
        list(map_or_raise(engine, refuse_two, range(4)))

    assert caught.value.exit_code == 1
    assert "refuse_two" in caught.value.__notes__[0]
