"""Lines read by columns: documents, rejects and notes are those of lines read one by one."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.sources import Chunk, Source, find_files, read, split_into_chunks
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.surplus import OTHER_FIELD
from corpus.sources.json import line_columns, line_fields, lines
from corpus.sources.notes import add_notes, notes_of
from tests.sources.conftest import jsonl, records

CHARACTERS = 'ab" \\/\n\r\t\0\x1f\x7fuéß漢🙂\u2028\ud800'
TEXTS = st.text(alphabet=CHARACTERS.replace("\ud800", ""), max_size=70) | st.sampled_from(
    [
        "",
        "NaN",
        "2023-05-22",
        "05/06/2023",
        "27/03/2019",
        "x" * 63,
        "x" * 64 + '"',
        "12345678901234567890",
    ]
)
NUMBERS = (
    st.integers()
    | st.integers(-(2**64), 2**64)
    | st.floats()
    | st.sampled_from([2**63 - 1, 2**63, -(2**63), 2**64, 1555324200, 1e308, -0.0])
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "id",
        "text",
        "title",
        "author",
        "date",
        "url",
        "n",
        "x.y",
        "",
        "text_source",
        "q\\",
        "é",
        "source",
    ]
)
ROWS = st.fixed_dictionaries({}, optional={"id": SCALARS, "text": TEXTS, "n": SCALARS}).flatmap(
    lambda row: st.dictionaries(NAMES, NESTED, max_size=5).map(lambda more: row | more)
)
PLAIN_ROWS = st.fixed_dictionaries(
    {"id": TEXTS, "text": TEXTS},
    optional={
        "title": TEXTS | st.none(),
        "date": TEXTS,
        "n": st.integers(-9, 9),
        "tags": st.lists(TEXTS),
    },
)


ODD_LINES = [
    b"",
    b" \t",
    b"\x0b",
    b"{}",
    b"[]",
    b"null",
    b'"text"',
    b"\xef\xbb\xbf" + b'{"text": "after a mark"}',
    b'{"text": "a", "text": "b"}',
    b'{"n": 1, "n": 2, "text": "c"}',
    b'{"te\\u0078t": "d"}',
    b'{"text": "e",}',
    b'{"text": "f"} {"text": "g"}',
    b'{"text": "h"}}',
    b'{"text": "i"',
    b'{"text": "\xff"}',
    b'{"\xff": 1, "text": "j"}',
    b'{"text": "\xed\xa0\x80"}',
    b'{"text": "\xc0\xaf"}',
    b'{"text": "\xf4\x90\x80\x80"}',
    b'{"text": "\\ud83d\\ude42 \\u00e9 \\u0000 \\/ \\b\\f"}',
    b'{"text": "\\ud83d"}',
    b'{"text": "\\ude42\\ud83d"}',
    b'{"text": "\\ud83dx\\ude42"}',
    b'{"text": "\\ude42"}',
    b'{"text": "\\ud83d\\u0041"}',
    b'{"text": "\\ud83d\\ud83d"}',
    b'{"text": "k\tn"}',
    b'{"text": "d", "\\u006e": 1}',
    b'{"text": "\\x"}',
    b'{"text": "\\u12g4"}',
    b'{"text": "k", "n": 01}',
    b'{"text": "k", "n": 1.}',
    b'{"text": "k", "n": +1}',
    b'{"text": "k", "n": NaN}',
    b'{"text": "k", "n": -Infinity}',
    b'{"text": "k", "n": 1e400}',
    b'{"text": "k", "n": 1E+2}',
    b'{"text": "k", "n": nul}',
    b'{"text": "k", "n": nulls}',
    b'{"text": "k", "n": True}',
    b'{"text": "k", "n": 1 2}',
    b'{"text": "k", "n": [1, 2}',
    b'{"text": "k", "n": {"a": [}]}',
    b'{"text": "k", "n": {"a": 1, "a": 2}}',
    b'{"text": "k", "n": [1 2]}',
    b'{"text": "k", "n": [1],[2]}',
    b'{"text": "k", "n": {"a": "\xff"}}',
    b'{"text": "k", "n": ["\\ud800"]}',
    b'{"text": "k", "n": 123456789012345678901234}',
    b'{"text": "k", "n": [123456789012345678901234]}',
    b'{"text": "k" "n": 1}',
    b'{"text": "k", "n" 1}',
    b'{"text": "k", n: 1}',
    b"{'text': 'k'}",
    b'{"text": "k\tl"}',
    b' { "text" :\t"m" , "n" : [ ] } ',
    b'{"text": "n"}\r',
    b'\x18["a"]',
    b'{"text":"' + b"[" * 200 + b'"}',
    b'{"text": "o", "n": ' + b"[" * 70 + b"]" * 70 + b"}",
    b'{"text": "o", "n": ' + b"[" * 2000 + b"]" * 2000 + b"}",
]
"""Lines that are invalid, or valid in an unusual way."""


@st.composite
def changed_lines(draw):
    """Return an odd line, mostly with a few bytes of it replaced."""
    line = draw(st.sampled_from(ODD_LINES))
    if line and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(line) - 1))
        line = line[:at] + draw(st.binary(max_size=2)).replace(b"\n", b"") + line[at + 1 :]
    return line


@st.composite
def dumped_lines(draw, rows):
    """Return an object as a line of JSON, with or without escapes and spaces."""
    separators = draw(st.sampled_from([None, (",", ":")]))
    ascii_only = draw(st.booleans())
    text = json.dumps(draw(rows), ensure_ascii=ascii_only, separators=separators)
    return text.encode(errors="surrogatepass")


LINES = dumped_lines(ROWS) | dumped_lines(PLAIN_ROWS) | dumped_lines(PLAIN_ROWS) | changed_lines()
FILES = st.tuples(
    st.lists(LINES, max_size=12) | st.lists(dumped_lines(PLAIN_ROWS), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
).map(lambda drawn: drawn[1].join(drawn[0]) + drawn[1] * drawn[2])
SOURCES = st.sampled_from(
    [
        {},
        {"columns": {"text": "n", "title": "id"}},
        {"columns": {"heading": "title", "id": "n"}, "constants": {"author": "X", "k": 3}},
        {"extra_columns": ["n"], "date_format": "%d/%m/%Y"},
        {"record_limit": 60},
        {"extra_columns": []},
        {"extra_columns": ["x.y"]},
    ]
)


def read_file(data, by_columns, **options):
    """Return documents, joined types, rejects and notes of the lines of a file."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.jsonl")
        path.write_bytes(data)
        patch.setattr(lines, "LOAD_BYTES", 0 if by_columns else 1 << 60)
        patch.setattr(lines, "COMPILE_BYTES", 0)
        patch.setattr(lines, "FEW_LINES", 0)
        patch.setattr(line_fields, "BATCH_ROWS", 5)
        for name, value in (("MIN_REGULAR", 2), ("FIRST_IRREGULAR", 1)):
            patch.setattr(line_columns, name, value)
        source = Source(path=str(path), **options)
        (file,) = find_files(source, Path("/")).files
        batches, rejects, notes = [], [], {}
        for batch in read(Chunk((file,), 0, len(data)), source):  # a part, so it is lines
            add_notes(notes, notes_of(batch.documents))
            batches.append(batch.documents.replace_schema_metadata(None))
            batches[-1].validate(full=True)
            rejects += batch.rejects
    schema = extra_columns.join_types([batch.schema for batch in batches])
    if any(OTHER_FIELD in batch.schema for batch in batches):
        schema = schema.append(OTHER_FIELD)
    rows = [row for batch in batches for row in extra_columns.conform(batch, schema).to_pylist()]
    return repr(rows), schema, rejects, notes


