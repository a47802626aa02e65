"""A text inside an object is taken out of it; the other fields are kept."""

from __future__ import annotations

import pytest

from tests.sources.conftest import arrow_bytes, jsonl, parquet_bytes, read_all

HITS = [
    {"_id": f"h{i}", "hit": {"body": f"The mill turned {i} times.", "tags": ["mill"], "n": i}}
    for i in range(3)
]
WRITERS = {"a.jsonl": jsonl, "a.parquet": parquet_bytes, "a.arrow": arrow_bytes}


@pytest.mark.parametrize("name", WRITERS)
def test_the_text_is_not_kept_a_second_time(put, name):
    """The object around the text keeps its other fields, whatever the format is."""
    path = put(name, WRITERS[name](HITS))
    result = read_all(path, columns={"text": "hit.body", "id": "_id"})

    assert result.texts == [hit["hit"]["body"] for hit in HITS]
    assert "mill turned" not in str(result.column("hit"))
    assert '"n"' in str(result.column("hit")) or "'n'" in str(result.column("hit"))


@pytest.mark.parametrize("name", WRITERS)
def test_an_object_that_has_only_the_text_is_no_column(put, name):
    """Nothing is left of it, at any depth."""
    rows = [{"a": {"b": {"body": "The mill turned."}}, "c": 1}]
    result = read_all(put(name, WRITERS[name](rows)), columns={"text": "a.b.body"})

    assert result.texts == ["The mill turned."]
    assert "a" not in result.documents[0]
    assert result.column("c") == [1]


@pytest.mark.parametrize("name", WRITERS)
def test_a_deep_text_leaves_its_neighbours(put, name):
    """Only the field itself is taken; null objects stay null."""
    rows = [{"a": {"b": {"body": "The mill turned.", "x": 1}, "y": "z"}}, {"a": None}]
    result = read_all(put(name, WRITERS[name](rows)), columns={"text": "a.b.body"})

    assert result.texts == ["The mill turned.", None]
    assert "mill" not in str(result.column("a"))
    assert "z" in str(result.column("a")[0])
    assert result.column("a")[1] is None


def test_other_columns_with_the_same_value_are_kept(put):
    """Only the configured field is taken out, in lists and scalars nothing."""
    rows = [{"a": {"body": "The mill."}, "b": {"body": "The mill."}}, {"a": "plain", "b": None}]
    result = read_all(put("a.jsonl", jsonl(rows)), columns={"text": "a.body"})

    assert result.texts == ["The mill.", None]
    assert "The mill." in str(result.column("b")[0])
    assert "plain" in str(result.column("a")[1])


@pytest.mark.parametrize("name", WRITERS)
def test_a_column_without_a_name_is_no_object_around_the_text(put, name):
    """A text that is a column of its own is not looked for elsewhere."""
    rows = [{"": {"text": "x"}, "text": "The mill."}]

    assert read_all(put(name, WRITERS[name](rows))).texts == ["The mill."]
