"""CSV: what a row is, and that one bad row costs no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources import csv_reader

from .conftest import read_all

GOOD = "id,text,n\n" + "".join(f"d{i},text {i},00{i}\n" for i in range(5))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('d9,"not closed,3\n', "no CSV: "),
        ('d9,"closed" and more,3\n', "no CSV: "),
        ("d9,too,few,or,many\n", "5 fields, where the header has 3"),
        ("d9\n", "1 fields, where the header has 3"),
    ],
)
def test_a_bad_row_costs_itself_alone(row, reason, put):
    """A stray quote, text behind a quote, a missing field: one reject, and reading goes on."""
    lines = GOOD.splitlines(keepends=True)
    found = read_all(put("a.csv", "".join([*lines[:3], row, *lines[3:]])))

    assert found.column("id") == ["d0", "d1", "d2", "d3", "d4"]
    assert found.column("_record") == [1, 2, 4, 5, 6]
    ((record, said),) = found.reasons
    assert record == 3
    assert said.startswith(reason)


def test_fields_hold_what_quotes_hold(put):
    """Commas, doubled quotes and line ends inside quotes belong to the field; values stay texts."""
    found = read_all(put("a.csv", 'text,n\r\n"a, ""b""\r\nc",007\r\n\r\nd,\r\n'))

    assert found.texts == ['a, "b"\r\nc', "d"]
    assert found.column("n") == ["007", ""]
    assert found.column("_record") == [1, 2]


def test_tabs_and_other_delimiters(put):
    """A .tsv has tabs; another delimiter, or none but the line end, can be set."""
    assert read_all(put("a.tsv", "id\ttext\na\tb, c\n")).texts == ["b, c"]
    assert read_all(put("a.csv", "id;text\na;b, c\n"), delimiter=";").texts == ["b, c"]
    assert read_all(put("b.tsv", 'id\ttext\na\t"b\nc\td\n'), quote=None).texts == ['"b', "d"]


def test_a_header_without_text_is_told_with_a_hint(put):
    """A file without the column is one reject by its bytes that says what the header has."""
    found = read_all(put("a.csv", "id;text\na;b\n"))

    assert found.reasons == [
        (None, "no column 'text'; the header has 'id;text'; is `delimiter` another?")
    ]
    assert found.rejects[0].bytes == 12


def test_names_that_come_twice_are_told_apart(put):
    """The second of two columns with one name gets a number."""
    (row,) = read_all(put("a.csv", " text ,n,n\nx,1,2\n")).documents

    assert (row["n"], row["n_2"]) == ("1", "2")


def test_bytes_that_are_no_utf8_are_named(put):
    """A row in another encoding is a reject with the byte; with `encoding` it is read."""
    data = "text\ngut\ncafé\nfein\n".encode("latin-1")
    found = read_all(put("a.csv", data))

    assert found.texts == ["gut", "fein"]
    assert found.reasons[0][0] == 2
    assert "(0xe9) is no UTF-8" in found.reasons[0][1]
    assert read_all(put("b.csv", data), encoding="latin-1").texts == ["gut", "café", "fein"]
    assert read_all(put("c.csv", "text\nä\n".encode("utf-16"))).texts == ["ä"]


def test_a_quote_that_swallows_too_much_is_let_go(put, monkeypatch):
    """A quote that never closes costs its own row, though the file goes on for long."""
    monkeypatch.setattr(csv_reader, "LARGEST", 2000)
    lines = "".join(f"d{i},text {i}\n" for i in range(500))
    found = read_all(put("a.csv", f'id,text\nx,"open\n{lines}'))

    assert len(found.documents) == 500
    assert found.reasons == [(1, "no CSV: longer than 2,000 characters; is a quote not closed?")]


def test_a_line_over_the_limit_is_a_reject(put):
    """A row larger than the limit is a reject, and the others are read."""
    found = read_all(put("a.csv", f"text\na\n{'b' * 5000}\nc\n"), record_limit=1000)

    assert found.texts == ["a", "c"]
    assert [record for record, _ in found.reasons] == [2]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='ab",\n\r\t é', max_size=60))
def test_every_line_is_a_record_a_reject_or_blank(tmp_path_factory, text):
    """Whatever stands below the header, nothing raises, and numbers rise without a gap."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"text\n" + text.encode())
    found = read_all(path)
    numbers = sorted(found.column("_record") + [r.record for r in found.rejects])

    assert numbers == list(range(1, len(numbers) + 1))
