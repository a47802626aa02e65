"""The settings of a source."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from corpus.sources import Source, formats
from corpus.sources.settings import content_of, text_encoding


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "path"),
        ({"path": ""}, "at least 1 character"),
        ({"path": "a", "formt": "text"}, "Extra inputs are not permitted"),
        ({"path": "a", "format": "docx"}, "'text', 'jsonl', 'json', 'csv'"),
        ({"path": "a", "format": "csv", "records": "data"}, "records: only JSON"),
        ({"path": "a", "format": "parquet", "header": ["text"]}, "header: only CSV"),
        ({"path": "a", "format": "jsonl", "delimiter": ";"}, "delimiter: only CSV"),
        ({"path": "a", "content": "article"}, "'text', 'page' or 'html'"),
        ({"path": "a", "encoding": "utf-9"}, "no such text encoding: 'utf-9'"),
        ({"path": "a", "encoding": "rot13"}, "no such text encoding: 'rot13'"),
        ({"path": "a", "columns": {"source": "x"}}, "'source' is reserved"),
        ({"path": "a", "columns": {"_key": "x"}}, "'_key' is reserved; use author"),
        ({"path": "a", "columns": {"": "x"}}, "'' is reserved"),
        ({"path": "a", "constants": {"language": "en"}}, "'language' is reserved"),
        ({"path": "a", "constants": {"id": "x"}}, "'id' cannot be a constant"),
        ({"path": "a", "constants": {"text": "x"}}, "cannot be a constant"),
        ({"path": "a", "delimiter": "||"}, "at most 1 character"),
        ({"path": "a", "delimiter": "\n"}, "a line end cannot separate or quote"),
        ({"path": "a", "record_limit": 0}, "greater than or equal to 1"),
        ({"path": "a", "records": ""}, "at least 1 character"),
    ],
)
def test_invalid_settings_are_errors(settings, message):
    """A misspelled, impossible or reserved setting is an error."""
    with pytest.raises(ValidationError, match=message):
        Source(**settings)


def test_json_and_jsonl_are_one_format():
    """`json` means the same as `jsonl`: the content decides."""
    assert Source(path="a", format="json") == Source(path="a", format="jsonl")


@pytest.mark.parametrize(
    ("format", "content"),
    [("text", "page"), ("html", "html"), ("warc", "html"), ("jsonl", "text"), ("csv", "text")],
)
def test_the_default_content_depends_on_the_format(format, content):
    """By default, text files are pages, HTML and WARC are HTML, and other records are articles."""
    assert content_of(Source(path="a"), format) == content
    assert content_of(Source(path="a", content="text"), format) == "text"


def test_a_source_can_be_stored_as_json():
    """A source written as JSON, for the manifest, is equal when read back."""
    source = Source(
        path="a/*.csv",
        constants={"rank": 3, "ok": True, "share": 0.5, "who": "x"},
        columns={"text": "body"},
        encoding="Latin-1",
        extra_columns=("a", "b"),
    )
    assert Source.model_validate_json(source.model_dump_json()) == source
    assert Source(**json.loads(source.model_dump_json())).constants == source.constants
    assert source.encoding == "iso8859-1"


def test_every_setting_is_described():
    """Every setting has a description, for the JSON Schema that editors use."""
    properties = Source.model_json_schema()["properties"]

    assert all(each.get("description") for each in properties.values())


def test_every_format_can_be_configured():
    """The formats of the config are those that can be read."""
    schema = Source.model_json_schema()["properties"]["format"]

    assert set(schema["anyOf"][0]["enum"]) == {*formats.FORMATS, "json"}


@pytest.mark.parametrize(
    ("name", "python"), [("UTF8", "utf-8"), ("utf-16", "utf-16"), ("hex", None), ("\0", None)]
)
def test_only_text_encodings_are_accepted(name, python):
    """Codecs that do not decode bytes to text are not text encodings."""
    assert text_encoding(name) == python
