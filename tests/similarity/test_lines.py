"""The lines of texts: where they are, what they say, and a text without them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.similarity.content_hash import word_counts
from corpus.similarity.lines import Lines, without
from corpus.words.definition import content, words

SOME = st.text(st.sampled_from("aB1 .\n\r\t\u00e9\u4f1a\u0e01\U0001f600"), max_size=40)


@settings(deadline=None, derandomize=True)
@given(
    st.lists(SOME | st.none(), max_size=6),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([1, 2, 9, 50, 1 << 20]),
)
def test_lines_are_told_by_their_place_and_their_words(documents, texts, least, sliced, piece):
    """Each line of enough words has its place in the text and the hash of its words.

    It does not matter how many bytes of text are cut at a time.
    """
    batch = documents(*texts)
    batch = batch.slice(1) if sliced and texts else batch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.similarity.lines.PIECE", piece)
        found = Lines(words=least).columns(batch)
    rows = found[f"lines_{least}"].to_pylist()
    assert len(rows) == batch.num_rows
    for text, lines, short in zip(
        batch["text"].to_pylist(), rows, found[f"short_lines_{least}"].to_pylist(), strict=True
    ):
        every = (text or "").split("\n")
        counted = [line for line in every if len(words(line)) >= least]
        assert [text[one["begin"] : one["begin"] + one["characters"]] for one in lines] == counted
        assert [one["hash"] for one in lines] == [content(line) for line in counted]
        assert short == sum(1 <= len(words(line)) < least for line in every)


@settings(deadline=None, derandomize=True)
@given(st.lists(SOME, max_size=6))
def test_words_are_counted_as_they_are_defined(texts):
    """The number of words of each text is that of the plain definition."""
    column = pa.array(texts, pa.large_string())
    assert word_counts(column).tolist() == [len(words(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("one\n\ntwo\n\nthree", ["two"], "one\n\nthree"),
        ("one\n\ntwo\n\nthree", ["one"], "two\n\nthree"),
        ("one\n\ntwo\n\nthree", ["three"], "one\n\ntwo"),
        ("one\ntwo\nthree\n", ["three"], "one\ntwo"),
        ("one\r\n\r\ntwo\r\n \t\r\nthree", ["two\r"], "one\r\n\r\nthree"),
        ("one\n  two", ["one"], "  two"),
        ("one\ntwo", ["one", "two"], ""),
        (" one \n", [], " one \n"),
    ],
)
def test_a_line_goes_with_what_parts_it_from_the_next(text, lines, expected):
    """Breaks and blank lines behind a line that is cut go with it; nothing else is touched."""
    spans = [(text.index(line), len(line)) for line in lines]
    assert without(text, spans) == expected
