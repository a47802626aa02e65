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
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from types import SimpleNamespace

import pytest
from pebble import ProcessExpired

from corpus import storage
from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.pipeline import engine as engines
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


def test_map_or_raise_yields_every_result_in_order():
    """A failure without a traceback is a fault of the machine, and names its cause."""
    assert list(map_or_raise(Serial(), double, [3, 1])) == [6, 2]
    failing = SimpleNamespace(map=lambda function, tasks: [4, TaskFailure("its worker died")])
    results = map_or_raise(failing, double, [2, 3])
    assert next(results) == 4
    with pytest.raises(EnvironmentFault, match=r"^a task could not be finished: its worker died$"):
        next(results)


class InThisProcess(Local):
    """Workers whose results are computed here, after the pool has broken a number of times."""

    def __init__(self, workers: int, broken: list[int], cause: str = "") -> None:
        super().__init__(workers)
        self.broken, self.cause, self.limits, self.stopped = broken, cause, [], 0

    def _submit(self, function, task, seconds):
        self.limits.append(seconds(task) if seconds else None)
        future = Future()
        future.set_result(function(task))
        return engines._PendingResult(SimpleNamespace(active=True), future)

    def _result(self, function, task, pending, seconds):
        if self.broken and self.broken[0]:
            self.broken[0] -= 1
            raise BrokenExecutor(self.cause)
        self.broken = self.broken[1:]
        return super()._result(function, task, pending, seconds)

    def _stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def naps(monkeypatch):
    """Return the seconds that the engine waits, which take no time."""
    seconds: list[float] = []
    monkeypatch.setattr(engines, "time", SimpleNamespace(sleep=seconds.append))
    return seconds


def test_a_pool_that_breaks_is_started_three_times_for_each_result(naps):
    """It waits longer each time; a result that comes gives the next one three new starts."""
    engine = InThisProcess(1, [3, 3, 1])
    assert list(engine.map(double, range(3))) == [0, 2, 4]
    assert naps == pytest.approx([0.08, 0.32, 1.28, 0.08, 0.32, 1.28, 0.08])
    assert engine.stopped == 7


@pytest.mark.parametrize(
    ("cause", "words"), [("", "the fork server ended"), ("no more processes", "no more processes")]
)
def test_a_pool_that_breaks_again_and_again_ends_the_run(naps, cause, words):
    """At the fourth time, the cause and the remedy are named; nothing waits before that."""
    engine = InThisProcess(1, [99], cause)
    with pytest.raises(EnvironmentFault, match=rf"keep dying \({words}\); build .* --jobs 1$"):
        list(engine.map(double, [1]))
    assert naps == pytest.approx([0.08, 0.32, 1.28])
    assert engine.stopped == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_three_tasks_for_each_worker_run_ahead(workers):
    """Memory does not grow with the number of tasks, and no worker waits for the caller."""
    taken = []
    engine = InThisProcess(workers, [])
    results = engine.map(double, (taken.append(x) or x for x in range(20)), seconds=lambda x: x + 1)
    assert next(results) == 0
    assert taken == list(range(3 * workers))
    assert next(results) == 2
    assert taken == list(range(3 * workers + 1))
    assert list(results) == [2 * x for x in range(2, 20)]
    assert engine.limits == list(range(1, 21))


