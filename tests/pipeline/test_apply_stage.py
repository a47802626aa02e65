"""Applying a stage: its output is checked, what it removed is split off, decisions are replayed."""

from __future__ import annotations

from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.documents import DUPLICATE_OF, ID, KEY, RECORD_HASH, SOURCE, TEXT, column, remove
from corpus.errors import StageContractError
from corpus.pipeline.apply_stage import (
    added_column,
    check_stage_output,
    decision_column,
    kept_and_removed,
    removal_rows,
)
from corpus.pipeline.sorted_runs import REMOVED_DETAIL
from corpus.stages.base import DECISION, CorpusStage


class Judge(CorpusStage):
    """A corpus stage that is applied by its decisions alone."""

    stage: Literal["judge"] = "judge"
    reasons: ClassVar[dict[str, str]] = {"bad": "it is bad", "worse": "it is worse"}

    def observes(self):
        """Observe nothing."""
        return ()

    def decide(self, corpus):
        """Decide nothing."""
        raise NotImplementedError


class Grade(Judge):
    """A corpus stage that also adds a column."""

    adds: ClassVar[pa.Schema] = pa.schema([("grade", pa.int64())])


STAGE = Judge()


def test_removed_documents_are_split_off_with_a_row_of_the_ledger(documents):
    """The ledger has the stage, reason, evidence, score, and the length before the stage."""
    before = documents("one", "two two", "three")
    shortened = column(before, TEXT, ["one", "x", "three"], pa.large_string())
    marked = remove(
        shortened,
        [False, True, False],
        because="bad",
        evidence=["", "doc-0", ""],
        score=[0.0, 0.5, 0.0],
    )
    kept, removed = check_stage_output(STAGE, before, marked)

    assert kept.column(ID).to_pylist() == ["doc-0", "doc-2"]
    assert kept.schema == before.schema
    assert removed.schema == REMOVED_DETAIL
    (row,) = removed.to_pylist()
    assert (row["id"], row["stage"], row["reason"]) == ("doc-1", "judge", "bad")
    assert (row["evidence"], row["score"], row["characters"]) == ("doc-0", 0.5, 7)
    assert row["record"] == before.column(RECORD_HASH)[1].as_py().hex()


def test_a_stage_that_removes_nothing_gives_no_rows(documents):
    """The documents are as they were, and the ledger is empty."""
    before = documents("one", "two")
    kept, removed = check_stage_output(STAGE, before, before)
    assert kept.equals(before)
    assert removed.equals(REMOVED_DETAIL.empty_table())


def reordered(documents):
    """Return the rows in reverse order."""
    return documents.take(pa.array([1, 0]))


def with_other_id(documents):
    """Return the rows with other ids."""
    return column(documents, ID, ["x", "y"], pa.string())


def with_other_source(documents):
    """Return the rows with another source."""
    return column(documents, SOURCE, ["x.jsonl", "y.jsonl"], pa.string())


def without_record_hash(documents):
    """Return the rows without the hashes of their records."""
    return documents.drop_columns([RECORD_HASH])


def with_null_text(documents):
    """Return the rows, one without a text."""
    return column(documents, TEXT, ["one", None], pa.large_string())


def with_short_strings(documents):
    """Return the rows with texts of another Arrow type."""
    return column(documents, TEXT, ["one", "two"], pa.string())


def with_undeclared_reason(documents):
    """Return the rows, one removed for a reason that the stage does not declare."""
    return remove(documents, [True, False], because="ugly")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda documents: documents.slice(0, 1), "did not return the rows it was given"),
        (reordered, "did not return the rows it was given"),
        (with_other_id, "did not return the rows it was given"),
        (with_other_source, "changed 'source', which says where a row comes from"),
        (without_record_hash, "changed '_digest', which says where a row comes from"),
        (with_null_text, "documents without text"),
        (with_short_strings, "text of type string"),
        (with_undeclared_reason, "removed documents for 'ugly', which is not among its `reasons`"),
    ],
)
def test_a_stage_that_breaks_the_contract_is_named(documents, change, message):
    """Lost, reordered or changed rows, missing texts and undeclared reasons are errors."""
    before = documents("one", "two")
    with pytest.raises(StageContractError, match=message) as caught:
        check_stage_output(STAGE, before, change(before))
    assert "stage 'judge'" in str(caught.value)


