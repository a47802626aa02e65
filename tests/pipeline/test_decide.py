"""Decisions on a corpus: ids, sizes, kept documents and files, without a build."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.documents import DUPLICATE_OF, ID, ID_IS_GIVEN, KEY, LANGUAGE, RECORD_HASH, SPLIT
from corpus.errors import EnvironmentFault, StageContractError
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline import decide as decisions_of
from corpus.pipeline import repeated_ids
from corpus.pipeline.apply_stage import check_decisions, open_decisions
from corpus.pipeline.decide import DecideTask, decide, run_decide
from corpus.pipeline.engine import Serial, TaskFailure
from corpus.pipeline.kept_documents import KeptRuns, _kept_documents
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import REJECTED_DETAIL, REMOVED_DETAIL, TEXT_BYTES, write_run
from corpus.sources.record_keys import document_key
from corpus.stages.base import DECISION, CorpusStage
from tests.conftest import make_documents


class RemoveWord(CorpusStage):
    """A corpus stage that removes the documents with a certain word in their id."""

    stage: Literal["remove_word"] = "remove_word"
    reasons: ClassVar[dict[str, str]] = {"word": "it has the word"}
    word: str

    def observes(self):
        """Observe nothing."""
        return ()

    def decide(self, corpus):
        """Remove documents that are alive and have the word."""
        ids = corpus.take(ID, np.arange(len(corpus.alive)))
        has = pc.and_(pc.match_substring(ids, self.word), pa.array(corpus.alive))
        none = pa.nulls(len(ids), pa.string())
        return pa.record_batch(
            [
                pc.if_else(has, "word", none),
                pc.if_else(has, pa.array([str(corpus.seed)] * len(ids)), none),
                pa.nulls(len(ids), pa.float64()),
            ],
            schema=pa.schema(DECISION),
        )

    def metrics(self, decisions):
        """Return the number of documents that were removed."""
        return {"removed": len(decisions) - decisions.column("reason").null_count}


def make_run(folder, ids, texts=None):
    """Return a run of documents with these ids and texts."""
    batch = make_documents(*(texts or ["text"] * len(ids)), id=list(ids))
    batch = batch.set_column(
        batch.schema.get_field_index(KEY), KEY, pa.array([document_key(id) for id in ids])
    )
    documents = pa.Table.from_batches([batch])
    observed = documents.select([KEY, ID, ID_IS_GIVEN, RECORD_HASH]).append_column(
        TEXT_BYTES, pc.binary_length(documents["text"])
    )
    return write_run(
        folder,
        documents=documents,
        observed=observed,
        removed=REMOVED_DETAIL.empty_table(),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={},
    )


def ids_of(run):
    """Return the ids of a run, in its order."""
    return run.documents(0, run.rows, [ID])[ID].to_pylist()


@pytest.fixture
def task(tmp_path):
    """Return the task to decide on two runs, with an empty one between them."""
    runs = (
        make_run(tmp_path / "0", ["ax", "ay", "b"], ["1", "22", "333"]),
        make_run(tmp_path / "1", []),
        make_run(tmp_path / "2", ["c", "dy", "ex"], ["é", "55555", "666666"]),
    )
    stages = (RemoveWord(word="x"), RemoveWord(word="e"), RemoveWord(word="y"))
    return DecideTask(Segment((), stages), runs, 7, tmp_path / "decisions", tmp_path, first=True)


def test_stages_decide_in_turn_on_what_is_left(task):
    """Every document has a row for each stage; one that is removed is not removed again."""
    decided = decide(task, Serial())
    assert [run.folder.name for run in decided.runs] == ["0", "2"]
    assert decided.metrics == [{"removed": 2}, {"removed": 0}, {"removed": 2}]
    assert (decided.bytes, decided.kept_documents, decided.kept_bytes) == (19, 2, 5)
    removed = {}
    for run, file in zip(decided.runs, decided.files, strict=True):
        rows = open_decisions(file)
        assert rows.column(ID).to_pylist() == ids_of(run)
        assert rows.column(KEY).to_pylist() == [document_key(id) for id in ids_of(run)]
        assert rows.column(DUPLICATE_OF).null_count == run.rows
        for i in range(3):
            for id, evidence in zip(
                ids_of(run), rows.column(f"{i}/evidence").to_pylist(), strict=True
            ):
                if evidence is not None:
                    assert evidence == "7"
                    removed[id] = i
    assert removed == {"ax": 0, "ex": 0, "ay": 2, "dy": 2}
    (one, two) = decided.kept
    assert (one.bytes.tolist(), two.bytes.tolist()) == ([3], [2])
    assert decided.added == pa.schema([])
    assert decided.renamed is None


def test_a_corpus_without_documents_has_no_decisions(tmp_path):
    """Stages are not asked; there is no file, and nothing is kept."""
    task = DecideTask(
        Segment((), (RemoveWord(word="x"),)), (), 7, tmp_path / "d", tmp_path, first=True
    )
    decided = run_decide(task)
    assert (decided.files, decided.bytes, decided.kept_documents, decided.kept_bytes) == (
        (),
        0,
        0,
        0,
    )
    assert decided.metrics == [{"removed": 0}]


@pytest.mark.parametrize(("limit", "on_one_worker"), [(6, True), (5, False)])
def test_a_large_corpus_is_decided_on_in_the_process_of_the_build(
    task, monkeypatch, limit, on_one_worker
):
    """All workers share what its stages compute; a small one is decided on by one worker."""
    monkeypatch.setattr(decisions_of, "MAX_DOCUMENTS_ON_ONE_WORKER", limit)
    calls = []

    def map(function, tasks):
        calls.append(function)
        return (TaskFailure("its worker died") for _ in tasks)

    engine = SimpleNamespace(map=map, workers=2)
    if on_one_worker:
        with pytest.raises(EnvironmentFault, match="its worker died"):
            decide(task, engine)
        assert calls == [run_decide]
    else:
        assert decide(task, engine).kept_documents == 2
        assert calls == []


def test_repeated_records_are_not_decided_on(tmp_path):
    """One of equal records is kept, the others are no longer alive when the stages decide."""
    runs = (make_run(tmp_path / "0", ["a", "b"]), make_run(tmp_path / "1", ["b", "c"]))
    decided = run_decide(
        DecideTask(
            Segment((), (RemoveWord(word="b"),)), runs, 7, tmp_path / "d", tmp_path, first=True
        )
    )
    assert decided.metrics == [{"removed": 1}]
    repeated = [open_decisions(file).column(DUPLICATE_OF).to_pylist() for file in decided.files]
    assert sorted(each for part in repeated for each in part if each) == ["b"]
    again = run_decide(DecideTask(Segment((), ()), runs, 7, tmp_path / "e", tmp_path, first=False))
    assert again.kept_documents == 4  # ids are made unique after the first pass only


@pytest.mark.parametrize(
    ("observed", "decided", "splits"),
    [
        ({}, {}, ["train", "train"]),
        ({SPLIT: ["a", "b", "c", "d"]}, {}, ["a", "d"]),
        ({SPLIT: ["a", "b", "c", "d"]}, {"1/split": ["e", "f", "g", "h"]}, ["e", "h"]),
    ],
)
def test_kept_documents_are_those_without_a_reason(observed, decided, splits):
    """The split is decided now, was decided before, or is `train`."""
    keys = [i.to_bytes(8, "big") + b"12345678" for i in (5, 6, 7, 8)]
    rows = pa.record_batch(
        {KEY: pa.array(keys, pa.binary(16)), TEXT_BYTES: pa.array([1, 2, 3, 4], pa.int32())}
        | observed
        | {LANGUAGE: ["de", "en", "fr", None]}
    )
    decisions = pa.record_batch(
        {
            DUPLICATE_OF: pa.array([None, "x", None, None]),
            "0/reason": pa.nulls(4, pa.string()),
            "1/reason": pa.array([None, None, "bad", None]),
        }
        | decided
    )
    kept = _kept_documents([None, None], rows, decisions)
    assert kept.keys.tolist() == [5, 8]
    assert (kept.bytes.tolist(), kept.bytes.dtype) == ([1, 4], np.int64)
    assert kept.splits.to_pylist() == splits
    assert kept.languages.to_pylist() == ["de", None]
    assert _kept_documents([None, None], rows.drop_columns([LANGUAGE]), decisions).languages is None


def test_each_run_needs_its_decisions(task):
    """A missing file of decisions is an error, never a run without kept documents."""
    with pytest.raises(ValueError, match="shorter"):
        list(KeptRuns((), task.runs, ()))


def batch_of(**columns):
    """Return a batch of two decisions in which these columns are replaced or left out."""
    every = {field.name: pa.nulls(2, field.type) for field in DECISION} | columns
    return pa.record_batch({name: array for name, array in every.items() if array is not None})


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ([1, 2], "decided a list, not a RecordBatch"),
        (np.zeros(2), "decided a ndarray, not a"),
        (batch_of().slice(1), "decided on 1 documents, and there are 2"),
        (batch_of(score=None), "decided no column 'score'"),
        (batch_of(score=pa.nulls(2, pa.int8())), "decided 'score' as int8, not double"),
        (batch_of(reason=pa.array(["word", "zeal"])), "removed documents for 'zeal'"),
        (batch_of(reason=pa.array(["zeal", "odd"])), "removed documents for 'odd'"),
    ],
)
def test_decisions_are_checked(decisions, message):
    """There is one row for each document, with the columns that every decision has."""
    check_decisions(RemoveWord(word="x"), batch_of(reason=pa.array([None, "word"])), 2)
    with pytest.raises(StageContractError, match=rf"^stage 'remove_word' {message}"):
        check_decisions(RemoveWord(word="x"), decisions, 2)


def view_of(*parts):
    """Return a corpus whose parts have these ids, without the runs that they come from."""
    batches = [
        pa.record_batch(
            {
                ID: pa.array(ids, pa.string()),
                KEY: pa.array([document_key(id) for id in ids], pa.binary(16)),
            }
        )
        for ids in parts
    ]
    mapped = MappedParts(tuple((lambda b=batch: b) for batch in batches))
    return CorpusView(mapped, None, np.ones(sum(map(len, parts)), np.bool_))


@pytest.mark.parametrize(
    ("parts", "repeated"),
    [
        ([["a"]], {}),
        ([["a", "b"], ["c"]], {}),
        ([["a", "b"], ["a"]], {"a": [0, 2]}),
        ([["a"], [], ["b", "a", "b"]], {"a": [0, 2], "b": [1, 3]}),
        ([["a", "a", "a", "b"], ["c", "c"]], {"a": [0, 1, 2], "c": [4, 5]}),
    ],
)
def test_rows_that_share_a_key_are_one_group(parts, repeated):
    """All rows of a shared id are listed, with one number for each id; others are not."""
    rows, group = repeated_ids._repeated(view_of(*parts))
    flat = [id for part in parts for id in part]
    groups: dict[int, list[int]] = {}
    for row, number in zip(rows.tolist(), group.tolist(), strict=True):
        groups.setdefault(number, []).append(row)
    assert sorted(groups) == list(range(len(repeated)))
    assert {flat[rows[0]]: sorted(rows) for rows in groups.values()} == repeated


def test_records_without_an_id_are_numbered_from_the_second_on():
    """The first of equal records keeps its name, the others are `-2`, `-3`, ..."""
    corpus = view_of(["a", "a", "b"], ["a", "b", "c", "c"])
    rows, group = np.array([0, 1, 3, 2, 4, 5, 6]), np.array([0, 0, 0, 1, 1, 4, 4])
    later, ids = repeated_ids._numbered(corpus, rows, group)
    assert dict(zip(later.tolist(), ids.to_pylist(), strict=True)) == {
        1: "a-2",
        3: "a-3",
        4: "b-2",
        6: "c-2",
    }
    later, ids = repeated_ids._numbered(corpus, rows[:0], group[:0])
    assert (len(later), len(ids)) == (0, 0)


def test_the_rows_of_a_run_know_what_they_repeat():
    """A slice of rows has the id of the kept document where a row repeats one, else null."""
    repeated = repeated_ids.RepeatedRecords(np.array([2, 3, 7]), pa.array(["a", "b", "c"]))
    every = [None, None, "a", "b", None, None, None, "c"]
    for first in range(8):
        for last in range(first, 9):
            assert repeated.column(first, last).to_pylist() == every[first:last]


def test_replaced_ids_are_in_the_right_parts(tmp_path):
    """Only parts with new ids get a file; keys follow if asked, other columns stay."""
    corpus = view_of(["a", "b"], ["c"], ["d", "e", "f"])
    rows, ids = np.array([5, 0, 3]), pa.array(["F", "A", "D"])
    for with_keys in (False, True):
        folder = tmp_path / str(with_keys)
        parts = repeated_ids._replace_ids(corpus.parts, rows, ids, folder, with_keys=with_keys)
        new = ["A", "b", "c", "D", "e", "F"]
        keyed = new if with_keys else list("abcdef")
        assert [id for part in parts for id in part.column(ID).to_pylist()] == new
        assert [key for part in parts for key in part.column(KEY).to_pylist()] == [
            document_key(id) for id in keyed
        ]
        assert sorted(path.name for path in Path(folder).iterdir()) == [
            "000000.arrow",
            "000002.arrow",
        ]
