"""Sorted runs by themselves: order, batches, ranges of keys, damage."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

from corpus import storage
from corpus.documents import ID, KEY, PORTION, REMOVED, TEXT
from corpus.errors import EnvironmentFault
from corpus.pipeline import sorted_runs
from corpus.pipeline.sorted_runs import (
    REJECTED_DETAIL,
    REMOVED_DETAIL,
    SUMMARY,
    FetchFromRuns,
    open_run,
    sort_by_key,
    write_run,
)

LAST = (1 << 64) - 1


def key(head, tail=0):
    """Return a key of two numbers of 64 bits."""
    return head.to_bytes(8, "big") + tail.to_bytes(8, "big")


def make_table(heads, sizes, **columns):
    """Return documents with these keys, and texts of this many bytes."""
    return pa.table(
        {
            KEY: pa.array([key(head) for head in heads], pa.binary(16)),
            ID: pa.array([f"doc-{head}" for head in heads], pa.string()),
            TEXT: pa.array(["x" * size for size in sizes], pa.string()),
        }
        | columns
    )


def write(folder, heads, sizes=None, **columns):
    """Write a run of documents with these keys."""
    documents = make_table(heads, sizes or [3] * len(heads), **columns)
    return write_run(
        folder,
        documents=documents,
        observed=documents.select([KEY, ID]),
        removed=REMOVED_DETAIL.empty_table(),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={"read": len(heads)},
    )


def ids(table):
    """Return the numbers of the documents of a table."""
    return [int(id[4:]) for id in table.column(ID).to_pylist()]


def test_a_table_is_sorted_by_both_halves_of_the_key_and_then_by_columns():
    """Equal keys are ordered by the first of the other columns, then by the next."""
    rows = [(2, 1, 0, 0), (2, 0, 1, 9), (2, 0, 2, 1), (1, 9, 5, 5), (2, 0, 1, 3), (2, 0, 1, 3)]
    table = pa.table(
        {
            KEY: pa.array([key(row[0], row[1]) for row in rows], pa.binary(16)),
            "a": [row[2] for row in rows],
            "b": [row[3] for row in rows],
            "n": list(range(len(rows))),
        }
    )
    assert sort_by_key(table, "a", "b")["n"].to_pylist() == [3, 4, 5, 1, 2, 0]
    assert sort_by_key(table)["n"].to_pylist() == [3, 1, 2, 4, 5, 0]
    assert sort_by_key(table.slice(0, 0), "a").num_rows == 0


def batch_rows(run):
    """Return the number of rows of each batch of documents."""
    with ipc.open_file(run.folder / "documents.arrow") as reader:
        return [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([500], [1]),
        ([5, 5], [2]),
        ([5, 6], [1, 1]),
        ([5, 5, 5, 5], [2, 2]),
        ([1, 1, 1, 9], [2, 1, 1]),
        ([0] * 8, [2, 2, 2, 2]),
        ([500, 1, 1, 500], [1, 1, 1, 1]),
    ],
)
def test_a_batch_is_a_range_of_places_with_enough_text_or_documents(
    tmp_path, monkeypatch, sizes, expected
):
    """With 10 bytes and 3 rows: keys are divided in halves until a part is small enough."""
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_BYTES", 10)
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_ROWS", 3)
    run = write(tmp_path / "run", [k << 61 for k in range(len(sizes))], sizes)
    assert batch_rows(run) == expected
    assert run.rows == len(sizes)
    assert run.starts == tuple(np.cumsum([0, *expected]).tolist())


def test_many_documents_with_one_key_are_in_several_batches(tmp_path, monkeypatch):
    """No first bits divide them, so their number does."""
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_ROWS", 3)
    assert batch_rows(write(tmp_path / "run", [9] * 8)) == [3, 3, 2]


def test_documents_are_sorted_by_portion_and_then_by_key(tmp_path):
    """So a range of places is one slice of documents, and of their observations."""
    portions = pa.array([3, 1, 3, 1], pa.uint64())
    documents = make_table([1, 2, 0, 9], [3] * 4, **{PORTION: portions})
    run = write_run(
        tmp_path / "run",
        documents=documents,
        observed=documents.select([KEY, ID, PORTION]),
        removed=REMOVED_DETAIL.empty_table(),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={},
    )
    assert ids(run.documents(0, 4)) == ids(run.observed()) == [2, 9, 0, 1]
    assert run.observed()[PORTION].to_pylist() == [1, 1, 3, 3]


def test_any_slice_of_documents_can_be_read(tmp_path, monkeypatch):
    """Documents are sorted by key; a slice may begin and end within a batch or at its border."""
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_ROWS", 3)
    heads = [7, 0, 3, 5, 1, 6, 2, 4]
    run = write(tmp_path / "run", heads, n=pa.array(heads))
    assert run.schema().names == [KEY, ID, TEXT, "n"]
    for first in range(9):
        for last in range(first, 9):
            if first < 8:
                assert ids(run.documents(first, last)) == list(range(first, last))
            batches = list(run.batches((0, first), (first, last)))
            assert [n for _, _, batch in batches for n in batch["n"].to_pylist()] == (
                list(range(last))
            )
            assert all(row == batch["n"][0].as_py() for _, row, batch in batches)
            assert all((number == 1) == (row >= first) for number, row, _ in batches)
            assert all(batch.num_rows <= 3 for _, _, batch in batches)
    some = run.documents(2, 5, ["n", ID])
    assert sorted(some.schema.names) == [ID, "n"]
    assert some["n"].to_pylist() == [2, 3, 4] == ids(some)
    assert ids(run.observed()) == list(range(8))


def test_chosen_documents_are_read_from_their_batches_only(tmp_path, monkeypatch):
    """The rows of one run come in their order, with the columns asked for in the order asked."""
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_ROWS", 3)
    runs = (write(tmp_path / "0", [50]), write(tmp_path / "1", list(range(10, 20))))
    fetch, read = FetchFromRuns(runs), []
    real = ipc.RecordBatchFileReader.get_batch

    def get_batch(reader, index):
        read.append(index)
        return real(reader, index)

    monkeypatch.setattr(ipc.RecordBatchFileReader, "get_batch", get_batch)
    assert runs[1].starts == (0, 2, 4, 6, 8, 10)  # keys 10 and 11, 12 and 13, 14 and 15, ...
    for rows, batches in (
        ([0], [0]),
        ([1, 2], [0, 1]),
        ([1, 4, 9], [0, 2, 4]),
        (list(range(10)), [0, 1, 2, 3, 4]),
    ):
        read.clear()
        batch = fetch(1, np.array(rows), [TEXT, ID])
        assert batch.schema.names == [TEXT, ID]
        assert ids(batch) == [10 + row for row in rows]
        assert read == batches
    assert ids(fetch(0, np.array([0]), [ID])) == [50]


def test_the_removed_documents_of_a_run_are_sorted(tmp_path):
    """Whatever the order of the input, the ledger's rows come by portion, then by key."""
    rows = [
        dict.fromkeys(REMOVED.names) | {ID: f"doc-{k}", KEY: key(k), PORTION: portion}
        for k, portion in ((9, 0), (4, 1), (6, 0))
    ]
    run = write_run(
        tmp_path / "run",
        documents=make_table([], []),
        observed=make_table([], []),
        removed=pa.Table.from_pylist(rows, REMOVED_DETAIL),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={},
    )
    assert ids(run.removed()) == [6, 9, 4]
    assert (run.rows, run.rejected().num_rows, run.columns().num_rows) == (0, 0, 0)


