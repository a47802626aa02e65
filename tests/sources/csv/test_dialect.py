"""CSV as people have it: what is detected from the first rows, and what is reported about it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources import Source, find_files, read, split_into_chunks
from corpus.sources.csv import rows as csv_rows
from corpus.sources.csv.file import describe_dialect
from corpus.sources.notes import FileNotes, add_notes, notes_of
from tests.sources.conftest import read_all, read_chunks

QUOTED = 'The guide said "mind the step", then waited.'


def files_of(path: Path, source: Source):
    """Return the files of a source."""
    return find_files(source, path.parent).files


def described(path: Path, **settings) -> str:
    """Return how a file is read."""
    source = Source(path=str(path), **settings)
    return describe_dialect(files_of(path, source)[0], source)


def notes(path: Path, **settings) -> FileNotes:
    """Return the notes on a file."""
    source = Source(path=str(path), **settings)
    total: dict[str, FileNotes] = {}
    for chunk in split_into_chunks(files_of(path, source), source):
        for batch in read(chunk, source):
            add_notes(total, notes_of(batch.documents))
    return total.get(path.name, FileNotes())


def small_chunks(monkeypatch) -> None:
    """Split every file into chunks of a few rows."""
    monkeypatch.setattr(csv_rows, "CHUNK_BYTES", 80)
    monkeypatch.setattr(csv_rows, "SMALL_COMPRESSED_BYTES", 50)


BACKSLASH = "id,text\n" + "".join(
    f'{i},"The guide said \\"mind the step {i}\\", then waited."\n' for i in range(30)
)
DOUBLED = "id;title;text\n" + "".join(f'{i};"A ""b"", c";"d; e\nf {i}"\n' for i in range(30))
SPACED = "id, title, text\n" + "".join(f'{i}, "A, b", "c ""d"", {i}"\n' for i in range(30))
CR = "id,text\r" + "".join(f'{i},"A text, {i}"\r' for i in range(30))
MIXED = "id,text\r\n" + "".join(
    f"{i},A mill {i} turns{end}" for i, end in enumerate(["\r", "\n", "\r\n"] * 10)
)
SEP = "sep=;\r\n" + "".join(
    f"{row}\r\n" for row in ["id;text", *(f"{i};a, b {i}" for i in range(30))]
)
SHAPES = {
    "backslash": (
        BACKSLASH,
        'The guide said "mind the step 7", then waited.',
        "delimiter ',', quotes escaped with \\",
    ),
    "semicolon": (DOUBLED, "d; e\nf 7", "delimiter ';', quotes doubled"),
    "spaces": (
        SPACED,
        'c "d", 7',
        "delimiter ',', quotes doubled, spaces after delimiters skipped",
    ),
    "cr": (CR, "A text, 7", "delimiter ',', quotes doubled, rows end in CR"),
    "mixed": (MIXED, "A mill 7 turns", "delimiter ',', quotes doubled, rows end in CR"),
    "sep": (SEP, "a, b 7", "delimiter ';', quotes doubled"),
    "pipe": (DOUBLED.replace(";", "|"), "d| e\nf 7", "delimiter '|', quotes doubled"),
    "tab": (DOUBLED.replace(";", "\t"), "d\t e\nf 7", "delimiter tab, quotes doubled"),
    "hive": (
        "".join(f"{i}\x01Texts, {i}\n" for i in ["text", *range(30)])
        .replace("text\x01", "id\x01")
        .replace("Texts, text", "text"),
        "Texts, 7",
        "delimiter '\\x01', quotes doubled",
    ),
    "backslash semicolon cr": (
        BACKSLASH.replace("0,", "0;")
        .replace(',"The', ';"The')
        .replace("id,", "id;")
        .replace("\n", "\r"),
        'The guide said "mind the step 7", then waited.',
        "delimiter ';', quotes escaped with \\, rows end in CR",
    ),
}


@pytest.fixture(params=SHAPES)
def shape(request):
    """Return each dialect: the data, the eighth text, and its description."""
    return SHAPES[request.param]


@pytest.mark.parametrize(
    "encode", [str.encode, lambda s: s.encode("utf-8-sig"), lambda s: s.encode("utf-16")]
)
def test_a_dialect_is_detected(shape, encode, put):
    """Every row is read, and the dialect is described and noted."""
    data, text, how = shape
    path = put("a.csv", encode(data))
    result = read_all(path)

    assert result.rejects == []
    assert result.column("id") == list(map(str, range(30)))
    assert result.texts[7] == text
    names = "id, title, text" if "title" in data else "id, text"
    assert described(path) == f"{how}, header: {names}"
    assert notes(path).dialects == (how,)


def test_chunks_have_the_dialect_of_their_file(shape, put, monkeypatch):
    """Small chunks, compressed or not, give the documents of the whole file."""
    data, _, how = shape
    path = put("a.csv", data)
    packed = put("z/a.csv.gz", gzip.compress(data.encode(), mtime=0))
    whole = read_all(path)
    small_chunks(monkeypatch)
    source = Source(path=str(path))
    chunks = list(split_into_chunks(files_of(path, source), source))

    assert len(chunks) > 3
    assert read_chunks(chunks, source) == whole
    assert read_all(packed).texts == whole.texts
    assert notes(path).dialects == (how,)


@pytest.mark.parametrize("damage", ["cut", "bad byte", "stray quote", "unclosed quote"])
def test_damage_does_not_change_the_dialect(shape, damage, put):
    """A damaged row costs only itself."""
    data, text, how = shape
    bad = {
        "cut": data[:-4],
        "bad byte": data.replace("20", "2\udcff", 1),
        "stray quote": data.replace(" 20", ' 20" x', 1),
        "unclosed quote": data + '99","x',
    }[damage]
    path = put("a.csv", bad.encode(errors="surrogateescape"))
    result = read_all(path)

    assert described(path).startswith(how)
    assert result.texts[7] == text
    assert len(result.documents) >= 28
    assert len(result.rejects) <= 2


@pytest.mark.parametrize(
    "text", ["", "\n", "sep=;", "sep=;\n", '"', "\x00", "\r", "text", "text\n"]
)
def test_a_file_without_rows_is_reported_once(text, put):
    """An empty file is at most one reject, and can be described."""
    path = put("a.csv", text)
    result = read_all(path)

    assert result.documents == []
    assert len(result.rejects) == (0 if text.startswith("text") else 1)
    assert described(path)


def test_backslashes_before_other_characters_are_kept(put):
    """Only an escaped quote, delimiter, line end or backslash loses its backslash."""
    rows = ["1,C:\\new,\\N", '2,"a \\"b\\" \\\\ \\d",x', "3,one \\, two,y"]
    result = read_all(put("a.csv", "id,text,n\n" + "\n".join(rows)))

    assert result.texts == ["C:\\new", 'a "b" \\ \\d', "one , two"]
    assert result.column("n") == [None, "x", "y"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_field_of_backslash_and_n_is_null(put, delimiter):
    """MySQL, PostgreSQL and Hive write null as a field of its own, whether or not they escape."""
    rows = ["id,text,n", "1,a sentence,\\N", "2,\\N,x", "3,C:\\New,\\Nn"]
    result = read_all(put("a.csv", "\n".join(row.replace(",", delimiter) for row in rows)))

    assert result.texts == ["a sentence", None, "C:\\New"]
    assert result.column("n") == [None, "x", "\\Nn"]


def test_delimiters_without_quotes_may_be_escaped(put):
    """A backslash before a delimiter is an escape if only that fits the header."""
    result = read_all(put("a.csv", "id,text\n1,one\\, two\n2,three\\, four\n"))

    assert result.texts == ["one, two", "three, four"]


def test_quotes_between_tabs_may_be_ordinary(put, monkeypatch):
    """A file with tabs whose quotes do not enclose fields is read without quotes."""
    rows = ['1\t"Wait," he said.', '2\tHe said "no', '3\t"Open and\n4\tplain', '5\t"Yes" then']
    path = put("a.tsv", "id\ttext\n" + "\n".join(rows * 9))
    result = read_all(path)

    assert result.texts[:5] == [
        '"Wait," he said.',
        'He said "no',
        '"Open and',
        "plain",
        '"Yes" then',
    ]
    assert result.rejects == []
    assert described(path) == "delimiter tab, no quotes, header: id, text"
    small_chunks(monkeypatch)
    assert read_all(path) == result


def test_quoted_fields_between_tabs_stay_quoted(put):
    """One stray quote does not change how quoted fields are read."""
    rows = "".join(f'{i}\t"The ""old"" mill {i}"\n' for i in range(9))
    result = read_all(put("a.tsv", f'id\ttext\n{rows}9\t"open" and more\n'))

    assert result.texts == [f'The "old" mill {i}' for i in range(9)]
    assert [record for record, _ in result.reasons] == [10]


def test_a_wrong_sep_line_does_no_harm(put):
    """The delimiter of a `sep=` line is used unless another one fits clearly better."""
    assert read_all(put("a.csv", "sep=,\nid;text\n1;a\n")).texts == ["a"]
    assert read_all(put("b.csv", "sep=^\nid^text\n1^a, b\n")).texts == ["a, b"]
    assert read_all(put("c.csv", "sep=;\nid,text\n1,a;b\n"), delimiter=",").texts == ["a;b"]


@pytest.mark.parametrize(
    "name", [b"\xd2", b"\xff", b"\x80", b"\x00", b"\x01", b"\x7f", "§".encode(), "→".encode()]
)
def test_a_sep_line_that_names_no_delimiter_says_nothing(put, name):
    """A byte that is no ASCII character, or a control character, separates no fields."""
    result = read_all(put("a.csv", b"sep=" + name + b"\nid;text\n1;a\n2;b\n"))
    assert result.texts == ["a", "b"]


def test_a_line_of_spaces_is_not_a_row(put):
    """Lines of spaces are ignored, as blank lines are."""
    assert read_all(put("a.csv", "id,text\n1,a\n   \n\n2,b\n")).column("_record") == [1, 2]


def test_a_backslash_at_the_end_of_a_field_is_not_an_escape(put):
    """Doubled quotes are assumed as long as they fit: a path may end with a backslash."""
    result = read_all(put("a.csv", 'id,text\n1,"C:\\mill\\"\n2,"say ""no\\"""\n'))

    assert result.texts == ["C:\\mill\\", 'say "no\\"']


