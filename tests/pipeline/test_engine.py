"""Engines: results keep their order; a task that fails is named and the others are finished."""

from __future__ import annotations

import multiprocessing.forkserver
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from corpus import storage
from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.pipeline.engine import WORK_ORDER, Local, Serial, TaskFailure, map_or_raise
from corpus.pipeline.warm_up import work_order
from corpus.pipeline.worker_process import MAX_FOLDER, use_short_socket_folder


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


def kill_fork_server_once(path: str) -> str:
    """Kill the fork server the first time, and go on."""
    mark = Path(path)
    if not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
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


def test_a_killed_fork_server_is_replaced(tmp_path):
    """If the fork server dies, its workers end with it, and their tasks run again."""
    with Local(1) as engine:
        assert list(engine.map(kill_fork_server_once, [str(tmp_path / "mark")])) == ["done"]


def test_a_fork_server_that_is_killed_while_it_starts_is_replaced():
    """A pool that cannot be started is started again; no task is lost."""
    server = multiprocessing.forkserver._forkserver

    def kill() -> None:
        while server._forkserver_pid in (None, before):
            time.sleep(0.001)
        os.kill(server._forkserver_pid, signal.SIGKILL)

    before = server._forkserver_pid
    if before:
        os.kill(before, signal.SIGKILL)
    killer = threading.Thread(target=kill)
    killer.start()
    with Local(1) as engine:
        assert list(engine.map(double, [1, 2])) == [2, 4]
    killer.join()


def test_a_process_ends_if_the_build_ends_while_it_prepares():
    """The fork server does not go on compiling kernels for a build that has ended."""
    code = (
        "import os, time\n"
        "from corpus.pipeline import warm_up\n"
        "warm_up.PARENT_CHECK_SECONDS = 0.01\n"
        "with warm_up._ending_with(os.getppid() + 1):\n"
        "    time.sleep(600)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=500).returncode == 1


def test_any_size_of_settings_reaches_the_workers():
    """Settings that are too large for the environment are left out of the work order."""
    text = work_order([secrets.token_hex(200_000)])

    assert len(text) < 128 * 1024
    assert subprocess.run(["true"], check=False, env={WORK_ORDER: text}).returncode == 0


def test_the_socket_of_the_workers_has_a_short_path(tmp_path, monkeypatch):
    """A long TMPDIR, or one that cannot be written, does not stop the workers."""
    settings = multiprocessing.current_process()._config
    for folder in (tmp_path / ("d" * 120), Path("/proc")):
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.setitem(settings, "tempdir", None)
        use_short_socket_folder()

        assert len(settings["tempdir"]) < MAX_FOLDER + 20
        assert Path(settings["tempdir"]).is_dir()


def test_without_a_folder_for_the_socket_the_remedy_is_named(monkeypatch):
    """If there is no folder for a socket at all, the message names TMPDIR."""
    monkeypatch.setitem(multiprocessing.current_process()._config, "tempdir", None)
    monkeypatch.setattr(storage, "temporary_folder", lambda base: "")
    with pytest.raises(EnvironmentFault, match="set TMPDIR"):
        use_short_socket_folder()


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
