"""JSON lines: how a record becomes a document. For damaged input see `test_faults.py`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import DOCUMENT, ORIGIN
from corpus.sources.columns import names as column_names
from corpus.sources.json.lines import parse_line
from corpus.sources.settings import Source
from tests.sources.conftest import jsonl, read_all


def test_columns_are_mapped(put):
    """`columns` maps the source's names to ours, also from nested objects."""
    row = {"body": "x", "meta": {"at": "2023-05-22", "by": {"name": "A"}}, "a.b": "dotted", "k": 1}
    columns = {"text": "body", "date": "meta.at", "author": "meta.by.name", "title": "a.b"}
    (document,) = read_all(put("a.jsonl", jsonl([row])), columns=columns).documents

    assert (document["text"], document["author"], document["title"]) == ("x", "A", "dotted")
    assert document["date"].isoformat() == "2023-05-22T00:00:00+00:00"
    assert set(document) == {*DOCUMENT.names, *ORIGIN.names, "k", "meta"}
    assert document["meta"] == row["meta"]


def test_extra_columns_can_be_renamed_and_selected(put):
    """A new name in `columns` renames a column; `extra_columns` selects the others to keep."""
    path = put("a.jsonl", jsonl([{"text": "x", "category": "c", "section": "s", "n": 1}]))
    (renamed,) = read_all(path, columns={"section": "category"}).documents
    (selected,) = read_all(path, columns={"kind": "category"}, extra_columns=["n"]).documents

    assert (renamed["section"], renamed["section_source"]) == ("c", "s")
    assert "category" not in renamed
    assert (selected["kind"], selected["n"]) == ("c", 1)
    assert "section" not in selected


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
def test_an_author_is_a_string(value, expected, put):
    """A list of names is joined, other values become strings, and empty ones null."""
    rows = [{"text": "x", "author": value}, {"text": "y", "author": "B"}]

    assert read_all(put("a.jsonl", jsonl(rows))).column("author") == [expected, "B"]


@pytest.mark.parametrize(
    ("id", "expected"), [("a", "a"), (7, "7"), (1.5, "1.5"), (2**70, str(2**70)), (" ", " ")]
)
def test_ids_are_strings(id, expected, put):
    """An id of another type becomes a string."""
    (row,) = read_all(put("a.jsonl", jsonl([{"id": id, "text": "x"}]))).documents

    assert (row["id"], row["_given"]) == (expected, True)


@pytest.mark.parametrize("id", [None, ""])
def test_a_record_without_an_id_gets_its_hash(id, put):
    """A record with a null or empty id gets its hash as the id."""
    (row,) = read_all(put("a.jsonl", jsonl([{"id": id, "text": "x"}]))).documents

    assert (row["id"], row["_given"]) == (row["_digest"].hex(), False)


def test_equal_records_of_a_file_have_the_same_key(put):
    """Records with equal bytes have the same key, unless file or constants differ."""
    line = '{"text": "x"}\n'
    first, second = read_all(put("a.jsonl", line + line)).documents
    (other,) = read_all(put("b.jsonl", line)).documents
    (constant,) = read_all(put("a.jsonl", line), constants={"k": "v"}).documents

    assert first["_key"] == second["_key"]
    assert len({first["_key"], other["_key"], constant["_key"]}) == 3


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_line_is_an_object_or_an_error(line):
    """Any line gives an object that can be written as UTF-8, or a ValueError with a reason."""
    try:
        record = parse_line(line, Source(path="a"))
    except ValueError as error:
        assert str(error)  # noqa: PT017, either outcome is right
    else:
        json.dumps(record, ensure_ascii=False).encode()


@settings(max_examples=100)
@given(
    st.sets(
        st.sampled_from(["", "text", "a", "_key"]).flatmap(
            lambda stem: st.integers(0, 3).map(lambda n: stem + "_source" * n)
        )
    )
)
def test_column_names_never_collide(names):
    """Renaming reserved columns never gives two columns the same name."""
    source = Source(path="a", columns={"a": "b"})
    kept = column_names.kept_columns(names, source)

    assert len(set(kept.values())) == len(kept)
    assert not set(kept.values()) & {"", "text", "a", "_key"}