def test_the_escape_character_can_be_set(put):
    """`escape` is used even if the first rows do not show it."""
    path = put("a.csv", 'id,text\n1,plain\n2,"a ^"b^""\n')

    assert read_all(path, escape="^").texts == ["plain", 'a "b"']
    (reason,) = [reason for _, reason in read_all(path).reasons]
    assert reason.startswith("invalid CSV: ")


def test_a_late_backslash_escape_is_a_reject_with_the_remedy(put, monkeypatch):
    """A row that the detected dialect does not fit is a reject that names the setting."""
    monkeypatch.setattr("corpus.sources.csv.file.DETECTION_BYTES", 30)
    path = put("a.csv", "id,text\n" + "1,plain\n" * 9 + '2,"a \\"b\\" c"\n')

    assert "set `escape`" in read_all(path).reasons[0][1]
    assert read_all(path, escape="\\").rejects == []


def test_short_rows_are_filled_and_counted(put):
    """A row with fewer fields than the header has nulls in the others, and is counted."""
    path = put("a.csv", "id,text,author,n\n1,a,b,c\n2,d\n3,e,f\n4\n")
    result = read_all(path)

    assert result.rejects == []
    assert result.texts == ["a", "d", "e", None]
    assert result.column("n") == ["c", None, None, None]
    assert notes(path).short_rows == 3


