"""Lines of texts: where they are, their content hashes, and their removal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.similarity.lines import Lines, remove_spans
from corpus.words.definition import content, words

TEXTS = st.text(st.sampled_from("aB1 .\n\r\t\u00e9\u4f1a\u0e01\U0001f600"), max_size=40)


@settings(deadline=None, derandomize=True)
@given(
    st.lists(TEXTS | st.none(), max_size=6),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([1, 2, 9, 50, 1 << 20]),
)
def test_lines_have_their_position_and_content_hash(
    documents, texts, min_words, sliced, piece_bytes
):
    """Each line with enough words has its position and hash, however small the pieces are."""
    batch = documents(*texts)
    batch = batch.slice(1) if sliced and texts else batch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.similarity.lines.PIECE_BYTES", piece_bytes)
        columns = Lines(words=min_words).columns(batch)
    rows = columns[f"lines_{min_words}"].to_pylist()
    assert len(rows) == batch.num_rows
    for text, lines, short in zip(
        batch["text"].to_pylist(),
        rows,
        columns[f"short_lines_{min_words}"].to_pylist(),
        strict=True,
    ):
        every = (text or "").split("\n")
        counted = [line for line in every if len(words(line)) >= min_words]
        assert [
            text[line["begin"] : line["begin"] + line["characters"]] for line in lines
        ] == counted
        assert [line["hash"] for line in lines] == [content(line) for line in counted]
        assert short == sum(1 <= len(words(line)) < min_words for line in every)


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
def test_a_line_is_removed_with_the_blank_lines_after_it(text, lines, expected):
    """The break and the blank lines after a removed line are removed, and nothing else."""
    spans = [(text.index(line), len(line)) for line in lines]
    assert remove_spans(text, spans) == expected
