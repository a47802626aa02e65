"""Text and HTML files: a file is a document, and a header line gives date and title."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from corpus.sources import Source, find_files, split_into_chunks
from corpus.sources.text import MAX_HEADER_BYTES, parse_header
from tests.sources.conftest import read_all, read_chunks

MAY = datetime(2023, 5, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fields", "rest"),
    [
        (" date 2023-05-22 A headline\n\nBody", {"date": MAY, "title": "A headline"}, "\nBody"),
        ("date 2023-05-22 A headline  \r\nBody", {"date": MAY, "title": "A headline"}, "Body"),
        ("date 2023-05-22\nBody", {"date": MAY, "title": None}, "Body"),
        ("date 2023-05-22 Only a headline", {"date": MAY, "title": "Only a headline"}, ""),
        ("date 2023-02-30 No such day\nBody", None, None),
        ("date 23-05-22 Body", None, None),
        ("Some words, then date 2023-05-22 A headline", None, None),
        ("first line\ndate 2023-05-22 A headline", None, None),
        ("date 2023-05-221 x", None, None),
        ("date 0000-00-00 x", None, None),
        ("", None, None),
    ],
)
def test_a_header_line_is_parsed_and_removed(text, fields, rest):
    """A first line `date YYYY-MM-DD Title` is removed, unless the date is impossible."""
    expected = (fields, rest) if fields else ({}, text)
    assert parse_header(text.encode()) == (expected[0], expected[1].encode())


def test_a_header_line_ends_within_the_start_of_a_page():
    """Of a large page, only the start is searched, and a line that does not end there is text."""
    start, spaces = b"date 2023-05-22 A headline", MAX_HEADER_BYTES * b" "
    body = "é".encode() * MAX_HEADER_BYTES
    for ending in (b"\n", b" \n"):  # a piece that ends within a character
        assert parse_header(start + ending + body)[1] == body
    assert parse_header(start + spaces + b"\n" + body)[0] == {}
    assert parse_header(start + spaces)[0] == {}


def test_only_pages_have_a_header(put):
    """With `content: text`, the line is part of the text."""
    path = put("a.txt", "date 2023-05-22 A headline\nBody")
    (page,) = read_all(path).documents
    (text,) = read_all(path, content="text").documents

    assert (page["text"], page["title"], page["date"]) == ("Body", "A headline", MAY)
    assert page["_content"] == "page"
    assert text["text"].startswith("date")
    assert (text["title"], text["date"], text["_content"]) == (None, None, "text")


def test_grouping_files_does_not_matter(put):
    """A file gives the same document, whichever files are in its chunk."""
    for i in range(30):
        path = put(
            f"in/{i:02}.txt", f"date 2023-05-{i + 1:02} T{i}\nText {i}" if i % 3 else b"\xff"
        )
    source = Source(path=str(path.parent))
    files = find_files(source, path.parent).files
    (group,) = split_into_chunks(files, source)
    single = [chunk for file in files for chunk in split_into_chunks([file], source)]

    assert len(group.files) == 30
    assert read_chunks([group], source) == read_chunks(single, source)


def test_a_narrowed_chunk_has_the_name_of_its_first_file(put):
    """A chunk of many files narrowed to one record has the name of that record's file."""
    for i in range(3):
        path = put(f"in/{i}.txt", "x")
    source = Source(path=str(path.parent))
    (group,) = split_into_chunks(find_files(source, path.parent).files, source)

    assert group.file.name == "0.txt"
    assert replace(group, records=(2, 3)).file.name == "2.txt"


def test_a_new_file_changes_few_chunks(tmp_path):
    """A new file changes the group that it falls into, but not the groups after it."""
    from corpus.sources import File

    source = Source(path="in")
    files = [File(f"{i:05}.txt", f"/in/{i:05}.txt", 100, "text") for i in range(20_000)]
    before = {chunk.identity() for chunk in split_into_chunks(files, source)}
    new_files = sorted([*files, File("00000-new.txt", "/in/00000-new.txt", 100, "text")])
    after = {chunk.identity() for chunk in split_into_chunks(new_files, source)}

    assert 5 < len(before) < 60
    assert sum(len(identity) for identity in after) == 20_001
    assert len(after - before) <= 2


def test_an_undecodable_file_is_a_reject(put):
    """A binary file is one reject with the file's size and the reason."""
    result = read_all(put("a.txt", b"\x89PNG\x00\x00\xff\xfe\xfd"))

    assert result.documents == []
    assert result.rejects[0].bytes == 9
    assert "binary" in result.rejects[0].reason


def test_a_file_over_the_limit_is_a_reject(put):
    """A file over the limit is a reject."""
    result = read_all(put("a.txt", b"x" * 3000), record_limit=2000)

    assert "record_limit (2,000 bytes)" in result.rejects[0].reason


def test_an_empty_text_is_a_document(put):
    """A file of whitespace is a document, for a stage to remove; an empty file is a reject."""
    assert read_all(put("a.txt", " \n")).texts == [" \n"]
    assert read_all(put("b.txt", "")).reasons == [(None, "the file is empty")]


def test_constants_fill_columns(put):
    """A constant is a column of every document, and replaces the record's own value."""
    constants = {"publisher": "The Bridge", "region": "north", "rank": 3, "date": "2023-05-22"}
    (text,) = read_all(put("a.txt", "Body"), constants=constants).documents
    line = '{"text": "x", "publisher": "other", "region": "south"}'
    (row,) = read_all(put("a.jsonl", line), constants=constants).documents

    for document in (text, row):
        assert document["publisher"] == "The Bridge"
        assert (document["region"], document["rank"], document["date"]) == ("north", 3, MAY)
    assert text["_key"] != read_all(put("a.txt", "Body")).documents[0]["_key"]


def test_a_page_is_decoded_as_declared(put):
    """An HTML file is decoded in its declared encoding, and its content is `html`."""
    data = '<meta charset="windows-1251"><p>мост</p>'.encode("cp1251")
    (page,) = read_all(put("a.html", data)).documents

    assert "мост" in page["text"]
    assert page["_content"] == "html"


def test_a_header_line_of_spaces_is_read_in_bounded_time():
    """A date, many spaces and a title that is too long are text, and take linear time."""
    text = b"date 2023-05-22" + b" " * 8_000 + b"a " * 4_000
    assert parse_header(text) == ({}, text)
    titled = b"date 2023-05-22" + b" \t" * 4_000 + b"A  headline \nBody"
    assert parse_header(titled) == ({"date": MAY, "title": "A  headline"}, b"Body")
