"""CSV: what a row is, and that a bad row costs no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources.csv import reader as csv_reader
from tests.sources.conftest import read_all

GOOD = "id,text,n\n" + "".join(f"d{i},text {i},00{i}\n" for i in range(5))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('d9,"not closed,3\n', "invalid CSV: "),
        ('d9,"closed" and more,3\n', "invalid CSV: "),
        ("d9,too,few,or,many\n", "the row has 5 fields, the header 3"),
    ],
)
def test_a_bad_row_costs_only_itself(row, reason, put):
    """A row with a stray quote or too many fields is one reject."""
    lines = GOOD.splitlines(keepends=True)
    result = read_all(put("a.csv", "".join([*lines[:3], row, *lines[3:]])))

    assert result.column("id") == ["d0", "d1", "d2", "d3", "d4"]
    assert result.column("_record") == [1, 2, 4, 5, 6]
    ((record, actual_reason),) = result.reasons
    assert record == 3
    assert actual_reason.startswith(reason)


def test_a_quoted_field_may_have_delimiters_and_line_ends(put):
    """Commas, doubled quotes and line ends in quotes belong to the field; values are strings."""
    result = read_all(put("a.csv", 'text,n\r\n"a, ""b""\r\nc",007\r\n\r\nd,\r\n'))

    assert result.texts == ['a, "b"\r\nc', "d"]
    assert result.column("n") == ["007", ""]
    assert result.column("_record") == [1, 2]


def test_delimiter_and_quote_can_be_set(put):
    """A .tsv file is split at tabs; another delimiter, or no quote, can be set."""
    assert read_all(put("a.tsv", "id\ttext\na\tb, c\n")).texts == ["b, c"]
    assert read_all(put("a.csv", "id;text\na;b, c\n"), delimiter=";").texts == ["b, c"]
    assert read_all(put("c.csv", "id;text\na;b, c\n")).texts == ["b, c"]
    assert read_all(put("b.tsv", 'id\ttext\na\t"b\nc\td\n'), quote=None).texts == ['"b', "d"]


def test_a_header_without_the_text_column_is_a_reject(put):
    """A file without the text column is one reject that lists the header, with a hint."""
    result = read_all(put("a.csv", "id:text\na:b\n"))

    assert result.reasons == [
        (None, "no column 'text'; the header has 'id:text'; is `delimiter` set correctly?")
    ]
    assert result.rejects[0].bytes == 12


def test_repeated_column_names_are_numbered(put):
    """The second of two columns with the same name gets a number."""
    (row,) = read_all(put("a.csv", " text ,n,n\nx,1,2\n")).documents

    assert (row["n"], row["n_2"]) == ("1", "2")


def test_invalid_utf8_is_a_reject(put):
    """A row in another encoding is a reject that names the byte; with `encoding` it is read."""
    data = "text\ngut\ncafé\nfein\n".encode("latin-1")
    result = read_all(put("a.csv", data))

    assert result.texts == ["gut", "fein"]
    assert result.reasons[0][0] == 2
    assert "(0xe9) is not valid UTF-8" in result.reasons[0][1]
    assert read_all(put("b.csv", data), encoding="latin-1").texts == ["gut", "café", "fein"]
    assert read_all(put("c.csv", "text\nä\n".encode("utf-16"))).texts == ["ä"]


def test_an_unclosed_quote_costs_only_its_row(put, monkeypatch):
    """An unclosed quote costs one row, however long the rest of the file is."""
    monkeypatch.setattr(csv_reader, "MAX_ROW_CHARACTERS", 2000)
    lines = "".join(f"d{i},text {i}\n" for i in range(500))
    result = read_all(put("a.csv", f'id,text\nx,"open\n{lines}'))

    assert len(result.documents) == 500
    assert result.reasons == [
        (1, "invalid CSV: longer than 2,000 characters; is a quote not closed?")
    ]


def test_a_row_over_the_limit_is_a_reject(put):
    """A row over the limit is a reject, and the others are read."""
    result = read_all(put("a.csv", f"text\na\n{'b' * 5000}\nc\n"), record_limit=1000)

    assert result.texts == ["a", "c"]
    assert [record for record, _ in result.reasons] == [2]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='ab",\n\r\t é', max_size=60))
def test_every_row_is_a_record_or_a_reject(tmp_path_factory, text):
    """Whatever follows the header, nothing raises, and record numbers have no gaps."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"text\n" + text.encode())
    result = read_all(path)
    numbers = sorted(result.column("_record") + [r.record for r in result.rejects])

    assert numbers == list(range(1, len(numbers) + 1))