def test_empty_fields_beyond_the_header_are_dropped(put):
    """Extra fields that are all empty are ignored; others make the row a reject."""
    result = read_all(put("a.csv", "id,text\n1,a,,\n2,b,,x\n3,c, \n"))

    assert result.texts == ["a", "c"]
    assert result.reasons == [(2, "the row has 4 fields, the header 2")]


def test_a_first_row_that_is_a_record_is_reported_with_the_remedy(put):
    """A file without a header is one reject; `header` names its columns."""
    path = put("a.csv", '1,The mill,"It turned, slowly."\n2,The weir,It held.\n')
    (reason,) = [reason for _, reason in read_all(path).reasons]
    result = read_all(path, header=["id", "title", "text"])

    assert "the first row looks like a record" in reason
    assert "header: [..., text, ...]" in reason
    assert notes(path).no_header == 1
    assert result.texts == ["It turned, slowly.", "It held."]
    assert result.column("_record") == [1, 2]
    assert described(path, header=["id", "title", "text"]).endswith(
        "names by the setting header: id, title, text"
    )


def test_a_header_equal_to_the_setting_is_not_a_record(put, monkeypatch):
    """Files with and without a header may be in one folder."""
    rows = "".join(f"{i};a{', b' * (i % 3)} {i}\n" for i in range(40))
    with_header = read_all(put("x/a.csv", "id;text\n" + rows), header=["id", "text"])
    path = put("y/a.csv", rows)
    without = read_all(path, header=["id", "text"])
    small_chunks(monkeypatch)

    assert with_header == without
    assert read_all(path, header=["id", "text"]) == without
    assert len(without.texts) == 40


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"header": ["id", "body"]}, "no column 'text' in it, only id, body"),
        ({"header": ["text", "text"]}, "two columns are called 'text'"),
        ({"header": ["text", ""]}, "column 2 has no name"),
        ({"delimiter": '"'}, "must be different characters"),
        ({"escape": '"'}, "must be different characters"),
        ({"escape": "\n"}, "a line end cannot"),
    ],
)
def test_csv_settings_must_make_sense(settings, message):
    """Settings that cannot work are mistakes of the config."""
    with pytest.raises(ValueError, match=message):
        Source(path="a.csv", **settings)


