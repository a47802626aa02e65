"""The text of a large line of JSON: parsed in pieces, it is what it would be in a small line."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources.json import large_texts, lines
from corpus.sources.json.large_texts import parse_with_text
from corpus.sources.json.text import parse
from tests.sources.conftest import jsonl, read_all

TEXTS = st.text(alphabet='aé漢🙂"\\/\n\x01u', max_size=9)
VALUES = TEXTS | st.none() | st.integers() | st.lists(TEXTS, max_size=2)


def as_large(line, text_column="text"):
    """Return the value of a line as if it and its text were large, with the text as a string."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_texts, "LARGE_LINE", 0)
        small_pieces = large_texts._PIECE.pattern.replace(b"1024", b"2")
        patch.setattr(large_texts, "_PIECE", re.compile(small_pieces, re.DOTALL))
        value = parse_with_text(line, text_column)
    if isinstance(value, dict) and isinstance(value.get(text_column), bytes):
        value[text_column] = value[text_column].decode()
    return value


@given(
    st.dictionaries(
        st.sampled_from(["text", "te\\xt", "a"]),
        VALUES | st.dictionaries(st.sampled_from(["text", "b"]), VALUES, max_size=2),
    ),
    st.booleans(),
    st.sampled_from(["text", "te\\xt"]),
)
@settings(max_examples=200)
def test_a_text_in_pieces_is_the_whole_text(row, ascii_only, text_column):
    """Escapes, surrogates and characters of several bytes are not divided."""
    line = json.dumps(row, ensure_ascii=ascii_only).encode()
    assert as_large(line, text_column) == row


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "first", "text": "second"}',
        b'{"text": "the longer one", "text": "short"}',
        b'{"inner": {"text": "the longer one"}, "text": "short"}',
        b'{"inner": {"text": "the only one"}}',
        b'{"inner": {"text": "the longer one"}, "text": "the text is parsed apart"}',
        rb'{"te\u0078t": "escaped name", "other": "x"}',
        b'{"text": "a", "n": 123456789012345678901234567890, "x": NaN}',
        b'["text", ": ", {"text": "in a list"}]',
        b'"text"',
    ],
)
def test_a_line_that_only_seems_to_have_a_text_is_parsed_as_any_other(line):
    """Repeated and nested names, and long integers, have the meaning that they always have."""
    assert as_large(line) == parse(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "not closed}',
        b'{"text": "a", }',
        rb'{"text": "half of a pair \ud83d"}',
        rb'{"text": "no escape \x"}',
        rb'{"text": "cut escape \u00"}',
        b'{"text": "\xff\x80\x80\x80\x80\x80"}',
        b'{"text": "a\tb"}',
    ],
)
def test_the_error_of_a_damaged_line_is_that_of_the_whole_line(line):
    """The reason names the place in the line, not in a piece of it."""
    with pytest.raises(ValueError, match=r"\w") as whole:
        parse(line)
    with pytest.raises(ValueError, match=r"\w") as pieces:
        as_large(line)
    assert str(pieces.value) == str(whole.value)


@pytest.mark.parametrize("columns", [{"title": "text"}, {"copy": "text"}, {"id": "text"}])
def test_a_text_that_another_column_reads_is_a_string(put, monkeypatch, columns):
    """A large line has the values of a small one, in its own row and in the others."""
    rows = [{"text": f'{word} "quoted" \U0001f642\n' * 9} for word in ("one", "two")]
    path = put("a.jsonl", jsonl(rows))
    expected = read_all(path, columns=columns)
    monkeypatch.setattr(large_texts, "LARGE_LINE", 0)
    monkeypatch.setattr(lines, "_parse_fast", lambda *_: None)
    found = read_all(path, columns=columns)

    assert found.documents == expected.documents
    assert found.rejects == expected.rejects
