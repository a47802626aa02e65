"""A poison record is isolated: its task is halved until it stands alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from corpus.documents import ID
from corpus.pipeline import isolate_poison
from corpus.pipeline.engine import Serial, TaskFailure
from corpus.pipeline.isolate_poison import (
    bytes_to_read,
    parts_file,
    parts_of,
    remember_parts,
    run_task,
    time_limit,
)
from corpus.pipeline.pass_tasks import FirstPassTask, run_first_pass
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import open_run
from corpus.sources import Source, chunks, find_files, read, split_into_chunks
from corpus.sources.chunks import Chunk, File

NOTHING = "0" * 32


@pytest.fixture(autouse=True)
def _failing_pass(monkeypatch):
    """Let the first pass fail on a text with POISON; with MEMORY, the machine may be the cause."""

    def run(task):
        for documents, *_ in read(task.chunk, task.source):
            for text in documents.column("text").to_pylist():
                if "POISON" in text:
                    raise ValueError("poisoned") from MemoryError() if "MEMORY" in text else None
        return run_first_pass(task)

    monkeypatch.setattr(isolate_poison, "run_first_pass", run)


@pytest.fixture
def make_task(tmp_path):
    """Return a function that makes the task of a file with these texts."""

    def make(*texts: str) -> FirstPassTask:
        lines = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(texts)]
        (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
        source = Source(path="in.jsonl")
        (chunk,) = split_into_chunks(find_files(source, tmp_path).files, source)
        return FirstPassTask(
            Segment((), ()), source, chunk, tmp_path / "cache" / "name", tmp_path / "now"
        )

    return make


def kept(runs):
    """Return the ids of the documents in runs, in order."""
    ids = [run.documents(0, run.rows, [ID]).column(ID).to_pylist() for run in runs if run.rows]
    return sorted(int(id) for each in ids for id in each)


@pytest.mark.parametrize("text", ["a text", "POISON"])
def test_a_run_that_another_build_has_just_made_is_kept(make_task, monkeypatch, text):
    """Of two builds that share a cache, the second to finish a task deletes no run of the first."""
    task = make_task(text)
    discard = isolate_poison.discard_damaged
    others = []

    def discard_later(folder):
        """Let the other build finish the task first, after this one looked for its run."""
        if not others:
            others.append(None)
            (others[0],) = run_task(task, Serial())
            (folder / "mark of the other build").touch()
        discard(folder)

    monkeypatch.setattr(isolate_poison, "discard_damaged", discard_later)
    (run,) = run_task(task, Serial())
    assert run == others[0] == open_run(task.folder)
    assert (task.folder / "mark of the other build").exists()


@pytest.mark.parametrize(("n", "poison"), [(2, 0), (3, 1), (7, 6)])
def test_the_poison_record_alone_is_rejected(make_task, n, poison):
    """Wherever it stands, all others are kept, and its number in the file is in the ledger."""
    task = make_task(*("POISON" if i == poison else f"text {i}" for i in range(n)))
    runs = list(run_task(task, Serial()))
    assert kept(runs) == [i for i in range(n) if i != poison]
    (rejected,) = (run for run in runs if run.rejected().num_rows)
    (reject,) = rejected.rejected().to_pylist()
    assert (reject["source"], reject["record"], reject["bytes"]) == ("in.jsonl", poison + 1, 0)
    assert reject["reason"] == "could not be carried through the stages: ValueError: poisoned"
    assert sum(run.summary()["read"] for run in runs) == n
    counts = {"records": 0, "rejected": 1, "content": NOTHING, "skipped": {}}
    assert rejected.summary()["inputs"] == {"in.jsonl": counts}
    assert (rejected.summary()["kept"], rejected.summary()["rejected"]) == (0, 1)


def test_the_only_record_of_a_file_is_named_by_the_file(make_task):
    """There is nothing to halve, and it counts as one record."""
    (run,) = run_task(make_task("POISON"), Serial())
    (reject,) = run.rejected().to_pylist()
    assert (reject["source"], reject["bytes"]) == ("in.jsonl", 0)


def test_a_task_is_halved_and_its_parts_are_named_after_their_records(make_task):
    """Of seven records, the fifth is isolated in three steps."""
    runs = list(run_task(make_task(*"abcd", "POISON", *"fg"), Serial()))
    names = [run.folder.name for run in runs]
    assert names == ["name-0-3", "name-3-4", "name-4-5", "name-5-7"]


def test_what_may_pass_is_not_kept_in_the_cache(make_task):
    """A lack of memory is no property of a record: its reject is in a folder of its own."""
    task = make_task("a", "POISON MEMORY")
    runs = list(run_task(task, Serial()))
    assert [run.folder.name for run in runs] == ["name-0-1", "name-1-2"]
    assert [run.folder.parent.name for run in runs] == ["cache", "now"]
    assert runs[1].rejected()["reason"].to_pylist() == [
        "could not be carried through the stages this time: ValueError: poisoned"
    ]
    remember_parts(task, runs)
    assert [part.chunk.records for part in parts_of(task)] == [(0, 1), (1, 2)]
    assert [part.folder.name for part in parts_of(task)] == ["name-0-1", "name-1-2"]


def test_a_task_that_succeeds_has_one_run_and_no_list_of_parts(make_task):
    """A run in the cache is used again; one that is damaged is made again."""
    task = make_task("a", "b")
    (run,) = run_task(task, Serial())
    remember_parts(task, [run])
    assert not parts_file(task).exists()
    assert parts_of(task) == [task]
    first = (run.folder / "documents.arrow").stat().st_ino
    (again,) = run_task(task, Serial())
    assert (again.folder / "documents.arrow").stat().st_ino == first
    (run.folder / "documents.arrow").write_bytes(b"damaged")
    (again,) = run_task(task, Serial())
    assert kept([again]) == [0, 1]


def test_a_task_whose_records_cannot_be_counted_is_rejected_as_a_whole(make_task, monkeypatch):
    """All its files are in the ledger without a record, and share the bytes."""
    task = make_task("POISON")
    (file,) = task.chunk.files
    page = replace(file, format="html")  # each file is a record, so they are not divided first
    files = (replace(page, bytes=500), replace(page, name="b.jsonl", bytes=501))
    task = replace(task, chunk=replace(task.chunk, files=files))
    tries = []

    def fail(task):
        tries.append(task)
        raise ValueError("cannot be read")

    monkeypatch.setattr(isolate_poison, "_count_records", fail)
    failure = TaskFailure("ValueError: poisoned")
    (run,) = isolate_poison.isolate(task, failure, Serial())
    rows = run.rejected().to_pylist()
    assert [(row["source"], row["record"], row["bytes"]) for row in rows] == [
        ("in.jsonl", None, 500),
        ("b.jsonl", None, 500),
    ]
    assert run.summary()["read"] == 2
    assert set(run.summary()["inputs"]) == {"in.jsonl", "b.jsonl"}
    assert len(tries) == 1


@pytest.mark.parametrize(("error", "tries"), [(ValueError, 1), (MemoryError, 2)])
def test_only_a_fault_of_the_machine_is_tried_twice(make_task, error, tries):
    """A task that fails for a reason of its own would fail again."""
    tried = []

    def fail(task):
        tried.append(task)
        raise error

    result = isolate_poison._run_twice(fail, make_task("a"), Serial())
    assert isinstance(result, TaskFailure)
    assert len(tried) == tries


def test_a_task_that_fails_for_once_is_done_at_the_second_try(make_task):
    """The result of the second try counts."""
    tried = []

    def fail_once(task):
        tried.append(task)
        if len(tried) == 1:
            raise MemoryError
        return "done"

    assert isolate_poison._run_twice(fail_once, make_task("a"), Serial()) == "done"


@pytest.mark.parametrize(
    ("stop", "size", "expected", "seconds"),
    [
        (None, 0, 0, 60),
        (None, 200_000_000, 200_000_000, 1060),
        (9, 1_000_000, 1_000_000, 65),
        (9, 200_000_000, chunks.CHUNK_BYTES, 60 + 5 * chunks.CHUNK_BYTES / 1e6),
    ],
)
def test_a_task_has_a_minute_and_five_seconds_for_each_megabyte(
    tmp_path, stop, size, expected, seconds
):
    """A part of a large file has the time of a chunk, not that of the file."""
    file = File("a.jsonl", "/a.jsonl", size, "jsonl")
    task = FirstPassTask(Segment((), ()), None, Chunk((file,), stop=stop), tmp_path, tmp_path)
    assert bytes_to_read(task) == expected
    assert time_limit(task) == pytest.approx(seconds)


@pytest.fixture
def group_task(tmp_path):
    """Return the task of a group of seven files with three records each; the 17th is poison."""
    for k in range(7):
        lines = [
            {"id": str(3 * k + i), "text": "POISON" if 3 * k + i == 16 else f"text {i}"}
            for i in range(3)
        ]
        text = "\n".join(map(json.dumps, lines))
        (tmp_path / f"{k}.jsonl").write_text(text, encoding="utf-8")
    source = Source(path="*.jsonl")
    (chunk,) = split_into_chunks(find_files(source, tmp_path).files, source)
    assert len(chunk.files) == 7
    return FirstPassTask(
        Segment((), ()), source, chunk, tmp_path / "cache" / "name", tmp_path / "now"
    )


def test_a_group_of_files_is_halved_into_files_and_then_into_records(group_task):
    """Only the file of the poison record is read record by record; all others are whole."""
    runs = list(run_task(group_task, Serial()))
    assert kept(runs) == [i for i in range(21) if i != 16]
    (reject,) = (row for run in runs for row in run.rejected().to_pylist())
    assert (reject["source"], reject["record"]) == ("5.jsonl", 2)
    names = [run.folder.name for run in runs]
    assert names == [
        *("name-0-3", "name-3-5"),
        *("name-5-6-0-1", "name-5-6-1-2", "name-5-6-2-3"),
        "name-6-7",
    ]


def test_the_parts_of_a_group_are_remembered(group_task):
    """The next build has the same files and records in each, and none fails again as a whole."""
    runs = list(run_task(group_task, Serial()))
    remember_parts(group_task, runs)
    parts = parts_of(group_task)
    assert [part.folder for part in parts] == [run.folder for run in runs]
    files = [[file.name for file in part.chunk.files] for part in parts]
    five = ["5.jsonl"]
    assert files == [
        *(["0.jsonl", "1.jsonl", "2.jsonl"], ["3.jsonl", "4.jsonl"]),
        *(five, five, five),
        ["6.jsonl"],
    ]
    assert [part.chunk.records for part in parts] == [None, None, (0, 1), (1, 2), (2, 3), None]
    assert [run.folder for part in parts for run in run_task(part, Serial())] == [
        run.folder for run in runs
    ]