def test_removal_rows_of_no_documents_are_empty(documents):
    """The schema of the ledger does not depend on its rows."""
    rows = removal_rows("judge", documents("one").slice(0, 0), pa.array([], pa.int64()))
    assert rows.equals(REMOVED_DETAIL.empty_table())


def decisions_on(documents, *reasons_by_stage, repeated=None, ids=None):
    """Return a file's decisions: the reasons of each stage, and which rows repeat a record."""
    n = documents.num_rows
    columns = {
        ID: pa.array(ids or documents.column(ID).to_pylist()),
        KEY: documents.column(KEY),
        DUPLICATE_OF: pa.array(repeated or [None] * n, pa.string()),
    }
    for i, reasons in enumerate(reasons_by_stage):
        columns |= {
            decision_column(i, "reason"): pa.array(reasons, pa.string()),
            decision_column(i, "evidence"): pa.array([f"evidence-{i}"] * n),
            decision_column(i, "score"): pa.array([float(row) for row in range(n)]),
        }
    return pa.record_batch(columns)


def test_decisions_are_applied_row_by_row_in_the_order_of_the_stages(documents):
    """A later stage decides only on the documents that the earlier ones kept."""
    batch = documents("zero", "one", "two", "three")
    decisions = decisions_on(batch, [None, "bad", None, None], [None, "worse", None, "worse"])
    kept, removed = kept_and_removed((STAGE, STAGE), batch, decisions)

    assert kept.column(ID).to_pylist() == ["doc-0", "doc-2"]
    rows = [row for table in removed for row in table.to_pylist()]
    assert [(row["id"], row["reason"], row["evidence"], row["score"]) for row in rows] == [
        ("doc-1", "bad", "evidence-0", 1.0),
        ("doc-3", "worse", "evidence-1", 3.0),
    ]


def test_columns_that_a_stage_adds_come_from_its_own_decisions(documents):
    """Two stages that add the same column do not mix up their values."""
    batch = documents("zero", "one")
    decisions = decisions_on(batch, ["bad", None], [None, None])
    for i, grades in enumerate(([1, 2], [3, 4])):
        name = decision_column(i, "grade")
        decisions = decisions.append_column(name, pa.array(grades, pa.int64()))
    kept, _ = kept_and_removed((Grade(), Grade()), batch, decisions)
    assert kept.column("grade").to_pylist() == [4]


def test_a_repeated_record_is_removed_before_the_first_stage(documents):
    """Its row of the ledger names the record that is kept; no stage decides on it."""
    batch = documents("zero", "one", "two")
    decisions = decisions_on(batch, ["bad", "bad", None], repeated=["doc-9", None, None])
    kept, (repeated, removed) = kept_and_removed((STAGE,), batch, decisions)

    assert kept.column(ID).to_pylist() == ["doc-2"]
    assert removed.column(ID).to_pylist() == ["doc-1"]
    (row,) = repeated.to_pylist()
    assert (row["id"], row["stage"], row["reason"]) == ("doc-0", "read", "exact_duplicate")
    assert (row["evidence"], row["characters"]) == ("doc-9", 4)


def test_decisions_may_add_a_column_to_every_document(documents):
    """The original ids of renamed documents are such a column."""
    batch = documents("zero", "one")
    decisions = decisions_on(batch).append_column(
        added_column("id_source"), pa.array(["0", None], pa.string())
    )
    kept, _ = kept_and_removed((), batch, decisions)
    assert kept.column("id_source").to_pylist() == ["0", None]


def test_documents_take_the_ids_of_their_decisions(documents):
    """Equal records were numbered when the corpus was decided on; their keys stay the same."""
    batch = documents("zero", "one")
    kept, _ = kept_and_removed((), batch, decisions_on(batch, ids=["doc-0", "doc-0-2"]))
    assert kept.column(ID).to_pylist() == ["doc-0", "doc-0-2"]
    assert pc.all(pc.equal(kept.column(KEY), batch.column(KEY))).as_py()


def test_decisions_have_the_columns_that_the_base_class_applies():
    """The columns written in this test are those of every decision."""
    assert DECISION.names == ["reason", "evidence", "score"]
