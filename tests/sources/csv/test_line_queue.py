"""CSV: reading after a failed row takes linear work and gives the rows of reading again."""

from __future__ import annotations

import csv

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.sources.csv import line_queue
from corpus.sources.csv.line_queue import Dialect, LineQueue, python_reader
from corpus.sources.csv.reader import read_rows
from corpus.sources.files.streams import Stream
from corpus.sources.lines import split_into_blocks
from tests.sources.conftest import read_all

HOSTILE = {
    "every line opens a quote again": ('x","""\n', Dialect()),
    "no quote is closed": ('x,"a\n', Dialect()),
    "every quote is followed by text": ('x,"a\ny" b,"c\n', Dialect()),
    "spaces before quotes": ('x, """\n', Dialect(skip_spaces=True)),
    "lone carriage returns": ('x","""\r', Dialect(cr_ends_rows=True)),
    "escaped quotes": ('x,"\\"\n', Dialect(escape="\\")),
    "every line end is escaped": ("x\\\n", Dialect(escape="\\")),
    "every line end is escaped, in a quote": ('x,"a\\\n', Dialect(escape="\\")),
}


def queue_of(data: bytes, dialect: Dialect, *, limit: int, block: int = 1000) -> LineQueue:
    """Return the lines of some data."""
    stream = Stream("")
    blocks = split_into_blocks(
        iter((data,)), stream, size=block, limit=limit, cr_ends_lines=dialect.cr_ends_rows
    )
    return LineQueue(blocks, limit, stream, dialect)


def count_lines_given_to_python(monkeypatch, data: bytes, dialect: Dialect, limit: int) -> int:
    """Return how many lines Python's reader gets until all rows are read."""
    count = 0

    def counted(lines, dialect):
        def each():
            nonlocal count
            for line in lines:
                count += 1
                yield line

        return python_reader(each(), dialect)

    monkeypatch.setattr(line_queue, "python_reader", counted)
    monkeypatch.setattr("corpus.sources.csv.reader.python_reader", counted)
    for _ in read_rows(queue_of(data, dialect, limit=limit)):
        pass
    return count


@pytest.mark.parametrize("limit", [400, 1 << 20])
@pytest.mark.parametrize(("line", "dialect"), HOSTILE.values(), ids=HOSTILE)
def test_each_line_is_read_at_most_a_few_times(line, dialect, limit, monkeypatch):
    """Rows that fail cost linear work, whether they are too long or reach the end of the file."""
    n = 2000
    count = count_lines_given_to_python(monkeypatch, line.encode() * n, dialect, limit)

    assert count <= 4 * n * line.count("\n") + 4 * n


def rows_read_again(data: str, dialect: Dialect, limit: int) -> list[tuple[str, list[str] | None]]:
    """Return the lines and fields of each row, None for a failed row: the rule in plain Python."""
    lines, at = data.splitlines(keepends=True), 0
    rows: list[tuple[str, list[str] | None]] = []
    while at < len(lines):
        taken: list[str] = []
        fields: list[str] | None = None
        try:
            for line in lines[at:]:
                taken.append(line)
                if sum(map(len, taken)) > limit:
                    break
                try:
                    fields = next(python_reader(taken, dialect))
                    break
                except csv.Error as error:
                    if str(error) != "unexpected end of data":
                        raise
        except csv.Error:
            pass
        used = taken if fields is not None else taken[:1]
        if fields is None:
            rows.append(("", None))
        elif fields and not (len(fields) == 1 and used[0].isspace()):
            rows.append(("".join(used), fields))
        at += len(used)
    return rows


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='a",\n', max_size=60), st.sampled_from([8, 20, 1000]))
@example('a,"b\n"c\n"d",e\n"f\n"', 20)
def test_the_rows_are_those_of_reading_all_lines_again(text, limit):
    """What is known about the lines of a failed row changes no row."""
    rows = list(read_rows(queue_of(text.encode(), Dialect(), limit=limit, block=16)))

    assert [("", None) if row.error else ("".join(row.lines), row.fields) for row in rows] == (
        rows_read_again(text, Dialect(), limit)
    )


def test_a_failed_row_has_no_half_of_a_line_with_an_escaped_end(put):
    """A line that continues after an escaped line end is lost as a whole, never half a record."""
    path = put("a.csv", 'id,text\na,"one\nb,"two \\"\\\nand, more\nc,"three \\" four"\n')
    result = read_all(path, escape="\\")

    assert result.column("id") == ["c"]
    assert [record for record, _ in result.reasons] == [1, 2]
