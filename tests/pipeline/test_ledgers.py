"""The ledgers of removed documents, of rejected records and of cut lines, each by itself."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.documents import CUT_LINES, CUT_LINES_TYPE, DUPLICATE_OF, ID, KEY, REMOVED
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.ledgers import join_ledger, write_rejected
from corpus.pipeline.line_ledger import write_line_ledger
from corpus.pipeline.portions import END
from corpus.sources import Reject


def has_page_index(path):
    """Return whether every column of a file can be searched by page."""
    groups = pq.read_metadata(path)
    return all(
        groups.row_group(g).column(c).has_offset_index
        for g in range(groups.num_row_groups)
        for c in range(groups.num_columns)
    )


def removal(k):
    """Return a row of the ledger of removals."""
    return {"id": f"doc-{k}", "source": "a.txt", "record": f"{k:02x}", "stage": "filter"} | {
        "reason": "words",
        "evidence": str(k),
        "score": k / 8,
    }


def write_fragment(path, rows):
    """Write the part of the ledger of removals of one partition; return its path."""
    with arrow_file(path, REMOVED) as out:
        out.write_table(pa.Table.from_pylist(rows, REMOVED))
    return path


def test_the_parts_of_the_ledger_of_removals_are_joined_in_order(tmp_path):
    """Every row is in the ledger, one row group for each part that is not empty, and is counted."""
    parts = [[], [removal(0), removal(1)], [], [removal(2)], []]
    fragments = [write_fragment(tmp_path / f"{i}", rows) for i, rows in enumerate(parts)]
    path = tmp_path / "removed.parquet"
    assert join_ledger(path, REMOVED, fragments) == 3
    assert pq.read_table(path).to_pylist() == [removal(k) for k in range(3)]
    groups = pq.read_metadata(path)
    assert [groups.row_group(g).num_rows for g in range(groups.num_row_groups)] == [2, 1]
    assert has_page_index(path)


@pytest.mark.parametrize("parts", [0, 2])
def test_a_ledger_without_removals_has_its_columns(tmp_path, parts):
    """Nothing is removed: the ledger is there, and it is empty."""
    fragments = [write_fragment(tmp_path / f"{i}", []) for i in range(parts)]
    assert join_ledger(tmp_path / "removed.parquet", REMOVED, fragments) == 0
    table = pq.read_table(tmp_path / "removed.parquet")
    assert (table.num_rows, table.schema.names) == (0, REMOVED.names)


def test_rejects_are_ordered_by_source_record_and_reason(tmp_path):
    """A whole file comes before its records, whatever the reasons; the bytes are left out."""
    ordered = [
        Reject("a.csv", None, "z: the file is damaged", 9),
        Reject("a.csv", 0, "a"),
        Reject("a.csv", 1, "b", 7),
        Reject("a.csv", 1, "c", 3),
        Reject("a.csv", 2, "a"),
        Reject("a.csv", 10, "a"),
        Reject("b.csv", None, "a"),
        Reject("b.csv", None, "b"),
        Reject("b.csv", 1, "a"),
    ]
    for rejects in (ordered, ordered[::-1], ordered[4:] + ordered[:4]):
        write_rejected(tmp_path / "rejected.parquet", rejects)
        rows = pq.read_table(tmp_path / "rejected.parquet").to_pylist()
        assert [tuple(row.values()) for row in rows] == [reject[:3] for reject in ordered]


class Stage(NamedTuple):
    """A stage of which the ledger of lines needs the name."""

    stage: str


class Run(NamedTuple):
    """A run of which the ledger of lines needs the observations."""

    observations: pa.RecordBatch

    def observed(self) -> pa.RecordBatch:
        """Return one row for each document."""
        return self.observations


class Pass(NamedTuple):
    """The decisions of one pass, as the ledger of lines reads them."""

    stages: list[Stage]
    runs: list[Run]
    files: list[Any]


def key(head):
    """Return a key whose first 64 bits are this number."""
    return head.to_bytes(8, "big") + b"--------"


def cut(begin):
    """Return a line that a stage cuts from a text."""
    line = {"begin": begin, "characters": 5, "hash": begin.to_bytes(16, "big")}
    return line | {"documents": 2, "kept_in": "first"}


def write_decisions(path, heads, cuts, repeated=()):
    """Return a run, and the file with what each stage cuts from each of its documents."""
    keys = pa.array([key(head) for head in heads], pa.binary(16))
    columns = {
        ID: pa.array([f"doc-{head}" for head in heads]),
        DUPLICATE_OF: pa.array(["x" if head in repeated else None for head in heads], pa.string()),
    } | {
        f"{i}/cut": pa.array([lists.get(head, []) for head in heads], CUT_LINES_TYPE)
        for i, lists in cuts.items()
    }
    batch = pa.record_batch(columns)
    with arrow_file(path, batch.schema) as out:
        out.write_batch(batch)
    return Run(pa.record_batch({KEY: keys})), path


def make_pass(stages, *decisions):
    """Return the decisions of a pass with these stages, from its runs and files."""
    runs, files = zip(*decisions, strict=True)
    return Pass([Stage(name) for name in stages], list(runs), list(files))


BIG = 1 << 63


def test_cut_lines_are_ordered_by_document_stage_and_place(tmp_path):
    """Lines of the same document come together, over runs, passes and parts of the keys."""
    lines, others = {0: [cut(30), cut(4)], BIG: [cut(1)]}, {0: [cut(2)], 7: [cut(9)]}
    one = make_pass(
        ["filter", "lines", "more"],
        write_decisions(tmp_path / "a", [0, 5, 9, BIG], {1: lines, 2: others}),
        write_decisions(tmp_path / "b", [7, 8, BIG + 1], {1: {8: [cut(3)]}, 2: others}),
    )
    two = make_pass(
        ["last"],
        write_decisions(tmp_path / "c", [0, 5, 7, 8, BIG], {0: {0: [cut(1)], 8: [cut(0)]}}),
    )
    expected = [
        *(
            ("doc-0", "lines", 4),
            ("doc-0", "lines", 30),
            ("doc-0", "more", 2),
            ("doc-0", "last", 1),
        ),
        *(("doc-7", "more", 9), ("doc-8", "lines", 3), ("doc-8", "last", 0)),
        (f"doc-{BIG}", "lines", 1),
    ]
    path = tmp_path / "lines.parquet"
    for starts, groups in (((0,), 1), ((0, 8, BIG, BIG + 9), 3), ((0, 1, 2, 6), 2)):
        write_line_ledger(path, [one, two], list(pairwise([*starts, END])))
        table = pq.read_table(path)
        assert table.schema.names == CUT_LINES.names
        rows = table.to_pylist()
        assert [(row["id"], row["stage"], row["begin"]) for row in rows] == expected
        assert {row["hash"] for row in rows} == {f"{row['begin']:032x}" for row in rows}
        assert {(row["characters"], row["documents"], row["kept_in"]) for row in rows} == {
            (5, 2, "first")
        }
        assert pq.read_metadata(path).num_row_groups == groups
        assert has_page_index(path)


def test_a_repeated_document_has_no_cut_lines(tmp_path):
    """The same record again is removed as a duplicate, so nothing was cut from its text."""
    lines = {0: {head: [cut(head)] for head in range(4)}}
    decided = write_decisions(tmp_path / "a", range(4), lines, repeated={1, 2})
    write_line_ledger(
        tmp_path / "lines.parquet", [make_pass(["lines"], decided)], [(0, 2), (2, END)]
    )
    assert pq.read_table(tmp_path / "lines.parquet")["id"].to_pylist() == ["doc-0", "doc-3"]


def test_a_run_without_its_decisions_is_an_error(tmp_path):
    """A missing file of decisions is never taken for a run from which nothing was cut."""
    run, path = write_decisions(tmp_path / "a", [1], {0: {1: [cut(1)]}})
    decisions = Pass([Stage("lines")], [run, run], [path])
    with pytest.raises(ValueError, match="shorter"):
        write_line_ledger(tmp_path / "lines.parquet", [decisions], [(0, END)])
