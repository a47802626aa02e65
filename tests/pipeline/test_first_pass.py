"""The first pass by itself: what a run counts, and what is added up over runs."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pyarrow as pa
import pytest

from corpus.documents import ID, RECORD_HASH
from corpus.errors import InputError
from corpus.pipeline import first_pass
from corpus.pipeline.engine import Serial
from corpus.pipeline.first_pass import FirstPass, InputCounts
from corpus.pipeline.pass_tasks import (
    HASH_MODULUS,
    FirstPassTask,
    _count_values,
    _record_hashes,
    run_first_pass,
)
from corpus.pipeline.segments import Segment
from corpus.sources import Reject, Source, find_files, split_into_chunks

BLANK = "\u200b \n\x07"


def tasks_of(folder, files):
    """Return the task of each chunk of these files, given as lists of lines."""
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    source = Source(path="*.jsonl")
    chunks = split_into_chunks(find_files(source, folder).files, source)
    return [
        FirstPassTask(Segment((), ()), source, chunk, folder / "cache" / f"{i}", folder)
        for i, chunk in enumerate(chunks)
    ]


def record(id, text="a text", **more):
    """Return a line of JSON."""
    return json.dumps({"id": id, "text": text} | more)


LINES = [record("a"), "no JSON", record("b", BLANK), record("c", extra=3), record("d", None)]


def test_a_run_counts_every_record_once(tmp_path):
    """Kept, removed and rejected records are all that were read, in the run and for each file."""
    (task,) = tasks_of(tmp_path, {"x.jsonl": LINES})
    run = run_first_pass(task)
    summary = run.summary()
    assert [summary[name] for name in ("read", "kept", "removed", "rejected")] == [5, 2, 2, 1]
    (counts,) = summary["inputs"].values()
    assert (counts["records"], counts["rejected"], counts["skipped"]) == (4, 1, {})
    assert sorted(run.documents(0, 2)[ID].to_pylist()) == ["a", "c"]
    assert sorted(run.removed()[ID].to_pylist()) == ["b", "d"]
    assert set(run.removed()["reason"].to_pylist()) == {"empty"}
    (reject,) = run.rejected().to_pylist()
    assert (reject["source"], reject["record"]) == ("x.jsonl", 2)
    assert "extra" in summary["filled"]
    assert "title" not in summary["filled"]
    assert summary["notes"]["x.jsonl"]["texts"] == 3


def test_every_file_of_a_run_has_its_own_counts(tmp_path):
    """One task reads many small files; each is counted by itself, also if it has only rejects."""
    for name, data in {"a": b"x", "b": b"\xff" * 9, "c": b" "}.items():
        (tmp_path / f"{name}.txt").write_bytes(data)
    source = Source(path="*.txt", encoding="utf-8")
    (chunk,) = split_into_chunks(find_files(source, tmp_path).files, source)
    summary = run_first_pass(
        FirstPassTask(Segment((), ()), source, chunk, tmp_path / "cache" / "0", tmp_path)
    ).summary()
    counts = {name: (n["records"], n["rejected"]) for name, n in summary["inputs"].items()}
    assert counts == {"a.txt": (1, 0), "b.txt": (0, 1), "c.txt": (1, 0)}
    assert summary["inputs"]["b.txt"]["content"] == "0" * 32
    assert (summary["read"], summary["kept"], summary["removed"]) == (3, 1, 1)


def test_the_content_of_a_file_is_the_sum_of_its_record_hashes(tmp_path):
    """It does not depend on the order of the records, and counts removed ones, too."""
    sums = []
    for lines in (LINES, LINES[::-1]):
        (task,) = tasks_of(tmp_path, {"x.jsonl": lines})
        task = replace(task, folder=tmp_path / "cache" / f"sum{len(sums)}")
        run = run_first_pass(task)
        sums.append(run.summary()["inputs"]["x.jsonl"]["content"])
        kept = [int.from_bytes(each, "big") for each in run.observed()[RECORD_HASH].to_pylist()]
        removed = [int(each, 16) for each in run.removed()["record"].to_pylist()]
        assert int(sums[-1], 16) == sum(kept + removed) % HASH_MODULUS
    assert sums[0] == sums[1]
    assert len(sums[0]) == 32


@pytest.mark.parametrize("names", [["a"] * 9, ["a", "b", "a"] * 3])
def test_sums_of_hashes_and_counts_of_values_are_those_of_each_file(names):
    """A batch of one file, and one of several, have the sums of their 16-byte numbers."""
    hashes = [b"\xff" * 16, b"\xff" * 15 + b"\0", *(bytes([k] * 16) for k in range(7))]
    times = [None if k % 4 else 0 for k in range(9)]
    rows = pa.record_batch(
        {
            "source": names,
            "_digest": pa.array(hashes, pa.binary(16)),
            "text": [None, *"bcdefghi"],
            "date": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )
    batch = pa.concat_batches([rows, rows]).slice(9)  # an offset into its buffers
    expected = {
        name: (
            sum(int.from_bytes(h, "big") for h, n in zip(hashes, names, strict=True) if n == name),
            names.count(name),
        )
        for name in set(names)
    }
    assert {name: (total, n) for name, total, n in _record_hashes(batch)} == expected
    notes = _count_values(batch)
    for name in set(names):
        own = [k for k in range(9) if names[k] == name]
        assert notes[name].texts == sum(k > 0 for k in own)
        assert notes[name].dates == sum(k % 4 == 0 for k in own)


def test_counts_of_two_chunks_of_a_file_are_added():
    """Sums of hashes wrap around; reasons come in the order of their names."""
    first = InputCounts(3, 1, f"{HASH_MODULUS - 1:032x}", {"b": 1, "c": 2})
    more = {"records": 2, "rejected": 5, "content": f"{3:032x}", "skipped": {"c": 4, "a": 1}}
    total = first.plus(more)
    assert total == InputCounts(5, 6, f"{2:032x}", {"a": 1, "b": 1, "c": 6})
    assert list(total.skipped) == ["a", "b", "c"]
    assert InputCounts().plus(more) == InputCounts(2, 5, f"{3:032x}", {"a": 1, "c": 4})
    assert InputCounts() == InputCounts(0, 0, "0" * 32, {})


def test_the_runs_of_a_pass_are_added_up(tmp_path):
    """Counts, notes and rejects are added for each file of each source."""
    (task,) = tasks_of(tmp_path, {"x.jsonl": LINES})
    run, result = run_first_pass(task), FirstPass()
    assert [result.add(run, task, source) for source in (0, 0, 1)] == [5, 5, 5]
    assert (result.read, result.runs) == (15, [run] * 3)
    assert [(reject.source, reject.record) for reject in result.rejected] == [("x.jsonl", 2)] * 3
    assert all(isinstance(reject, Reject) for reject in result.rejected)
    assert {key: counts.records for key, counts in result.inputs.items()} == {
        (0, "x.jsonl"): 8,
        (1, "x.jsonl"): 4,
    }
    assert {key: notes.texts for key, notes in result.notes.items()} == {
        (0, "x.jsonl"): 6,
        (1, "x.jsonl"): 3,
    }


@pytest.mark.parametrize(
    ("limit", "read"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (5, [2, 2, 1]), (9, [2, 2, 2])]
)
def test_a_trial_reads_as_many_records_as_asked(tmp_path, limit, read):
    """The last chunk is cut; the runs of a trial have names of their own."""
    tasks = []
    for name in "abc":
        (folder := tmp_path / name).mkdir()
        tasks += tasks_of(folder, {"x.jsonl": [record(f"{name}{i}") for i in range(2)]})
    results = list(first_pass._run_until(iter(tasks), Serial(), limit))
    assert [run.summary()["read"] for _, run in results] == read
    left = limit
    for (task, run), original in zip(results, tasks, strict=False):
        assert task.chunk.records == (0, left)
        assert run.folder == task.folder == original.folder.with_name(f"0-{left}")
        left -= run.summary()["read"]


@pytest.mark.parametrize("is_same", [False, True])
def test_a_file_that_changed_while_it_was_read_stops_the_build(monkeypatch, is_same):
    """A new time with the same bytes is no change; the message has the name of the file."""
    item = SimpleNamespace(file=SimpleNamespace(path="/in/a.txt", name="a.txt"), stamp=1)
    monkeypatch.setattr(first_pass, "is_as_hashed", lambda item: is_same)
    monkeypatch.setattr(first_pass, "file_stamp", lambda path: 1)
    first_pass._check_unchanged([item])
    monkeypatch.setattr(first_pass, "file_stamp", lambda path: 2)
    if is_same:
        first_pass._check_unchanged([item])
    else:
        with pytest.raises(InputError, match=r"^a\.txt: changed while it was read"):
            first_pass._check_unchanged([item])
