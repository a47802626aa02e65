"""What happens before the first task: workers are counted, modules imported, kernels compiled."""

from __future__ import annotations

import base64
import os
import pickle
import sys
import zlib
from types import SimpleNamespace

import pytest

from corpus import kernels, storage
from corpus.errors import EnvironmentFault
from corpus.pipeline import prepare_workers, warm_up
from corpus.pipeline.engine import Local, Serial
from corpus.pipeline.prepare_workers import (
    INPUT_BYTES_PER_WORKER,
    compile_kernels,
    import_or_fault,
    start_engine,
)
from corpus.stages.base import Stage

KERNELS = {"__module__": "types", "kernels": lambda _: None}
STAGE = type("FakeStage", (SimpleNamespace,), KERNELS)(stage="clean")
CONFIG = SimpleNamespace(stages=[STAGE])


def input_of(size, format="jsonl"):
    """Return an input with a file of a size."""
    return SimpleNamespace(source=0, file=SimpleNamespace(bytes=size, formats=[format]))


@pytest.mark.parametrize(
    ("jobs", "size", "workers"),
    [
        (None, 1, 1),
        (None, 1 << 40, 5),
        (8, 0, 1),
        (8, INPUT_BYTES_PER_WORKER, 1),
        (8, INPUT_BYTES_PER_WORKER + 1, 2),
        (8, 3 * INPUT_BYTES_PER_WORKER, 3),
        (2, 1 << 40, 2),
    ],
)
def test_there_is_at_most_one_worker_for_32_megabytes(monkeypatch, jobs, size, workers):
    """There is at least one, and without `jobs` at most one for each processor."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(5) if process == 0 else ())
    source = SimpleNamespace(content=None)
    inputs = [input_of(size - size // 2), input_of(size // 2, "warc")]
    config = SimpleNamespace(stages=[], sources=[source])
    engine = start_engine(None, jobs, inputs, config)
    assert (engine.workers, INPUT_BYTES_PER_WORKER) == (workers, 33_554_432)
    order = pickle.loads(zlib.decompress(base64.b64decode(engine.work_order)))
    assert order.contents == {"text", "html"}


def test_the_engine_of_the_caller_is_used():
    """It is not ended with the build."""
    mine = Serial()
    with start_engine(mine, 8, [input_of(1 << 40)], CONFIG) as engine:
        assert engine is mine


def test_a_module_that_is_missing_is_a_fault_of_the_installation():
    """The message has the module and the first line of the reason."""
    import_or_fault("json")
    with pytest.raises(EnvironmentFault, match=r"^corpus\.no_such cannot be imported: No module"):
        import_or_fault("corpus.no_such")


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    """Return the steps that are shown and the stages whose kernels are compiled, in a new cache."""
    steps: list[object] = []
    monkeypatch.setattr(kernels, "kernel_folder", lambda: tmp_path / "kernels")
    monkeypatch.setattr(
        prepare_workers, "map_or_raise", lambda engine, function, tasks: steps.append(tasks) or []
    )
    return steps


def progress_into(steps):
    """Return a progress that appends its messages and phases to a list."""
    return SimpleNamespace(note=steps.append, start=lambda text, **size: steps.append((text, size)))


def test_kernels_are_compiled_once(compiled, tmp_path):
    """The step is shown only if there is something to compile; a mark says that it was done."""
    progress = progress_into(compiled)
    compile_kernels(Serial(), CONFIG, progress)
    assert compiled == []
    for _ in range(2):
        compile_kernels(Local(1), CONFIG, progress)
        assert compiled == [
            "compiling clean: once, usually in less than a minute",
            ("compile", {"bytes": 0}),
            [(STAGE,)],
        ]
    (mark,) = (tmp_path / "kernels").iterdir()
    assert mark.suffix == ".ready"


def test_the_message_names_the_stages_that_are_compiled(compiled, tmp_path):
    """Each once, and none whose kernels are there already, or that has none."""
    lines, words, plain = (
        type(name, (), {"__module__": name, "stage": name, "kernels": kernels})()
        for name, kernels in (("a", lambda _: None), ("b", lambda _: None), ("c", Stage.kernels))
    )
    compile_kernels(Local(1), SimpleNamespace(stages=[words]), progress_into(compiled))
    del compiled[:]
    both = SimpleNamespace(stages=[lines, words, lines, plain])
    compile_kernels(Local(1), both, progress_into(compiled))
    assert compiled[0] == "compiling a: once, usually in less than a minute"


def test_a_cache_that_cannot_be_written_is_noticed_before_the_compilation(compiled, monkeypatch):
    """Minutes of compilation would be lost otherwise."""

    def refuse(folder, remedy):
        raise EnvironmentFault(f"{folder.name}: {remedy}")

    monkeypatch.setattr(storage, "require_writable", refuse)
    with pytest.raises(EnvironmentFault, match=r"^kernels: set CORPUS_CACHE"):
        compile_kernels(Local(1), CONFIG, None)
    assert compiled == []


def order_of(stages=(), build=None, file=None, name=None):
    """Return a work order as text."""
    return warm_up._encode(warm_up.WorkOrder(stages and pickle.dumps(stages), file, name, build))


@pytest.mark.parametrize(("build", "is_done"), [(os.getppid, True), (os.getpid, False)])
def test_only_the_fork_server_of_a_build_carries_out_its_order(monkeypatch, build, is_done):
    """A program that a stage starts inherits the environment, and does nothing."""
    done = []
    monkeypatch.setattr(warm_up, "_prepare", done.append)
    warm_up.warm_up(order_of(build=build()))
    assert len(done) == is_done


@pytest.mark.parametrize(("extra", "has_stages"), [(0, True), (1, False)])
def test_stages_that_are_too_large_are_left_out_of_the_order(monkeypatch, extra, has_stages):
    """The environment takes a bounded number of bytes; workers load the stages by themselves."""
    text = warm_up.work_order(["stage"])
    monkeypatch.setattr(warm_up, "MAX_ORDER_BYTES", len(text) - extra)
    done = []
    monkeypatch.setattr(warm_up, "_prepare", done.append)
    monkeypatch.setattr(os, "getppid", os.getpid)
    warm_up.warm_up(warm_up.work_order(["stage"]))
    (order,) = done
    assert order.build == os.getpid()
    assert (order.stages is not None) == has_stages
    if has_stages:
        assert pickle.loads(order.stages) == ("stage",)


def test_the_fork_server_takes_on_the_main_module_of_the_caller(monkeypatch):
    """A script or a module that was run: only what the caller has is changed."""
    for file, name in (("script.py", None), (None, "tool.main"), (None, None)):
        main = SimpleNamespace(__file__="server", __spec__="none")
        monkeypatch.setitem(sys.modules, "__main__", main)
        warm_up._prepare(warm_up.WorkOrder(None, file, name, 1))
        assert main.__file__ == (file or "server")
        assert getattr(main.__spec__, "name", None) == name


def test_a_module_is_hidden_only_inside_the_block():
    """Imports of others work; afterwards, nothing is hidden, also if the block raises."""
    before = list(sys.meta_path)
    sys.modules.pop("this", None)
    with warm_up._hidden("this"):
        import json  # noqa: F401

        with pytest.raises(ModuleNotFoundError, match="this is not needed here") as caught:
            import this  # noqa: F401
        assert caught.value.name == "this"
        assert sys.meta_path[1:] == before
    assert sys.meta_path == before
    with pytest.raises(ValueError, match="now"), warm_up._hidden("this"):
        raise ValueError("now")
    assert sys.meta_path == before


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("numba", [True, False])
def test_no_import_is_skipped_for_a_stage_of_the_user(monkeypatch, is_own, numba):
    """It may rely on pandas, scipy or coverage."""
    hidden = []
    real = warm_up._hidden
    monkeypatch.setattr(warm_up, "_hidden", lambda name: hidden.append(name) or real(name))
    monkeypatch.setattr(warm_up, "used", lambda stage: is_own and stage == "own")
    warm_up.skip_unneeded_imports(["ours", "own"], numba=numba)
    of_numba = ["scipy", "coverage"] if numba else []
    assert hidden == ([] if is_own else ["pandas", *of_numba])
