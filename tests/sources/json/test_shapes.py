"""JSON of any shape: what is recognised, what damage costs, and what an ambiguous file reports."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources import Source
from corpus.sources.json.scanner import Scanner
from corpus.sources.json.shapes import detect_shape
from corpus.sources.json.start import parse_start
from corpus.sources.json.tables import table_rows
from tests.sources.conftest import COMPRESSORS, jsonl, read_all, records
from tests.sources.test_contract import use_small_chunks

ROWS = [
    {**row, "tags": [{"name": "a"}, {"name": "b"}], "n": i} for i, row in enumerate(records(0, 60))
]
Texts = Sequence[str]


def compact(rows: Sequence[Any]) -> list[str]:
    """Return each row as JSON on one line."""
    return [json.dumps(row) for row in rows]


def pretty(rows: Sequence[Any]) -> list[str]:
    """Return each row as JSON on several lines."""
    return [json.dumps(row, indent=2) for row in rows]


LAYOUTS: dict[str, tuple[Callable[[Sequence[Any]], Texts], Callable[[Texts], str]]] = {
    "list": (compact, lambda rows: "[" + ", ".join(rows) + "]"),
    "list, one a line": (compact, lambda rows: "[\n" + ",\n".join(rows) + "\n]\n"),
    "list, pretty": (pretty, lambda rows: "[\n" + ",\n".join(rows) + "\n]"),
    "list, CR LF": (pretty, lambda rows: ("[\n" + ",\n".join(rows) + "\n]").replace("\n", "\r\n")),
    "lists": (compact, lambda rows: f"[{','.join(rows[:9])}]\n[{','.join(rows[9:])}]\n"),
    "wrapper": (compact, lambda rows: '{"count": 60, "data": [' + ",".join(rows) + "]}"),
    "wrapper, pretty": (
        pretty,
        lambda rows: '{\n  "meta": {"page": 1},\n  "data": [' + ",\n".join(rows) + '],\n "z": 1}\n',
    ),
    "wrapper in a wrapper": (
        compact,
        lambda rows: '{"response": {"n": 1, "docs": [' + ",".join(rows) + ']}, "took": 3}',
    ),
    "a wrapper a line": (
        compact,
        lambda rows: "\n".join(
            f'{{"page": {i}, "items": [{",".join(rows[i : i + 20])}]}}' for i in (0, 20, 40)
        ),
    ),
    "objects, pretty": (pretty, "\n".join),
    "objects, pretty, with commas": (pretty, ",\n".join),
    "objects, side by side": (compact, "".join),
    "objects, with spaces": (compact, " ".join),
    "lines with commas": (compact, lambda rows: ",\n".join(rows) + ",\n"),
    "record separators": (compact, lambda rows: "".join(f"\x1e{row}\n" for row in rows)),
    "record separators, pretty": (pretty, lambda rows: "".join(f"\x1e{row}\n" for row in rows)),
}


@pytest.fixture(params=LAYOUTS)
def layout(request):
    """Return how each layout writes its rows, and how it joins them to a file."""
    return LAYOUTS[request.param]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson.gz"])
def test_every_layout_has_the_same_records(layout, suffix, put):
    """A layout gives the documents of JSON lines, with their record numbers, under any name."""
    write, join = layout
    data = join(write(ROWS)).encode()
    data = COMPRESSORS[".gz"](data) if suffix.endswith(".gz") else data
    result = read_all(put(f"a{suffix}", data))
    expected = read_all(put("lines.jsonl", jsonl(ROWS)))

    assert result.rejects == []
    assert result.schema == expected.schema
    for name in ("id", "text", "title", "tags", "n", "_record"):
        assert result.column(name) == expected.column(name)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_every_layout_may_have_another_encoding(layout, encoding, put):
    """A layout is recognised in another encoding, or behind a byte order mark."""
    write, join = layout
    data = join(write([{"text": "Größe"}, {"text": "Maß"}] * 9)).encode(encoding)
    options = {"encoding": encoding} if encoding == "latin-1" else {}

    assert read_all(put("a.json", data), **options).texts == ["Größe", "Maß"] * 9


DAMAGES: dict[str, Callable[[str], str]] = {
    "an open quote": lambda row: row.replace('No. 30."', "No. 30."),
    "a bad byte": lambda row: row.replace("No. 30.", "No. \udcff."),
    "no closing brace": lambda row: row[:-1],
    "no opening quote": lambda row: row.replace('"title"', 'title"'),
    "a number that is not JSON": lambda row: row.replace('"n": 30', '"n": 0x1e'),
    "a line end in a text": lambda row: row.replace("No. 30.", "No.\n30."),
    "an escape that is not JSON": lambda row: row.replace("No. 30.", r"No. \q30."),
    "a bracket too few": lambda row: row.replace('"b"\n    }\n  ]', '"b"}').replace(
        '"b"}]', '"b"}'
    ),
    "nested too deeply": lambda row: row.replace('"n": 30', f'"n": {"[" * 10**5}{"]" * 10**5}'),
    "a hole": lambda row: row[:40] + "\0" * 30 + row[70:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_costs_the_record_that_it_is_in(layout, damage, put, monkeypatch):
    """A damaged record is one reject with its number; all others are read, however it is split."""
    write, join = layout
    texts = list(write(ROWS))
    damaged = DAMAGES[damage](texts[30])
    assert damaged != texts[30]
    data = join([*texts[:30], damaged, *texts[31:]]).encode(errors="surrogateescape")
    path = put("a.json", data)
    whole = read_all(path)
    use_small_chunks(monkeypatch)

    assert [reject.record for reject in whole.rejects] == [31]
    assert whole.column("n") == [*range(30), *range(31, 60)]
    assert read_all(path) == whole


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{\n "id": "a",\n "text": "x"\n "n": 1\n}', "Expecting ',' delimiter at character 29"),
        ('{"id": "a", "text": "x\n y"}', "Invalid control character at character 23"),
        ('{"id": "a", "text": "x}', "Unterminated string starting at character 21"),
        ('{"id": "a", "text": "x', "Unterminated string starting at character 21"),
    ],
)
def test_damage_to_the_first_record_is_named(row, reason, put):
    """The reason for a reject names the damage and its place, also of the first record."""
    result = read_all(put("a.json", f'[{row}, {{"id": "b", "text": "y"}}]'))

    assert result.texts == ["y"]
    ((number, message),) = result.reasons
    assert number == 1
    assert message == f"invalid JSON: {reason}"


@pytest.mark.parametrize("n", [7, 30, 59])
def test_a_truncated_file_is_read_up_to_its_end(layout, n, put, monkeypatch):
    """The records before the end are read, and the truncated one is a reject.

    The missing end of a list is another: more records followed.
    """
    write, join = layout
    data = join(write(ROWS))
    path = put("a.json", data[: data.index(f"No. {n}.")])
    whole = read_all(path)
    use_small_chunks(monkeypatch)

    assert whole.column("n") == list(range(n))
    assert [reject.record for reject in whole.rejects] in ([n + 1], [n + 1, None])
    assert read_all(path) == whole


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_compressed_file_is_read_up_to_its_end(layout, share, put, monkeypatch):
    """The complete records before the end are read, and the missing end is one reject."""
    write, join = layout
    data = COMPRESSORS[".gz"](join(write(ROWS)).encode())
    path = put("a.json.gz", data[: int(len(data) * share)])
    whole = read_all(path)
    n = len(whole.documents)
    use_small_chunks(monkeypatch)

    assert n > 5
    assert whole.column("n") == list(range(n))
    assert [reject.record for reject in whole.rejects] == [None]
    assert read_all(path) == whole


@pytest.mark.parametrize(
    "end", ["", ",", ", ", ",\n  ", "\n"], ids=["record", "comma", "space", "line", "line end"]
)
def test_a_list_that_does_not_end_is_reported(end, put):
    """A list cut between two records is a reject of the file, although every record was read."""
    path = put("a.json", "[" + ", ".join(compact(ROWS)) + end)

    assert read_all(path).reasons == [
        (None, "the file ends before its brackets are closed, after record 60")
    ]


@pytest.mark.parametrize(
    "damage", ['"meta": {"a" 1]', '"meta": "open', '"meta": [{"a": 1]}', '"meta"', "meta: 1"]
)
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_damaged_wrapper_costs_no_other(damage, where, put, monkeypatch):
    """Damage outside of the records of a wrapper is one reject; the next wrapper is read."""
    pages = [f'{{"page": {n}, "data": {json.dumps(ROWS[n : n + 5])}}}' for n in range(0, 20, 5)]
    n = pages[2].index('"data"') if where == "before" else len(pages[2]) - 1
    pages[2] = f"{pages[2][:n]}{damage}, {pages[2][n:]}"
    path = put("a.json", "\n".join(pages))
    whole = read_all(path)
    use_small_chunks(monkeypatch)

    kept = [*range(10), *([] if where == "before" else range(10, 15)), *range(15, 20)]
    assert whole.column("n") == kept
    assert [reject.record for reject in whole.rejects] == [11 if where == "before" else 16]
    assert read_all(path) == whole


def test_a_wrapper_closed_too_early_costs_no_other(put):
    """What follows a closed wrapper on its line is one reject; the next wrapper is read."""
    page = json.dumps({"data": ROWS[:2]})
    result = read_all(put("a.json", f'{page}, "more": {page[9:]}\n{page}\n'))

    assert result.column("n") == [0, 1, 0, 1]
    assert [reject.record for reject in result.rejects] == [3]


@pytest.mark.parametrize("value", ["7", '"x"', "null", "[1]", '[{"text": "x"}]', "true"])
def test_an_element_that_is_no_object_is_a_reject(value, put):
    """An element of a list that is not an object is a reject with its number."""
    path = put("a.json", f'[{{"text": "a"}}, {value}, {{"text": "b"}}]')
    result = read_all(path)

    assert result.texts == ["a", "b"]
    ((number, reason),) = result.reasons
    assert number == 2
    assert reason.startswith("the record is ")


TABLE = {"id": ["a", "b"], "text": ["one", "two"]}


@pytest.mark.parametrize(
    "value",
    [
        {"id": {"0": "a", "1": "b"}, "text": {"0": "one", "1": "two"}},
        TABLE,
        {"columns": ["id", "text"], "index": [0, 1], "data": [["a", "one"], ["b", "two"]]},
        {"columns": ["id", "text"], "data": [["a", "one"], ["b", "two"]]},
        {"0": {"id": "a", "text": "one"}, "1": {"id": "b", "text": "two"}},
        {
            "schema": {"fields": [{"name": "id", "type": "string"}], "pandas_version": "1.4.0"},
            "data": [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}],
        },
    ],
    ids=["columns", "list", "split", "split without index", "index", "table"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_tables_of_pandas_are_records(value, indent, put):
    """Each orientation that pandas writes gives one document a row."""
    result = read_all(put("a.json", json.dumps(value, indent=indent)))

    assert result.rejects == []
    assert (result.column("id"), result.texts) == (["a", "b"], ["one", "two"])
    assert result.schema.names == []


def test_names_of_rows_are_kept(put):
    """A row's name that is not its position becomes the column `key`."""
    named = {"x": {"text": "one"}, "1": {"text": "two"}, "y": {"text": "three", "key": "own"}}

    assert read_all(put("a.json", json.dumps(named))).column("key") == ["x", None, "own"]


