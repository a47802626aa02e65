"""Too many columns: the rarest are in `other_columns`, wherever a batch or a run kept them."""

from __future__ import annotations

import itertools
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.documents import OTHER_COLUMNS
from corpus.pipeline.corpus_columns import join_columns
from corpus.pipeline.run_columns import limit_columns
from corpus.pipeline.sorted_runs import concatenate, write_run
from corpus.sources.columns import surplus
from corpus.sources.columns.extra import as_texts, conform
from corpus.sources.columns.surplus import min_documents, most_frequent
from corpus.sources.files.find import find_files
from corpus.sources.formats import read
from corpus.sources.settings import Source
from corpus.sources.splitting import split_into_chunks

NO_COLUMNS = pa.schema([])
TOO_LARGE = (2**64, 2**80)
VALUES = st.one_of(
    st.integers(-5, 5),
    st.sampled_from(TOO_LARGE),
    st.floats(-2, 2),
    st.booleans(),
    st.text(max_size=2),
    st.lists(st.just(1)),
    st.dictionaries(st.sampled_from("ba"), st.just(1)),
)
NAMES = [f"c{i}" for i in range(9)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a function that returns a new folder each time."""
    numbers = itertools.count()
    base = tmp_path_factory.mktemp("runs")
    return lambda: base / str(next(numbers))


def batches_of(tmp, records, **source_settings):
    """Return the batches of a JSON file with these records."""
    path = tmp.with_suffix(".jsonl")
    lines = [json.dumps({"id": f"d{i}", "text": "a"} | record) for i, record in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    source = Source(path=str(path), **source_settings)
    chunks = split_into_chunks(find_files(source, path.parent).files, source)
    return [batch.documents for chunk in chunks for batch in read(chunk, source)]


def run_of(folder, batches):
    """Return a run of some batches."""
    nothing = pa.table({})
    documents = concatenate(batches)
    names = documents.schema.names
    filled = [name for name in names if documents[name].null_count < documents.num_rows]
    return write_run(
        folder, documents=documents, observed=documents.select(["id"]), removed=nothing,
        rejected=nothing, summary={"filled": filled},
    )  # fmt: skip


def joined_rows(runs, limit, always=()):
    """Return the schema of the runs, and the extra columns of each document by its id."""
    filled = {name for run in runs for name in run.summary()["filled"]}
    schema, filled = join_columns(
        [run.columns() for run in runs], NO_COLUMNS, filled=filled, always=always, limit=limit
    )
    assert set(schema.names) <= filled
    rows = {}
    for run in runs:
        for batch in run.documents(0, run.rows).to_batches():
            for row in conform(batch, schema).to_pylist():
                rows[row["id"]] = {name: row[name] for name in schema.names}
    return schema, rows


def test_equally_rare_columns_are_all_kept_or_none():
    """At most `limit` columns are in as many documents."""
    assert min_documents([3, 3, 1, 1, 1], 2) == 2
    assert min_documents([3, 3, 1, 1, 1], 4) == 2
    assert min_documents([3, 3, 1, 1, 1], 5) == 1
    assert min_documents([7, 7], 1) == 8
    assert min_documents([], 0) == 1
    assert most_frequent({"b": 1, "a": 1, "c": 2}, 2) == {"c", "a"}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6), min_size=1, max_size=6),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.integers(0, 9),
    st.integers(1, 4),
)
def test_the_columns_depend_on_the_documents_alone(
    folder, monkeypatch, records, parts, limit, in_batch
):
    """However the records are split, and whatever a batch keeps, columns and values are equal."""
    numbered = list(enumerate(records))
    whole = run_of(folder(), batches_of(folder(), numbered))
    expected = joined_rows([whole], limit)
    monkeypatch.setattr(surplus, "MAX_BATCH_COLUMNS", in_batch)
    monkeypatch.setattr("corpus.pipeline.run_columns.MAX_BATCH_COLUMNS", in_batch)
    split = [[r for r, part in zip(numbered, parts, strict=False) if part == p] for p in range(3)]
    runs = [run_of(folder(), batches_of(folder(), part)) for part in split if part]

    assert joined_rows(runs, limit) == expected
    schema, rows = expected
    assert len(set(schema.names) - {OTHER_COLUMNS}) <= limit
    for i, record in numbered:
        row = rows[f"d{i}"]
        other = json.loads(row.pop(OTHER_COLUMNS, None) or "{}")
        assert {n for n, v in (row | other).items() if v is not None} == record.keys()
        assert {
            n: str(v) if v in TOO_LARGE else v for n, v in record.items() if n in other
        } == other


@pytest.mark.parametrize("n_keys", [1001, 5000])
def test_a_record_with_many_keys_changes_no_other_column(folder, n_keys):
    """One record with too many keys has them in `other_columns`; the other documents have none."""
    records = [{"site": "x"}] * 3 + [{"site": "y"} | {f"k{i}": i for i in range(n_keys)}]
    schema, rows = joined_rows([run_of(folder(), batches_of(folder(), enumerate(records)))], 1000)

    assert schema.names == ["site", OTHER_COLUMNS]
    assert [rows[f"d{i}"][OTHER_COLUMNS] for i in range(3)] == [None] * 3
    assert json.loads(rows["d3"][OTHER_COLUMNS]) == {f"k{i}": i for i in range(n_keys)}


def test_records_that_have_too_many_keys_together_lose_none(folder):
    """Two records with 600 different keys each keep them all, in one run or in two."""
    records = [{f"a{i}": i for i in range(600)}, {f"b{i}": "x" for i in range(600)}]
    numbered = list(enumerate(records))
    one = joined_rows([run_of(folder(), batches_of(folder(), numbered))], 1000)
    two = joined_rows([run_of(folder(), batches_of(folder(), [each])) for each in numbered], 1000)

    assert one == two
    assert [json.loads(rows[OTHER_COLUMNS]) for rows in one[1].values()] == records


def test_a_stage_finds_a_value_wherever_it_is(folder, monkeypatch):
    """A filter on a column sees the values that a batch keeps in `other_columns`."""
    monkeypatch.setattr(surplus, "MAX_BATCH_COLUMNS", 1)
    (batch,) = batches_of(folder(), enumerate([{"a": 1, "b": 2}, {"a": 3, "b": [4]}, {"a": 5}]))

    assert batch.schema.names[-2:] == ["a", OTHER_COLUMNS]
    assert as_texts(batch, "b").to_pylist() == ["2", "[4]", None]
    assert as_texts(batch, "a").to_pylist() == ["1", "3", "5"]
    assert as_texts(batch, "c").to_pylist() == [None] * 3


def test_columns_of_stages_do_not_count(folder, monkeypatch):
    """A column that a stage adds is always a column."""
    monkeypatch.setattr("corpus.pipeline.run_columns.MAX_BATCH_COLUMNS", 1)
    (batch,) = batches_of(folder(), [(0, {"a": 1, "b": 2, "c": 3, "signal": 4})])
    (limited,) = limit_columns([batch], always={"signal"})
    schema, _ = joined_rows([run_of(folder(), [batch])], limit=0, always={"signal"})

    assert set(limited.schema.names) - set(batch.schema.names) == {OTHER_COLUMNS}
    assert "signal" in limited.schema.names
    assert schema.names == ["signal", OTHER_COLUMNS]
