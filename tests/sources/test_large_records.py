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
from corpus.sources.columns import texts as text_columns
from corpus.sources.columns.texts import text_column
from corpus.sources.json import large_texts

LARGE_TEXT = "eight words of plain text fill the record " * 150_000


WARC_RECORD = """WARC/1.0\r
WARC-Type: response\r
WARC-Target-URI: https://harbour.example/1\r
Content-Type: application/http\r
Content-Length: {length}\r
\r
{content}\r
\r
"""


@pytest.mark.parametrize("chunked", [False, True])
def test_a_page_of_a_warc_file_is_not_copied_out_of_its_parts(tmp_path, chunked):
    """The record and its payload, which is the text, are there at once, and the joined chunks."""
    encoding = "Transfer-Encoding: chunked\r\n" if chunked else ""
    page = f"{len(LARGE_TEXT):x}\r\n{LARGE_TEXT}\r\n0\r\n\r\n" if chunked else LARGE_TEXT
    content = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{encoding}\r\n{page}"
    length = len(content.encode())
    record = WARC_RECORD.format(length=length, content=content)
    kept, peak = memory_of_reading(tmp_path, "one.warc", record)
    assert peak < (3.5 if chunked else 2.5) * len(LARGE_TEXT)
    assert kept < 1.5 * len(LARGE_TEXT)


@given(
    st.lists(st.none() | st.text(max_size=9) | st.text(max_size=9).map(str.encode), max_size=6),
    st.integers(1, 4),
)
@settings(max_examples=30)
def test_texts_that_are_copied_piece_by_piece_are_the_same(texts, size):
    """The column is the one that Arrow makes, wherever the pieces end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_columns, "LARGE_TEXTS", size)
        column = text_column(texts)
    column.validate(full=True)
    assert column.equals(pa.array(texts, pa.large_string()))


def memory_of_reading(folder, name, data):
    """Return Python's memory, kept and at its peak, for the first batch of a file, in bytes.

    The text of a column is the buffer that it was collected in, which Python counts.
    """
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    source = Source(path=name, content="text")
    (chunk,) = split_into_chunks(find_files(source, folder).files, source)
    list(read(chunk, source))  # imports everything
    tracemalloc.start()
    batches = read(chunk, source)
    next(batches)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept, peak


@pytest.mark.parametrize("letter", ["", "\N{EM DASH}", "\N{SLIGHTLY SMILING FACE}"])
def test_a_text_file_is_in_memory_once(tmp_path, letter):
    """The bytes of the file become the column, whatever its characters need as a string."""
    kept, peak = memory_of_reading(tmp_path, "one.txt", letter + LARGE_TEXT)
    assert peak < 2 * len(LARGE_TEXT)  # with the piece that was read last
    assert kept < 1.5 * len(LARGE_TEXT)


def test_a_text_file_in_another_encoding_is_in_memory_twice(tmp_path):
    """The bytes of the file and the text in UTF-8 are there at once, and no string."""
    text = "Сегодня мост закрыт и пешеходы идут через плотину " * 100_000
    kept, peak = memory_of_reading(tmp_path, "one.txt", text.encode("cp1251"))
    assert peak < 4 * len(text)  # one byte a letter, then two in a buffer that is growing
    assert kept < 2.5 * len(text)


def test_a_large_line_is_not_kept_when_its_batch_is_there(tmp_path):
    """Neither the line nor its block nor its object is in memory any more, only the column."""
    lines = f'{{"text": "{LARGE_TEXT}"}}\n{{"text": "a second line"}}\n'
    kept, _ = memory_of_reading(tmp_path, "one.jsonl", lines)
    assert kept < 1.5 * len(LARGE_TEXT)


def test_a_large_text_in_json_is_never_a_string(tmp_path, monkeypatch):
    """The line and its text in UTF-8 are there at once, and a string only of a piece of it."""
    monkeypatch.setattr(large_texts, "LARGE_LINE", 1 << 20)
    line = f'{{"text": "\N{SLIGHTLY SMILING FACE}{LARGE_TEXT}"}}\n'
    kept, peak = memory_of_reading(tmp_path, "one.jsonl", line)
    assert peak < 4.5 * len(LARGE_TEXT)  # orjson alone takes more: 4 bytes a character, and a copy
    assert kept < 1.5 * len(LARGE_TEXT)


@given(st.text(alphabet="aé漢🙂", max_size=9), st.integers(1, 4))
@settings(max_examples=30)
def test_the_excerpt_of_a_removed_document_is_the_beginning_of_its_text(documents, text, size):
    """It has the first characters, whatever their size in UTF-8."""
    batch = documents("other", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examples, "EXCERPT_CHARACTERS", size)
        excerpts, beyond = removal_excerpts(batch, pa.array(["empty", "empty"]))
    assert excerpts.to_pylist() == ["other"[:size], text[:size]]
    assert beyond.to_pylist() == ["other"[size:], text[size:]]
