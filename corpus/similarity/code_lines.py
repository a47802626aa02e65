"""Lines of code and tables in Markdown: they are parts of a whole and are not compared one by one.

Pages of one site share many such lines: the fence of a language, `return None`, the header of a
table. Without one of them, code does not run, and what is behind a lost fence is read as code.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SIGNS = r"(?m)^[> \d.-]*```|^[> \d.-]*\| --- \|"
"""What a text with such lines has."""
_FENCE = re.compile(r"[> ]*(?:(?:-|\d{1,9}\.) )*(`{3,})([^`]*)$")
_HEADER_LINE = re.compile(r"[> ]*\|(?: --- \|)+$")
_ROW = re.compile(r"[> ]*(?:(?:-|\d{1,9}\.) )*\|.*\|$")


def code_line_starts(text: str) -> set[int]:
    """Return where the lines of code and tables of a text begin, in characters, fences included.

    A fence that is never closed is an ordinary line, and so is what is behind it.
    """
    found: set[int] = set()
    inside: list[int] = []
    fence, begin, before = "", 0, -1
    in_table = False
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence:
            inside.append(begin)
            if match and len(match[1]) >= len(fence) and not match[2].strip():
                found.update(inside)
                fence = ""
        elif match:
            fence, inside = match[1], [begin]
        elif _HEADER_LINE.match(line):
            in_table = True
            found.update({begin, before} - {-1})
        elif in_table and _ROW.match(line):
            found.add(begin)
        if not fence:
            in_table = in_table and _ROW.match(line) is not None
            before = begin if _ROW.match(line) else -1
        begin += len(line) + 1
    return found


def without_code_lines(texts: pa.Array, lines: pa.ListArray, others: pa.Array) -> list[pa.Array]:
    """Return the lines of each text without those of code and tables, which count as others.

    `lines` has the lines of each text to compare, with the field `begin`; `others` is the number of
    the lines that are not compared.
    """
    rows = pc.indices_nonzero(pc.equal(pc.match_substring_regex(texts, SIGNS), True))
    if not len(rows):
        return [lines, others]
    offsets = lines.offsets.to_numpy().astype(np.int64)
    begins = lines.values.field("begin").to_numpy()
    compared = np.ones(len(begins), np.bool_)
    for row in rows.to_pylist():
        own = slice(offsets[row], offsets[row + 1])
        starts = np.array(sorted(code_line_starts(texts[row].as_py())), np.int64)
        compared[own] = ~np.isin(begins[own], starts)
    n_compared = np.concatenate([[0], np.cumsum(compared)])[offsets]
    n_left_out = np.diff(offsets) - np.diff(n_compared)
    kept = lines.values.filter(pa.array(compared))
    return [
        pa.ListArray.from_arrays(pa.array(n_compared.astype(np.int32)), kept),
        pc.add(others, pa.array(n_left_out, others.type)),
    ]
