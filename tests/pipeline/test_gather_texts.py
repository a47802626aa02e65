"""Texts are copied to their places in a new order as Arrow would take them."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.pipeline.gather_texts import KeptTexts, Texts, take_documents

CHUNKS = st.lists(st.lists(st.text(alphabet="ab漢🙂", max_size=5), max_size=4), max_size=5)


def chunked(chunks: list[list[str]]) -> pa.ChunkedArray:
    """Return a column of these chunks, each of them a slice of a longer array."""
    arrays = [pa.array(["before", *chunk, "after"], pa.large_string())[1:-1] for chunk in chunks]
    return pa.chunked_array(arrays, pa.large_string())


@given(CHUNKS, st.data())
def test_gathered_texts_are_those_that_arrow_takes(chunks, data):
    """Any rows in any order, out of any chunks: the same texts, and valid offsets."""
    column = chunked(chunks)
    order = data.draw(st.permutations(range(len(column))))
    rows = np.array(order[: data.draw(st.integers(0, len(order)))], np.int64)
    gathered = Texts(column.chunks).gather(rows)
    gathered.validate(full=True)
    assert gathered.to_pylist() == column.take(pa.array(rows)).to_pylist()


@given(CHUNKS, st.data())
def test_taken_documents_are_those_that_arrow_takes(chunks, data):
    """All columns are taken alike, and stay where they are."""
    column = chunked(chunks)
    table = pa.table({"n": range(len(column)), "text": column, "m": range(len(column))})
    rows = np.array(data.draw(st.permutations(range(len(column)))), np.int64)
    taken = take_documents(table, "text", rows)
    assert taken.schema.equals(table.schema)
    assert taken.to_pylist() == table.take(pa.array(rows)).to_pylist()


@given(CHUNKS, st.data())
def test_kept_texts_are_gathered_by_their_numbers(chunks, data):
    """However many texts of a chunk are kept, they have the numbers that filtering gives them."""
    kept, expected = KeptTexts(), []
    for chunk in chunked(chunks).chunks:
        is_kept = pa.array(
            data.draw(st.lists(st.booleans(), min_size=len(chunk), max_size=len(chunk))),
            pa.bool_(),
        )
        kept.add(chunk, is_kept)
        expected += chunk.filter(is_kept).to_pylist()
    order = np.array(data.draw(st.permutations(range(len(expected)))), np.int64)
    assert kept.gather(order).to_pylist() == [expected[number] for number in order]
    assert kept.sizes(order).tolist() == [len(expected[number].encode()) for number in order]
