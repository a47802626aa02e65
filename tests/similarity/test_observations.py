"""What is observed of each document, whatever its columns are."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pyarrow as pa
import pytest

from corpus.similarity.observations import Column, Content, Signatures, signatures_of
from corpus.words.definition import content


def test_a_text_is_observed_by_its_words_and_its_length(documents):
    """Content is 16 bytes of the words; a missing text is an empty one; characters are counted."""
    found = Content().columns(documents("Zürich 日本!", None))
    assert found["content"].to_pylist() == [content("Zürich 日本!"), content("")]
    assert found["characters"].to_pylist() == [10, 0]


def test_a_signature_column_is_named_after_its_settings(documents):
    """Two settings never share a column, so one can never be taken for the other."""
    batch = documents("one two three", None)
    plain = Signatures().columns(batch)
    assert list(plain) == ["signature_5_128_1", "shingles_5", "text_bytes"]
    assert plain["shingles_5"].to_pylist() == [1, 0]
    assert plain["text_bytes"].to_pylist() == [13, 0]
    other = Signatures(words=2, hashes=64, seed=9).columns(batch)
    assert list(other)[:2] == ["signature_2_64_9", "shingles_2"]
    assert other["signature_2_64_9"].type == pa.binary(128)
    assert other["shingles_2"].to_pylist() == [2, 0]


def test_signatures_are_read_back_uncopied(documents):
    """Chunks, slices of chunks too, give the rows they hold."""
    column = Signatures().columns(documents("a b", "c d", "e f"))["signature_5_128_1"]
    whole = signatures_of(pa.chunked_array([column]))[0]
    parts = signatures_of(pa.chunked_array([column.slice(0, 1), column.slice(1), column.slice(3)]))
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
def test_numbers_are_read_from_whatever_a_column_holds(documents, values, expected):
    """A column of numbers is float64 in every batch, null where there is no number to read."""
    batch = documents(*["x"] * len(values), score=values)
    found = Column(name="score", kind="number").columns(batch)["number_score"]
    assert found.type == pa.float64()
    assert found.to_pylist() == expected


def test_a_column_that_a_batch_does_not_have_is_null(documents):
    """Every kind has its type even where the source has no such column."""
    for kind, type in (("number", pa.float64()), ("text", pa.string()), ("date", pa.int64())):
        found = Column(name="nowhere", kind=kind).columns(documents("x"))[f"{kind}_nowhere"]
        assert found.type == type
        assert found.null_count == 1


def test_dates_are_microseconds_and_texts_strings(documents):
    """Dates count from 1970; numbers become text; nested values are none."""
    when = dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC)
    batch = documents("x", "y", date=[when, None], rank=[3, 4], tags=[["a"], ["b"]])
    assert Column(name="date", kind="date").columns(batch)["date_date"].to_pylist() == [10**6, None]
    assert Column(name="rank", kind="text").columns(batch)["text_rank"].to_pylist() == ["3", "4"]
    assert Column(name="tags", kind="text").columns(batch)["text_tags"].null_count == 2


@pytest.mark.parametrize("module", ["corpus.similarity.observations", "corpus.stages.deduplicate"])
def test_importing_does_not_import_numba(module):
    """Start-up is a promise: numba comes with the first kernel that is called."""
    code = f"import sys, {module}; print('numba' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