def test_a_short_row_of_a_table_is_a_reject(put):
    """A row without a value for each column is a reject with its number."""
    table = {"columns": ["id", "text"], "data": [["a", "one"], ["b"], ["c", "three"]]}
    result = read_all(put("a.json", json.dumps(table)))

    assert result.texts == ["one", "three"]
    assert result.reasons == [(2, "the record is a list, not an object")]


def test_columns_of_different_lengths_are_no_table(put):
    """Lists of different lengths are one reject: which values belong together is unknown."""
    path = put("a.json", json.dumps({"id": ["a"], "text": ["one", "two"]}))

    assert read_all(path).reasons == [(1, "'text' is a list, not a string")]


def test_a_table_over_the_limit_is_one_reject(put):
    """Columns can only be read whole, so a table over the limit is one reject."""
    path = put("a.json", json.dumps({"id": ["a"] * 999, "text": ["x"] * 999}))
    result = read_all(path, record_limit=1000)

    assert result.documents == []
    assert [record for record, _ in result.reasons] == [1]
    assert "record_limit" in result.reasons[0][1]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data", {"data": ROWS[:2]}),
        ("data.items", {"data": {"items": ROWS[:2], "text": "x"}, "text": "y"}),
        ("data.items", {"data.items": ROWS[:2]}),
        ("a.b.c.d.e", {"a": {"b": {"c": {"d": {"e": ROWS[:2]}}}}}),
        ("pages.items", {"pages": [{"items": ROWS[:1]}, {"items": [ROWS[1]]}]}),
        ("item", [{"item": ROWS[0]}, {"item": ROWS[1]}]),
        ("item", {"text": "x", "item": {k: [row[k] for row in ROWS[:2]] for k in ("text", "n")}}),
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_path_reaches_into_wrappers(path, value, indent, put):
    """`records` names the list of records, in nested objects and in each element of a list."""
    result = read_all(put("a.json", json.dumps(value, indent=indent)), records=path)

    assert result.rejects == []
    assert (result.texts, result.column("n")) == ([row["text"] for row in ROWS[:2]], [0, 1])


