"""A fault of the machine is not remembered: the next build equals one without the fault."""

from __future__ import annotations

import errno
import io
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.languages.observations import LikeliestLanguage
from corpus.pipeline import isolate_poison
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial, TaskFailure
from corpus.pipeline.error_budget import check_error_budget
from corpus.pipeline.isolate_poison import parts_of
from corpus.pipeline.pass_tasks import PassResult
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import SortedRun, open_run
from corpus.sources import Reject
from corpus.sources.files import filesystems, inputs
from corpus.sources.reject_remedies import THIS_TIME
from tests.conftest import make_documents
from tests.pipeline.test_build import config_of, contents, ledger, made, records, results_of, write

STAGES = "\n  - stage: language\n"
LENIENT = "on_error: 0.5\n"


@pytest.fixture
def fail(monkeypatch):
    """Return a function that lets a stage raise errors, in turn, on a text with POISON."""
    real = LikeliestLanguage.columns
    errors: list[BaseException] = []

    def columns(self, documents):
        if errors and any("POISON" in text for text in documents.column("text").to_pylist()):
            raise errors.pop()
        return real(self, documents)

    monkeypatch.setattr(LikeliestLanguage, "columns", columns)

    def let_fail(error: BaseException, times: int) -> None:
        errors[:] = [error] * times

    return let_fail


def poisoned(n: int = 30) -> list[dict[str, object]]:
    """Return records of which one has the word POISON."""
    rows = records(n)
    rows[17]["text"] = "POISON " + str(rows[17]["text"])
    return rows


def wrapped(cause: BaseException) -> ValueError:
    """Return an error that a library raised while it handled another one."""
    error = ValueError("it did not work")
    error.__context__ = cause
    return error


def test_a_reject_for_a_fault_of_the_machine_is_not_remembered(tmp_path, fail, monkeypatch):
    """The next build tries only this record again, and equals a build without the fault."""
    clean = made(tmp_path / "clean", poisoned(), stages=STAGES, more=LENIENT)
    fail(wrapped(MemoryError()), times=1000)
    built = made(tmp_path / "a", poisoned(), stages=STAGES, more=LENIENT)
    (reject,) = ledger(built, "rejected")
    assert reject["record"] == 18
    assert "could not be carried through the stages this time: " in reject["reason"]

    fail(MemoryError(), times=0)
    done, real = [], isolate_poison.run_first_pass
    monkeypatch.setattr(
        isolate_poison, "run_first_pass", lambda task: done.append(task) or real(task)
    )
    again = made(tmp_path / "a", stages=STAGES, more=LENIENT)
    assert not again.unchanged
    assert contents(again.path) == contents(clean.path)
    assert [task.chunk.records for task in done] == [(17, 18)]


def raise_it(error: BaseException) -> None:
    """Raise an error, as a task."""
    raise error


@pytest.mark.parametrize(
    ("error", "may_pass"),
    [
        (MemoryError(), True),
        (wrapped(MemoryError()), True),
        (wrapped(OSError(errno.ENOMEM, "Cannot allocate memory")), True),
        (wrapped(ImportError("cannot allocate memory in static TLS block")), True),
        (RuntimeError("can't start new thread"), True),
        (ValueError("poisoned"), False),
        (wrapped(KeyError("a")), False),
        (OSError("Invalid data stream"), False),  # so do some parsers say that data is damaged
        (RecursionError(), False),
    ],
    ids=repr,
)
def test_a_failure_may_pass_if_the_machine_may_be_the_cause(error, may_pass):
    """A lack of memory, also behind another error, says nothing about a document."""
    (failure,) = Serial().map(raise_it, [error])

    assert isinstance(failure, TaskFailure)
    assert failure.may_pass == may_pass


@pytest.mark.parametrize("error", [ImportError("no module"), OSError(errno.ENOSPC, "no space")])
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_broken_installation_or_a_full_disk_is_raised(error, is_wrapped):
    """It is never the failure of a task, also if a library raises another error from it."""
    raised = error
    if is_wrapped:
        raised = ValueError("it did not work")
        raised.__cause__ = error
    with pytest.raises((EnvironmentFault, OSError), match=r"no module|no space"):
        list(Serial().map(raise_it, [raised]))


def test_a_fault_that_passes_within_a_build_loses_nothing(tmp_path, fail):
    """A lack of memory while other tasks ran is no reject: the task runs again, alone."""
    clean = made(tmp_path / "clean", poisoned(), stages=STAGES)
    fail(MemoryError(), times=1)
    built = made(tmp_path / "a", poisoned(), stages=STAGES)
    assert contents(built.path) == contents(clean.path)

    one = [poisoned()[17]]
    clean = made(tmp_path / "one clean", one, stages=STAGES)
    fail(MemoryError(), times=1)
    assert contents(made(tmp_path / "one", one, stages=STAGES).path) == contents(clean.path)


def test_damaged_input_stays_the_cause_beside_a_fault_of_the_machine(tmp_path):
    """If the input alone has too many rejects, the error is one of the input."""
    damaged = Reject("a.jsonl", 1, "invalid JSON")
    lost = Reject("a.jsonl", 2, f"{THIS_TIME}: not enough memory")
    check = partial(
        check_error_budget, records=10, input_bytes=10, ledger=tmp_path / "rejected.parquet"
    )
    with pytest.raises(InputError, match=r"2 of 10 records"):
        check([damaged, lost], on_error=0.05)
    with pytest.raises(EnvironmentFault, match="the record is tried again") as caught:
        check([damaged, lost], on_error=0.1)
    assert "on_error to at least" not in str(caught.value)
    check([damaged, lost], on_error=0.2)


