"""Lines of code and tables in Markdown are not compared with lines of other documents."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus.documents import TEXT
from corpus.similarity.code_lines import code_line_starts
from corpus.similarity.lines import Lines

CODE = "One\n```python\nx = 1\n\ny = 2\n```\nTwo"
TABLE = "One\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n| c |\nTwo"


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        (CODE, "One Two"),
        (TABLE, "One,| c |,Two".replace(",", " ")),
        ("a\n> ```\n> x\n> ```\nb", "a b"),
        ("- ```\n  x\n  ```\nb", "b"),
        ("````\n```\nx\n````\nb", "b"),
        ("a\n```\nnever closed\nb", "a ``` never closed b"),
        ("| x |\n| y |", "| x | | y |"),
        ("| --- |\nx", "x"),
        ("x ``` y", "x ``` y"),
        ("", ""),
    ],
)
def test_code_and_tables_are_left_out(text, compared):
    """Fences, what is between them, and the rows of tables are not lines to compare."""
    starts, begin, rest = code_line_starts(text), 0, []
    for line in text.split("\n"):
        rest += [] if begin in starts else [line]
        begin += len(line) + 1
    assert " ".join(filter(None, rest)) == compared


def test_the_other_lines_are_compared_as_before():
    """What is left out counts as a line that is not compared, so the document is not empty."""
    observed = Lines(words=1).columns(
        pa.record_batch({TEXT: pa.array([CODE, "x", None, "One\nTwo"])})
    )
    lines, others = observed["lines_1"].to_pylist(), observed["short_lines_1"].to_pylist()
    assert [[line["begin"] for line in own] for own in lines] == [
        [0, len(CODE) - 3],
        [0],
        [],
        [0, 4],
    ]
    assert others == [3, 0, 0, 0]
    assert [line["hash"] for line in lines[0]] == [line["hash"] for line in lines[3]]
