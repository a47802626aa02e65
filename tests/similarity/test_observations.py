"""Observations of documents, whatever their columns are."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pyarrow as pa
import pytest

from corpus.similarity.observations import Content, Signatures, signatures_of
from corpus.sources.columns.observation import Column
from corpus.words.definition import content


def test_content_is_a_hash_of_the_words_and_a_length(documents):
    """The hash has 16 bytes, the length is in characters, and a missing text is an empty one."""
    columns = Content().columns(documents("Zürich 日本!", None))
    assert columns["content"].to_pylist() == [content("Zürich 日本!"), content("")]
    assert columns["characters"].to_pylist() == [10, 0]


def test_a_signature_column_is_named_after_its_settings(documents):
    """Observations with different settings never share a column."""
    batch = documents("one two three", None)
    plain = Signatures().columns(batch)
    assert list(plain) == ["signature_5_128_1", "shingles_5", "text_bytes"]
    assert plain["shingles_5"].to_pylist() == [1, 0]
    assert plain["text_bytes"].to_pylist() == [13, 0]
    other = Signatures(words=2, hashes=64, seed=9).columns(batch)
    assert list(other)[:2] == ["signature_2_64_9", "shingles_2"]
    assert other["signature_2_64_9"].type == pa.binary(128)
    assert other["shingles_2"].to_pylist() == [2, 0]


def test_signatures_are_read_without_copying(documents):
    """A column, and slices of it, give the rows they contain."""
    column = Signatures().columns(documents("a b", "c d", "e f"))["signature_5_128_1"]
    whole = signatures_of(column)
    parts = [signatures_of(part) for part in (column.slice(0, 1), column.slice(1), column.slice(3))]
    assert [part.tolist() for part in parts] == [whole[:1].tolist(), whole[1:].tolist(), []]
    assert whole.base is not None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 2**60], [1.0, None, float(2**60)]),
        ([0.5, float("nan"), float("inf")], [0.5, None, float("inf")]),
        (["7", " -1.5e3 ", "x", "", None, "1e", "٣"], [7.0, -1500.0, *[None] * 5]),
        ([True, False], [1.0, 0.0]),
        ([[1], [2]], [None, None]),
        ([b"1", b"2"], [None, None]),
        ([None, None], [None, None]),
    ],
)
def test_numbers_are_read_from_columns_of_any_type(documents, values, expected):
    """A column of numbers is float64 in every batch, null where a value is not a number."""
    batch = documents(*["x"] * len(values), score=values)
    observed = Column(name="score", kind="number").columns(batch)["number_score"]
    assert observed.type == pa.float64()
    assert observed.to_pylist() == expected


def test_a_missing_column_is_null(documents):
    """Each kind has its type even if the documents have no such column."""
    for kind, type in (("number", pa.float64()), ("text", pa.string()), ("date", pa.int64())):
        observed = Column(name="nowhere", kind=kind).columns(documents("x"))[f"{kind}_nowhere"]
        assert observed.type == type
        assert observed.null_count == 1


def test_dates_are_microseconds_and_texts_are_strings(documents):
    """Dates count from 1970; numbers and nested values become text."""
    when = dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC)
    batch = documents("x", "y", date=[when, None], rank=[3, 4], tags=[["a"], ["b"]])
    assert Column(name="date", kind="date").columns(batch)["date_date"].to_pylist() == [10**6, None]
    assert Column(name="rank", kind="text").columns(batch)["text_rank"].to_pylist() == ["3", "4"]
    tags = Column(name="tags", kind="text").columns(batch)["text_tags"]
    assert tags.to_pylist() == ['["a"]', '["b"]']


@pytest.mark.parametrize("module", ["corpus.similarity.observations", "corpus.stages.deduplicate"])
def test_importing_does_not_import_numba(module):
    """The first call of a kernel imports numba, so start-up is fast."""
    code = f"import sys, {module}; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