def test_a_path_reaches_into_each_line(put):
    """`records` applies to every object of a file; one without the list is one reject."""
    lines = [{"data": ROWS[:2]}, {"error": "x", "text": "no"}, {"data": None}, {"data": ROWS[2:3]}]
    result = read_all(put("a.jsonl", jsonl(lines)), records="data")

    assert result.column("n") == [0, 1, 2]
    assert result.reasons == [
        (3, "no 'data' in the object; it has 'error', 'text'"),
        (4, "no 'data' in the object; it has 'data'"),
    ]


TWO_LISTS = {"articles": ROWS[:2], "comments": ROWS[:2]}
NO_TEXT = {"v": 1, "data": [{"body": "x", "id": 1}, {"body": "y", "id": 2}]}
ONE_INSIDE = {"ok": True, "article": {"id": "a", "text": "x"}}
HITS = {"took": 1, "hits": {"hits": [{"_id": "a", "_source": {"text": "x"}}]}}
AMBIGUOUS: list[tuple[Any, str]] = [
    (TWO_LISTS, "records in 'articles' and 'comments'; .* such as `records: articles`"),
    (NO_TEXT, "no column 'text': .* 'v', 'data'; 'data' has objects with 'body', 'id'; .*"),
    (ONE_INSIDE, "no column 'text': .* 'ok', 'article.id', 'article.text'; .* `records: data`"),
    (HITS, ".* set `records: hits.hits` and `columns: {text: _source.text}`"),
    (["one", "two"], "the file is a list with a string, not of objects; .*"),
    ([["a", "x"], ["b", "y"]], "the file is a list with a list, not of objects; .*"),
]