def test_the_index_of_pandas_is_an_unnamed_column(put):
    """Columns without a name are called as pandas calls them; empty ones are null."""
    result = read_all(put("a.csv", ",text,,\n0,a,,x\n1,b,,\n"))

    assert result.column("Unnamed: 0") == ["0", "1"]
    assert "Unnamed: 2" not in result.schema.names
    assert result.column("Unnamed: 3") == ["x", None]


@pytest.mark.parametrize("name", ["", "n"])
def test_a_header_may_have_any_number_of_columns(name, put):
    """Naming the columns takes linear time; a row that lacks most of them is a reject."""
    path = put("a.csv", f"text{f',{name}' * 100_000}\na\nb{',1' * 100_000}\n")
    result = read_all(path)

    assert result.texts == ["b"]
    assert result.reasons == [(1, "the row has 1 fields, the header 100001")]
    assert described(path).endswith("more")


def test_one_column_may_have_commas_without_quotes(put):
    """If commas give too many fields for the only column, a line is a text."""
    path = put("a.csv", "text\nOne, two.\nThree\nFour, five, six.\n")

    assert read_all(path).texts == ["One, two.", "Three", "Four, five, six."]
    assert described(path) == "one column, header: text"


def test_a_carriage_return_in_a_text_does_not_end_rows(put):
    """A lone CR within quotes belongs to the field; a stray one costs only its row."""
    rows = "".join(f'{i},"a\rb {i}"\n' for i in range(5))
    result = read_all(put("a.csv", "id,text\n" + rows + "9,stray\rend\n"))

    assert result.texts == [f"a\rb {i}" for i in range(5)]
    assert result.reasons == [(6, "invalid CSV: a carriage return within a field without quotes")]