def test_a_run_is_opened_as_it_was_written(tmp_path):
    """The counts, the batches and the folder are those of the run that was written."""
    run = write(tmp_path / "run", [2, 1])
    assert open_run(tmp_path / "run") == run
    assert run.summary()["read"] == 2
    files = {path.name for path in run.folder.iterdir()} - {SUMMARY}
    assert (
        set(run.summary()["sha256"])
        == files
        == {f"{name}.arrow" for name in ("documents", "observed", "removed", "rejected", "columns")}
    )


@pytest.mark.parametrize(
    "name",
    ["documents.arrow", "observed.arrow", "removed.arrow", "rejected.arrow", "columns.arrow"],
)
@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_a_damaged_run_is_not_opened(tmp_path, name, fault):
    """A changed or missing file makes a run as good as absent: it is made again."""
    path = write(tmp_path / "run", [2, 1]).folder / name
    if fault == "missing":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert open_run(tmp_path / "run") is None


def test_a_changed_summary_is_noticed(tmp_path):
    """A run without its own summary is absent, and one that changes while it is used a fault."""
    run, other = write(tmp_path / "run", [2, 1]), write(tmp_path / "other", [2, 1])
    sealed = (other.folder / SUMMARY).read_bytes()
    unsealed = json.dumps(run.summary()).encode()
    for data in (sealed, unsealed, b"", storage.seal("run", unsealed)[:-9]):
        (run.folder / SUMMARY).write_bytes(data)
        assert open_run(run.folder) is None
        with pytest.raises(EnvironmentFault, match=r"summary\.json: changed since .* build again"):
            run.summary()
    assert open_run(tmp_path / "missing") is None