@pytest.mark.parametrize(("value", "reason"), AMBIGUOUS)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_ambiguous_file_is_one_reject(value, reason, indent, put, monkeypatch):
    """A file whose records cannot be found is one reject of the file, with the way out."""
    path = put("a.json", json.dumps(value, indent=indent))
    whole = read_all(path)
    use_small_chunks(monkeypatch)

    ((number, message),) = whole.reasons
    assert number is None
    assert re.search(f"{reason}$", message)
    assert whole.rejects[0].bytes == path.stat().st_size
    assert read_all(path) == whole


def test_the_advice_for_an_ambiguous_file_is_right(put):
    """The setting that a message names reads the file."""
    two_lists = put("a.json", json.dumps(TWO_LISTS))
    no_text = put("b.json", json.dumps(NO_TEXT))

    assert read_all(two_lists, records="articles").column("n") == [0, 1]
    assert read_all(no_text, columns={"text": "body"}).texts == ["x", "y"]
    assert read_all(put("c.json", json.dumps(ONE_INSIDE)), records="article").texts == ["x"]
    hits, columns = put("d.json", json.dumps(HITS)), {"text": "_source.text"}
    assert read_all(hits, columns=columns).texts == ["x"]
    assert read_all(hits, columns=columns, records="hits.hits").texts == ["x"]


@pytest.mark.parametrize("data", ["[]", '{"data": []}', "[\n]\n", "[] []"])
def test_a_list_may_be_empty(data, put):
    """A list without records has neither documents nor rejects."""
    result = read_all(put("a.json", data), records="data" if "data" in data else None)

    assert (result.documents, result.rejects) == ([], [])


@pytest.mark.parametrize(
    "first",
    [
        b'{"text": "x", "comments": [{"text": "y"}]}',
        b'{"id": 1, "comments": [{"text": "y"}]}',
        b'{"id": 1, "text": "open',
        b'{"id": 1, "text": ',
        b'{"id": 1,',
        b'{"text": {"de": "x", "en": "y"}}',
        b'{"text": ["a", "b"]}',
        b'{"text": "x"}}',
        b'["a", {"text": "b"}',
        b"[1, 2]",
        b"{",
        b"",
    ],
)
def test_lines_stay_lines(first):
    """A file is JSON lines if lines behind an unusual or damaged first one are objects."""
    head = first + b'\n{"text": "one"}\n\n{"text": "two"}\n'

    assert detect_shape(head, Source(path="a"), at_end=True).is_lines


def test_a_record_over_the_limit_costs_no_other(layout, put, monkeypatch):
    """A record larger than the limit is one reject, and is skipped without being loaded."""
    write, join = layout
    rows = [{**row, "text": "x" * 50_000} if i == 30 else row for i, row in enumerate(ROWS)]
    path = put("a.json", join(write(rows)))
    whole = read_all(path, record_limit=10_000)
    use_small_chunks(monkeypatch)

    assert [reject.record for reject in whole.rejects] == [31]
    assert "record_limit" in whole.rejects[0].reason
    assert len(whole.documents) == 59
    assert read_all(path, record_limit=10_000) == whole