@given(FILES, SOURCES)
@settings(max_examples=400)
@example(b'{"text": "a", "n": 1.5}\n{"text": "12345678901234567890", "n": 2.5}\n', {})
@example(b'{"text": "a"}\n' * 6 + b'{"text": "a", "n": NaN}\n' + b'{"text": "a"}\n' * 6, {})
@example(b'{"text": null}\n{"text": "", "title": ""}\n{"id": ""}', {})
def test_lines_read_by_columns_are_those_read_one_by_one(data, options):
    """Whatever the lines are: documents, types, hashes, numbers, rejects and notes are equal."""
    assert read_file(data, by_columns=True, **options) == read_file(
        data, by_columns=False, **options
    )


@pytest.mark.parametrize("line", ODD_LINES)
def test_an_odd_line_has_the_meaning_that_it_has_alone(line):
    """Between regular lines, an odd one is the document or the reject that orjson makes of it."""
    regular = b'{"text": "a", "n": [1]}\n'
    data = regular * 3 + line + b"\n" + regular * 4
    assert read_file(data, by_columns=True) == read_file(data, by_columns=False)


@pytest.mark.parametrize("line", ODD_LINES)
@pytest.mark.parametrize("kept", [[], ["x.y"]])
def test_a_column_that_is_left_out_is_judged_all_the_same(line, kept):
    """A line with a broken value is a reject, also if nobody asks for the value."""
    regular = b'{"text": "a", "n": [1]}\n'
    data = regular * 3 + line + b"\n" + regular * 4
    by_columns = read_file(data, by_columns=True, extra_columns=kept)
    assert by_columns == read_file(data, by_columns=False, extra_columns=kept)


@given(changed_lines())
@settings(max_examples=300)
def test_a_damaged_line_has_the_meaning_that_it_has_alone(line):
    """So is a line with any bytes in it."""
    data = b'{"text": "a"}\n{"text": "b", "n": 1}\n' + line
    assert read_file(data, by_columns=True) == read_file(data, by_columns=False)


def test_regular_lines_are_read_by_columns(monkeypatch, put):
    """Neither a line that is not regular, nor another name, ends the reading by columns."""
    rows = records(0, 3000)
    rows[1500] |= {"n": float("nan")}
    rows[2000] |= {"another name": 1}
    path = put("a.jsonl", jsonl(rows))
    monkeypatch.setattr(lines, "LOAD_BYTES", 0)
    monkeypatch.setattr(lines, "COMPILE_BYTES", 0)
    monkeypatch.setattr(lines, "FEW_LINES", 0)
    parsed = []
    parse_lines = lines._parse_lines
    monkeypatch.setattr(
        lines,
        "_parse_lines",
        lambda records, *rest: parsed.append(len(records)) or parse_lines(records, *rest),
    )
    source = Source(path=str(path))
    (chunk,) = split_into_chunks(find_files(source, Path("/")).files, source)
    assert sum(batch.documents.num_rows for batch in read(chunk, source)) == 3000
    assert 0 < sum(parsed) < 1100


def test_many_names_are_read_line_by_line(put, monkeypatch):
    """Values as names do not make columns without end."""
    monkeypatch.setattr(line_fields, "MAX_NAMES", 40)
    rows = [{"text": "a", f"user {i}": i} for i in range(60)]
    data = jsonl(rows)
    assert read_file(data, by_columns=True) == read_file(data, by_columns=False)