def test_force_and_no_cache_ignore_what_was_remembered(tmp_path, fail):
    """A reject that was remembered is tried again with `--force` and with `cache: false`."""
    fail(ValueError("a bug that was mended elsewhere"), times=1000)
    built = made(tmp_path, poisoned(), stages=STAGES, more=LENIENT)
    assert len(ledger(built, "rejected")) == 1
    fail(ValueError(), times=0)
    shutil.rmtree(tmp_path / "out" / "news")
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert ledger(made(tmp_path, stages=STAGES, more=LENIENT, force=True), "rejected") == []
    copy = made(tmp_path / "copy", stages=STAGES, more=LENIENT + "cache: false\n")
    assert ledger(copy, "rejected") == []


def test_a_trial_with_force_keeps_the_cache(tmp_path):
    """`--limit --force` reads again, and leaves the work of the full build where it is."""
    built = made(tmp_path, records(20), stages=STAGES)
    shutil.rmtree(built.path)
    cache = tmp_path / "out" / ".corpus-cache"
    before = contents(cache)
    config = config_of(tmp_path, stages=STAGES)
    build(config, engine=Serial(), limit=5, force=True)

    assert contents(cache) == before


def test_a_failing_drive_stops_the_build_and_the_next_one_is_complete(tmp_path, monkeypatch):
    """The first build exits with 4, and nothing of the file is in the cache."""
    clean = made(tmp_path / "clean", records(20), stages=STAGES)
    write(tmp_path / "a" / "in", "a.jsonl", records(20))
    is_failing, hash_them = [], inputs.hash_inputs

    class Failing(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            if is_failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(size)

    def then_fail(*args):
        hashed = hash_them(*args)
        is_failing.append(True)
        return hashed

    with monkeypatch.context() as patch:
        patch.setattr("corpus.sources.files.passing_faults.PAUSES_SECONDS", (0, 0))
        patch.setattr(filesystems, "_open_raw", Failing)
        patch.setattr(inputs, "hash_inputs", then_fail)
        with pytest.raises(EnvironmentFault, match=r"in/a\.jsonl: cannot be read: Input/output"):
            made(tmp_path / "a", stages=STAGES)
    assert results_of(tmp_path / "a") == []
    assert contents(made(tmp_path / "a", stages=STAGES).path) == contents(clean.path)


def test_the_list_of_parts_is_not_used_if_a_byte_of_it_changed(tmp_path, fail):
    """A changed list could leave out records; then the chunk is read as a whole."""
    fail(ValueError("poisoned"), times=1000)
    built = made(tmp_path, poisoned(), stages=STAGES, more=LENIENT)
    before = contents(built.path)
    (parts,) = (tmp_path / "out" / ".corpus-cache").glob("*.parts")
    data = parts.read_bytes()
    for i in range(0, len(data) - 1, 11):
        changed = bytearray(data)
        changed[i] ^= 1
        parts.write_bytes(changed)
        assert parts_of_file(parts) == 1
    parts.write_bytes(data)
    assert parts_of_file(parts) > 1
    shutil.rmtree(built.path)
    assert contents(made(tmp_path, stages=STAGES, more=LENIENT).path) == before


def parts_of_file(path: Path) -> int:
    """Return the number of parts that a list of parts has for its task."""
    from corpus.pipeline.pass_tasks import FirstPassTask
    from corpus.sources import Chunk

    folder = path.with_suffix("")
    return len(parts_of(FirstPassTask(None, None, Chunk(()), folder, folder)))


def run_of(folder: Path) -> SortedRun:
    """Return a run of two documents."""
    result, segment = PassResult(), Segment((), ())
    result.add(segment, make_documents("one", "two"))
    return result.write(folder, segment)


def test_no_byte_of_a_cached_summary_can_change_a_build(tmp_path):
    """A run whose summary changed by a byte is not used: it could make a column vanish."""
    run = run_of(tmp_path / "run")
    assert open_run(run.folder) == run
    data = (run.folder / "summary.json").read_bytes()
    for i in range(len(data) - 1):
        changed = bytearray(data)
        changed[i] ^= 1
        (run.folder / "summary.json").write_bytes(changed)
        assert open_run(run.folder) is None
    with pytest.raises(EnvironmentFault, match=r"summary\.json: changed since it was written"):
        run.summary()


def test_a_run_under_the_name_of_another_is_not_used(tmp_path):
    """A run in the folder of another one, as after a mixed-up copy, is made again."""
    run = run_of(tmp_path / "run")
    assert open_run(run.folder.rename(tmp_path / "other")) is None


EDITED = '''
from pathlib import Path
from typing import Literal
from corpus.stages import DocumentStage

class Edited(DocumentStage):
    """Changes the file that it depends on."""
    stage: Literal["edited"] = "edited"

    def files(self):
        return (Path(__file__).parent / "words.txt",)

    def apply(self, documents):
        self.files()[0].write_text("others")
        return documents
'''


def test_nothing_is_kept_that_a_stage_made_while_its_files_changed(tmp_path):
    """If the build is killed and the file restored, the next build would use it otherwise."""
    write(tmp_path / "in", "a.jsonl", records(3))
    (tmp_path / "edited.py").write_text(EDITED)
    (tmp_path / "words.txt").write_text("some")
    with pytest.raises(ConfigError, match=r"words\.txt: changed during the build"):
        made(tmp_path, stages="\n  - use: edited:Edited\n")
    assert list((tmp_path / "out" / ".news").glob("cache/*")) == []
