"""Text and HTML files: a file is a document; a scraped page's first line is its date and title."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from corpus.sources import Source, find, pieces
from corpus.sources.text import header

from .conftest import read_all, read_pieces

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
def test_a_header_line_is_taken_off(text, fields, rest):
    """A first line `date YYYY-MM-DD Title` is taken off; an impossible date stays in the text."""
    assert header(text) == ((fields, rest) if fields else ({}, text))


def test_a_header_is_read_off_pages_alone(put):
    """With `content: text` the line is a part of the text."""
    path = put("a.txt", "date 2023-05-22 A headline\nBody")
    (page,) = read_all(path).documents
    (text,) = read_all(path, content="text").documents

    assert (page["text"], page["title"], page["date"]) == ("Body", "A headline", MAY)
    assert page["_content"] == "page"
    assert text["text"].startswith("date")
    assert (text["title"], text["date"], text["_content"]) == (None, None, "text")


def test_grouping_changes_nothing(put):
    """What a file becomes does not depend on the files that are read with it."""
    for i in range(30):
        path = put(
            f"in/{i:02}.txt", f"date 2023-05-{i + 1:02} T{i}\nText {i}" if i % 3 else b"\xff"
        )
    source = Source(path=str(path.parent))
    files = find(source, path.parent)
    (group,) = pieces(files, source)
    alone = [piece for file in files for piece in pieces([file], source)]

    assert len(group.files) == 30
    assert read_pieces([group], source) == read_pieces(alone, source)


def test_a_range_of_files_has_the_name_of_its_first(put):
    """A piece of many files that is narrowed to one record is told by that record's file."""
    for i in range(3):
        path = put(f"in/{i}.txt", "x")
    source = Source(path=str(path.parent))
    (group,) = pieces(find(source, path.parent), source)

    assert group.file.name == "0.txt"
    assert replace(group, records=(2, 3)).file.name == "2.txt"


def test_a_new_file_leaves_most_groups_alone(tmp_path):
    """A file among many changes the group that it falls into, not all groups behind it."""
    from corpus.sources import File

    source = Source(path="in")
    files = [File(f"{i:05}.txt", f"/in/{i:05}.txt", 100, "text") for i in range(20_000)]
    before = {piece.identity() for piece in pieces(files, source)}
    new = sorted([*files, File("00000-new.txt", "/in/00000-new.txt", 100, "text")])
    after = {piece.identity() for piece in pieces(new, source)}

    assert 5 < len(before) < 60
    assert sum(len(identity) for identity in after) == 20_001
    assert len(after - before) <= 2


def test_an_undecodable_file_is_a_reject(put):
    """A file that is no text is one reject by its bytes, with the reason."""
    found = read_all(put("a.txt", b"\x89PNG\x00\x00\xff\xfe\xfd"))

    assert found.documents == []
    assert found.rejects[0].bytes == 9
    assert "binary" in found.rejects[0].reason


def test_a_file_over_the_limit_is_a_reject(put):
    """A file larger than the limit is not held."""
    found = read_all(put("a.txt", b"x" * 3000), record_limit=2000)

    assert "record_limit (2,000)" in found.rejects[0].reason


def test_an_empty_text_is_a_document(put):
    """A file of blanks is a document, for the run to remove; a file of nothing is a reject."""
    assert read_all(put("a.txt", " \n")).texts == [" \n"]
    assert read_all(put("b.txt", "")).reasons == [(None, "the file is empty")]


def test_constants_fill_columns(put):
    """A constant is a column of every document, and replaces what the record says."""
    constants = {"publisher": "The Bridge", "region": "north", "rank": 3, "date": "2023-05-22"}
    (text,) = read_all(put("a.txt", "Body"), constants=constants).documents
    line = '{"text": "x", "publisher": "other", "region": "south"}'
    (row,) = read_all(put("a.jsonl", line), constants=constants).documents

    for found in (text, row):
        assert found["publisher"] == "The Bridge"
        assert (found["region"], found["rank"], found["date"]) == ("north", 3, MAY)
    assert text["_key"] != read_all(put("a.txt", "Body")).documents[0]["_key"]


def test_a_page_is_read_as_it_declares(put):
    """An HTML file is read in the encoding that it declares, and is content `html`."""
    data = '<meta charset="windows-1251"><p>мост</p>'.encode("cp1251")
    (page,) = read_all(put("a.html", data)).documents

    assert "мост" in page["text"]
    assert page["_content"] == "html"