def test_the_text_column_decides_between_delimiters(put):
    """A delimiter that gives the text column is preferred to one that is more frequent."""
    path = put("a.csv", "a;b;text\n1,2;3,4;5,6\n7,8;9,0;1,2\n")

    assert read_all(path).texts == ["5,6", "1,2"]


def test_the_layout_of_fake_and_true_csv(put):
    """Kaggle's Fake.csv and True.csv: dates in words, some with a space; some dates are URLs."""
    path = put(
        "Fake.csv",
        "title,text,subject,date\n"
        '"Mayor ""Forgets"" Her Own Bridge","The mayor said ""what bridge?"" and left.\n'
        'Nobody, it seems, had told her.",News,"December 31, 2017"\n'
        '" Otters Elected ","Two otters, one seat.",politics,"Dec 30, 2017"\n'
        "https://mill.example/watch?v=1,https://mill.example/watch?v=1,politics,"
        "https://mill.example/watch?v=1\n"
        'Ferry Late,The ferry was late again.,worldnews,"December 31, 2017 "\n'
        "Ferry Early,The ferry was early.,worldnews,19-Feb-18\n",
    )
    result = read_all(path)
    day = datetime(2017, 12, 31, tzinfo=UTC)

    assert result.rejects == []
    assert result.texts[0].endswith('"what bridge?" and left.\nNobody, it seems, had told her.')
    assert result.column("date") == [
        day,
        datetime(2017, 12, 30, tzinfo=UTC),
        None,
        day,
        datetime(2018, 2, 19, tzinfo=UTC),
    ]
    assert result.column("title")[0] == 'Mayor "Forgets" Her Own Bridge'
    assert notes(path).unparsed_examples == ("https://mill.example/watch?v=1",)


def test_a_huge_field_costs_only_its_row(put, monkeypatch):
    """A field over the limit is never kept in memory, whatever ends its row."""
    for end in ("\n", "\r"):
        data = end.join(["id,text", "1,a", "2," + "b" * 9_000, "3,c", ""])
        result = read_all(put("a.csv", data), record_limit=2_000)
        assert result.texts == ["a", "c"]
        assert [record for record, _ in result.reasons] == [2]
        small_chunks(monkeypatch)
        assert read_all(put("a.csv", data), record_limit=2_000) == result


def test_a_nul_byte_costs_nothing(put):
    """A NUL byte within a field does not end the file."""
    result = read_all(put("a.csv", "id,text\n1,a\x00b\n2,c\n"))

    assert len(result.documents) + len(result.rejects) == 2
    assert result.texts[-1] == "c"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(alphabet='ab",;|text\\\n\r\t \x01', max_size=80))
def test_any_dialect_gives_the_same_records_in_small_chunks(tmp_path_factory, text):
    """Whatever a file has, nothing raises, and chunks do not change what is read."""
    path = tmp_path_factory.getbasetemp() / "any_dialect.csv"
    path.write_bytes(text.encode())
    whole = read_all(path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        small_chunks(monkeypatch)
        parts = read_all(path)
    numbers = sorted(whole.column("_record") + [r.record for r in whole.rejects if r.record])

    assert (parts.documents, parts.rejects) == (whole.documents, whole.rejects)
    assert numbers == list(range(1, len(numbers) + 1))
    assert described(path)


def test_a_file_is_described_whatever_is_in_it(put):
    """A missing, an empty and a binary file are described by what is wrong with them."""
    path = put("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 9)
    source = Source(path=str(path))
    (file,) = files_of(path, source)

    assert "header" in describe_dialect(file, source)
    path.write_bytes(b"")
    assert describe_dialect(file, source) == "the file is empty"
    path.unlink()
    assert describe_dialect(file, source) == "the file does not exist"