class Dying:
    """A result that does not come, because the worker ends with these exit codes, in turn."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)

    def result(self) -> str:
        """Raise for each exit code, then return."""
        if self.codes:
            raise ProcessExpired("died", code=self.codes.pop(0))
        return "done"


@pytest.mark.parametrize(
    ("codes", "submitted", "reason"),
    [
        ([], 0, None),
        ([-9], 1, None),
        ([-9, -11], 1, "its worker died (signal SIGSEGV)"),
        ([1, 0], 1, "its worker died (exit code 0)"),
        ([-9, 3, 3], 1, "its worker died (exit code 3)"),
    ],
)
def test_a_task_runs_twice_if_its_worker_dies(monkeypatch, codes, submitted, reason):
    """The second death is the failure of the task, with the cause; it may pass another time."""
    engine, pending, again = Local(1), Dying(*codes), []
    monkeypatch.setattr(engine, "_submit", lambda *call: again.append(call) or pending)
    result = engine._result(double, 7, pending, None)
    assert len(again) == submitted
    if reason is None:
        assert result == "done"
    else:
        assert result == TaskFailure(reason, may_pass=True)


@pytest.mark.parametrize(("limit", "words"), [(None, "0 s"), (lambda x: x / 2, "4 s")])
def test_a_task_that_took_too_long_is_a_failure_that_is_remembered(limit, words):
    """It names its limit, and does not run again: the next build would wait as long."""

    def result():
        raise TimeoutError

    failure = Local(1)._result(double, 8, SimpleNamespace(result=result), limit)
    assert failure == TaskFailure(f"took more than {words}", may_pass=False)


def test_only_a_pool_that_has_ended_is_started_again(monkeypatch):
    """A pool that ends while a task is submitted is replaced; other errors are raised."""
    engine = Local(1)
    for text, error in (("Pool has been stopped", BrokenExecutor), ("no", RuntimeError)):

        def schedule(*_, text=text, **__):
            raise RuntimeError(text)

        monkeypatch.setattr(engine, "_started", lambda s=schedule: SimpleNamespace(schedule=s))
        with pytest.raises(error, match=text):
            engine._submit(double, 1, None)


def test_a_task_has_the_time_limit_that_the_caller_gives(monkeypatch):
    """Without one, it may take as long as it needs."""
    engine, limits = Local(1), []
    pool = SimpleNamespace(schedule=lambda *_, timeout, **__: limits.append(timeout))
    monkeypatch.setattr(engine, "_started", lambda: pool)
    engine._submit(double, 3, None)
    engine._submit(double, 3, lambda x: x + 0.5)
    assert limits == [None, 3.5]


def test_a_result_is_not_awaited_from_a_pool_that_has_ended(monkeypatch):
    """A pool that is running is waited for, one that has ended is an error, a result is taken."""
    monkeypatch.setattr(engines, "POOL_CHECK_SECONDS", 0.01)
    checks = iter([True, True, False])

    class Pool:
        @property
        def active(self) -> bool:
            return next(checks)

    with pytest.raises(BrokenExecutor, match="has died"):
        engines._PendingResult(Pool(), Future()).result()
    assert next(checks, None) is None
    future = Future()
    future.set_result(5)
    assert engines._PendingResult(SimpleNamespace(active=False), future).result() == 5


@pytest.mark.parametrize(
    ("exit_code", "cause"),
    [(-9, "signal SIGKILL"), (-1, "signal SIGHUP"), (0, "exit code 0"), (None, "exit code None")],
)
def test_a_negative_exit_code_is_a_signal(exit_code, cause):
    """The cause of death is the name of the signal, or the exit code."""
    assert engines._cause_of_death(exit_code) == cause


def test_a_chain_of_errors_that_is_a_circle_ends():
    """An error whose context is itself, by way of another, is looked at once."""
    error, other = ValueError("a"), ValueError("b")
    error.__context__, other.__context__ = other, error
    assert not engines._may_pass(error)
    other.__cause__ = MemoryError()
    assert engines._may_pass(error)


def test_workers_give_memory_back_to_the_system(tmp_path):
    """Arrow in a worker allocates from the system, which gets back what is freed."""
    script = tmp_path / "which_pool.py"
    script.write_text(
        "import pyarrow as pa\n"
        "from corpus.pipeline.engine import Local\n"
        "from corpus.pipeline.warm_up import work_order\n"
        "def backend(_):\n"
        "    return pa.default_memory_pool().backend_name\n"
        "if __name__ == '__main__':\n"
        "    import which_pool\n"
        "    with Local(1, work_order([])) as engine:\n"
        "        print(*engine.map(which_pool.backend, [0]))\n"
    )
    environment = {name: v for name, v in os.environ.items() if "MEMORY_POOL" not in name}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "system\n"


def test_workers_are_single_threads_and_have_the_work_order(monkeypatch):
    """Settings of the user stay; the work order is gone from the environment when they end."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "4")
    monkeypatch.setenv(WORK_ORDER, "older")
    monkeypatch.setattr("pebble.ProcessPool", lambda workers, **_: Pool(workers))
    stopped = []

    class Pool(SimpleNamespace):
        def __init__(self, workers: int) -> None:
            super().__init__(workers=workers, active=True)

        def stop(self) -> None:
            stopped.append("stop")

        def join(self) -> None:
            stopped.append("join")

    with Local(3, "order") as engine:
        pool = engine._started()
        assert pool.workers == 3
        assert engine._started() is pool
        assert [os.environ[name] for name in names] == ["1", "1", "4"]
        assert os.environ[WORK_ORDER] == "order"
        pool.active = False
        assert engine._started() is not pool
        assert stopped == ["stop", "join"]
    assert stopped == ["stop", "join"] * 2
    assert WORK_ORDER not in os.environ
