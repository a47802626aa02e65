"""A large record is not in memory more often than it must be."""

from __future__ import annotations

import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.auditing.measure import examples
from corpus.auditing.measure.examples import removal_excerpts
from corpus.sources import Source, find_files, read, split_into_chunks
from corpus.sources.columns import from_rows
from corpus.sources.columns.from_rows import text_column

LARGE_TEXT = "eight words of plain text fill the record " * 150_000


@given(st.lists(st.none() | st.text(max_size=9), max_size=6), st.integers(1, 4))
@settings(max_examples=30)
def test_texts_that_are_copied_piece_by_piece_are_the_same(texts, size):
    """The column is the one that Arrow makes, wherever the pieces end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(from_rows, "LARGE_TEXTS", size)
        column = text_column(texts)
    column.validate(full=True)
    assert column.equals(pa.array(texts, pa.large_string()))


def memory_of_reading(folder, name, data):
    """Return Python's memory, kept and at its peak, for the first batch of a file, in bytes.

    The text of a column is the buffer that it was collected in, which Python counts.
    """
    (folder / name).write_text(data)
    source = Source(path=name, content="text")
    (chunk,) = split_into_chunks(find_files(source, folder).files, source)
    list(read(chunk, source))  # imports everything
    tracemalloc.start()
    batches = read(chunk, source)
    next(batches)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept, peak


def test_a_text_file_is_in_memory_as_bytes_as_text_and_as_a_column(tmp_path):
    """These three are there at once, and only the column when the batch is there."""
    kept, peak = memory_of_reading(tmp_path, "one.txt", LARGE_TEXT)
    assert peak < 3.5 * len(LARGE_TEXT)
    assert kept < 1.5 * len(LARGE_TEXT)


def test_a_large_line_is_not_kept_when_its_batch_is_there(tmp_path):
    """Neither the line nor its block nor its object is in memory any more, only the column."""
    lines = f'{{"text": "{LARGE_TEXT}"}}\n{{"text": "a second line"}}\n'
    kept, _ = memory_of_reading(tmp_path, "one.jsonl", lines)
    assert kept < 1.5 * len(LARGE_TEXT)


@given(st.text(alphabet="aé漢🙂", max_size=9), st.integers(1, 4))
@settings(max_examples=30)
def test_the_excerpt_of_a_removed_document_is_the_beginning_of_its_text(documents, text, size):
    """It has the first characters, whatever their size in UTF-8."""
    batch = documents("other", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examples, "EXCERPT_CHARACTERS", size)
        excerpts = removal_excerpts(batch, pa.array(["empty", "empty"]))
    assert excerpts.to_pylist() == ["other"[:size], text[:size]]