def test_memory_is_bounded_by_the_limit():
    """A scanner keeps at most a few pieces of a value that is larger than the limit."""
    pieces = (b'[{"a": "' if i == 0 else b"x" * 1000 for i in range(3000))
    scanner = Scanner(pieces, limit=10_000)
    scanner.peek()
    scanner.position += 1
    largest = max(len(piece) for piece in scanner.record())

    assert largest < 200_000
    assert scanner.ends_in_damage


@pytest.mark.parametrize(
    "piece",
    [
        b"[",
        b'{"a":',
        b'[{"a":',
        b'{"a":[1,',
        b'[{"a":"x",',
        b',{"a":[',
        b'"',
        b"}",
        b"\\",
        b'{"a":1}}',
    ],
)
def test_hostile_text_takes_bounded_work(piece, put):
    """Many repeated bytes are read in bounded time, as documents or rejects."""
    result = read_all(put("a.json", b'[{"a": "b"}, ' + piece * (300_000 // len(piece))))

    assert result.rejects


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=12,
    ).map(lambda value: {"v": value}),
    st.integers(1, 9),
    st.sampled_from([None, 1]),
)
def test_a_scanner_finds_the_end_of_any_value(value, size, indent):
    """A value is found whole, however the data is cut into pieces, and its start can be parsed."""
    data = json.dumps(value, indent=indent, ensure_ascii=False).encode(errors="replace")
    value = json.loads(data)
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    scanner = Scanner(pieces, limit=1 << 20)
    scanner.peek()

    assert json.loads(b"".join(scanner.record())) == value
    assert parse_start(data + b",") == (value, len(data))
    assert all(parse_start(data[:n])[1] is None for n in range(len(data)))


def test_any_text_of_a_table_survives():
    """The rows of a table have the values of its columns."""
    assert table_rows(TABLE, "text") == [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]
    assert table_rows({"text": "one"}, "text") is None
    assert table_rows({}, "text") is None


def test_every_line_is_counted_whatever_the_damaged_lines_are(tmp_path):
    """JSON lines with a record have as many documents and rejects as lines, in any order."""
    lines = ["[1]", "{", "null", "[]", '{"text": "mill"}', '{"text": "weir", "n": [{}]}']
    path = tmp_path / "a.jsonl"
    wrong = []
    for length in (1, 2, 3, 4):
        for chosen in itertools.product(
            lines if length < 4 else lines[:3] + lines[4:5], repeat=length
        ):
            if not any("text" in line for line in chosen):
                continue
            path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
            result = read_all(path)
            counts = len(result.documents), len(result.documents) + len(result.rejects)
            if counts != (sum("text" in line for line in chosen), length):
                wrong.append((chosen, counts))

    assert wrong == []


@pytest.mark.parametrize("shape", ["list", "wrapper", "pretty", "side by side"])
@pytest.mark.parametrize(
    "long",
    [
        {"id": "a", "text": "mill " * 1000},
        {"id": "a", "text": 'weir "x" {[\\' * 400},
        {"id": "a", "text": "x", "links": [{"id": "x", "n": i} for i in range(300)]},
    ],
)
def test_a_record_over_the_limit_ends_where_its_brackets_close(put, shape, long):
    """The record after it is read, even if its columns are others; its end is where it closes."""
    rows = [long, {"text": "the last"}]
    data = {
        "list": json.dumps(rows),
        "wrapper": json.dumps({"n": 2, "data": rows}),
        "pretty": "\n".join(json.dumps(row, indent=2) for row in rows),
        "side by side": "".join(map(json.dumps, rows)),
    }[shape]
    result = read_all(
        put("a.json", data), record_limit=2000, records="data" if shape == "wrapper" else None
    )

    assert result.texts == ["the last"]
    assert [record for record, _ in result.reasons] == [1]


@pytest.mark.parametrize("unit", ["\n", " \n", "}", "},"])
def test_many_line_ends_behind_damage_are_read_once(put, unit):
    """The next record is searched for in linear time: no line end is read to the last one."""
    data = '[{x"' + unit * 200_000 + 'x\n{"text": "b"}\n]'
    result = read_all(put("a.json", data))
    assert (result.texts, len(result.rejects) > 0) == (["b"], True)
