"""The kernels that count and split words agree with the definition in plain Python."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.words.characters import CODE_POINTS
from corpus.words.count import count_words
from corpus.words.definition import words
from corpus.words.normalize import split_words

TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from("aB1_ .\n\r\t\u00e9\u0131\u4f1a\u0e01\U0001f600"), max_size=200),
)


@given(st.lists(TEXTS | st.none(), max_size=6))
def test_words_are_counted_as_defined(texts):
    """The count of each text is the number of words of the definition; a null has none."""
    column = pa.array(texts, pa.large_string())
    assert count_words(column).tolist() == [len(words(text or "")) for text in texts]


@given(st.lists(TEXTS | st.none(), max_size=6))
def test_words_are_split_as_defined(texts):
    """The words of each text are those of the definition."""
    split, counts = split_words(pa.array(texts, pa.string()))
    expected = [words(text or "") for text in texts]
    assert split.to_pylist() == [word for text in expected for word in text]
    assert counts.tolist() == [len(text) for text in expected]


def test_every_code_point_is_counted_as_defined():
    """Each code point alone, and next to a letter, has the number of words of the definition."""
    points = [chr(code) for code in range(CODE_POINTS) if not 0xD800 <= code < 0xE000]
    texts = [f"{point} a{point}b" for point in points]
    counts = count_words(pa.array(texts, pa.large_string())).tolist()
    assert [text for text, n in zip(texts, counts, strict=True) if n != len(words(text))] == []


@pytest.mark.parametrize("length", [0, 1, 62, 63, 64, 65, 127, 128, 129, 1000])
def test_words_that_end_at_a_block_are_counted_once(length):
    """Words that begin or end at the border of a 64-byte block are counted once."""
    texts = ["x" * length, "x" * length + " y", " " * length + "x", "x " * length]
    assert count_words(pa.array(texts)).tolist() == [len(words(text)) for text in texts]


def test_invalid_utf8_separates_words():
    """Bytes that are not UTF-8 are separators, as for the other kernels."""
    offsets = pa.py_buffer(b"".join(n.to_bytes(8, "little") for n in (0, 3, 6)))
    data = pa.py_buffer(b"a\xffb\xe0\x80c")
    assert count_words(pa.LargeStringArray.from_buffers(2, offsets, data)).tolist() == [2, 1]
