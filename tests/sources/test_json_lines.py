"""JSON lines: what the columns of a record become; damage is in `test_faults.py`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import DOCUMENT, ORIGIN
from corpus.sources import column_names
from corpus.sources.json_lines import parse
from corpus.sources.settings import Source

from .conftest import jsonl, read_all


def test_columns_are_taken_from_where_they_are(put):
    """Ours come from theirs, also out of nested objects; what they are called there is no extra."""
    row = {"body": "x", "meta": {"at": "2023-05-22", "by": {"name": "A"}}, "a.b": "dotted", "k": 1}
    columns = {"text": "body", "date": "meta.at", "author": "meta.by.name", "title": "a.b"}
    (found,) = read_all(put("a.jsonl", jsonl([row])), columns=columns).documents

    assert (found["text"], found["author"], found["title"]) == ("x", "A", "dotted")
    assert found["date"].isoformat() == "2023-05-22T00:00:00+00:00"
    assert set(found) == {*DOCUMENT.names, *ORIGIN.names, "k", "meta"}
    assert json.loads(found["meta"]) == row["meta"]


def test_other_columns_can_be_renamed_and_chosen(put):
    """A new name on the left renames; `extra_columns` keeps those named, and the renamed."""
    path = put("a.jsonl", jsonl([{"text": "x", "category": "c", "section": "s", "n": 1}]))
    (renamed,) = read_all(path, columns={"section": "category"}).documents
    (chosen,) = read_all(path, columns={"kind": "category"}, extra_columns=["n"]).documents

    assert (renamed["section"], renamed["section_source"]) == ("c", "s")
    assert "category" not in renamed
    assert (chosen["kind"], chosen["n"]) == ("c", 1)
    assert "section" not in chosen


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A", "A"),
        ("", None),
        (None, None),
        (["A", "B"], "A; B"),
        ([], None),
        (7, "7"),
        (True, "true"),
        ({"name": "A"}, '{"name":"A"}'),
        ([1, "A"], '[1,"A"]'),
    ],
)
def test_an_author_is_a_text(value, expected, put):
    """Names in a list are joined; what is no text is written as one; an empty one is null."""
    rows = [{"text": "x", "author": value}, {"text": "y", "author": "B"}]

    assert read_all(put("a.jsonl", jsonl(rows))).column("author") == [expected, "B"]


@pytest.mark.parametrize(
    ("id", "expected"), [("a", "a"), (7, "7"), (1.5, "1.5"), (2**70, str(2**70)), (" ", " ")]
)
def test_ids_are_texts(id, expected, put):
    """An id of another type is written as text."""
    (row,) = read_all(put("a.jsonl", jsonl([{"id": id, "text": "x"}]))).documents

    assert (row["id"], row["_given"]) == (expected, True)


@pytest.mark.parametrize("id", [None, ""])
def test_no_id_is_made_one(id, put):
    """A null or empty id is none: the record's hash takes its place."""
    (row,) = read_all(put("a.jsonl", jsonl([{"id": id, "text": "x"}]))).documents

    assert (row["id"], row["_given"]) == (row["_digest"].hex(), False)


def test_equal_records_of_a_file_share_their_key(put):
    """Two records of equal bytes have one key; another file, or other constants, have another."""
    line = '{"text": "x"}\n'
    one, two = read_all(put("a.jsonl", line + line)).documents
    (other,) = read_all(put("b.jsonl", line)).documents
    (constant,) = read_all(put("a.jsonl", line), constants={"k": "v"}).documents

    assert one["_key"] == two["_key"]
    assert len({one["_key"], other["_key"], constant["_key"]}) == 3


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_a_line_is_an_object_or_says_why_not(line):
    """Whatever a line holds, it is an object that can be written as UTF-8, or one error."""
    try:
        found = parse(line, Source(path="a"))
    except ValueError as error:
        assert str(error)  # noqa: PT017, either outcome is right
    else:
        json.dumps(found, ensure_ascii=False).encode()


@settings(max_examples=100)
@given(
    st.sets(
        st.sampled_from(["", "text", "a", "_key"]).flatmap(
            lambda stem: st.integers(0, 3).map(lambda n: stem + "_source" * n)
        )
    )
)
def test_no_two_columns_ever_meet(names):
    """However they are named, the columns of a record have as many names as before."""
    source = Source(path="a", columns={"a": "b"})
    kept = column_names.others(names, source)

    assert len(set(kept.values())) == len(kept)
    assert not set(kept.values()) & {"", "text", "a", "_key"}
