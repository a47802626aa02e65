"""Kernel that splits a text into tokens: words with their case, and marks.

The definition is `corpus.classifier.definition.tokens`. Case and punctuation tell lists of links
from sentences, so they are worth much more to a classifier than to a search for duplicates.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.classifier.definition import BLANKS
from corpus.words.characters import ALONE, CODE_POINTS, SEPARATOR, runs, utf8
from corpus.words.folding import FoldingInput, decode
from corpus.words.simd import BLOCK, fill_spaces64, read_only, store8

# isort: split
from numba import int64

from corpus.kernels import njit

_LENGTH_SHIFT, _SPACE = np.uint64(56), np.uint64(ord(" "))


@cache
def token_table() -> NDArray[np.uint64]:
    """Return what each code point becomes: uint64[0x110000], as in `folding_table`.

    A character of a word stays as it is, one that is a word of its own, or a mark, stands between
    spaces, and a blank becomes a space.
    """
    table_runs = runs()
    kind = np.repeat(table_runs.kind, np.diff(table_runs.first, append=CODE_POINTS))
    is_blank = np.zeros(CODE_POINTS, np.bool_)
    for first, last in BLANKS:
        is_blank[first : last + 1] = True
    is_blank &= kind == SEPARATOR
    size, packed = utf8(np.arange(CODE_POINTS, dtype=np.uint64))
    spaced = _SPACE | packed << np.uint64(8) | _SPACE << np.uint64(8) * (size + np.uint64(1))
    alone = (kind == ALONE) | (kind == SEPARATOR)
    length = np.where(alone, size + np.uint64(2), size)
    table = np.where(alone, spaced, packed) | length << _LENGTH_SHIFT
    table[is_blank] = _SPACE | np.uint64(1) << _LENGTH_SHIFT
    table.flags.writeable = False
    return table


def token_input(column: pa.Array | pa.ChunkedArray) -> FoldingInput:
    """Return the input that `write_tokens` reads a column of texts from; a null is an empty text.

    A mark of one byte becomes three, and 64 spaces follow each text.
    """
    data, offsets = texts(column)
    longest = int(np.diff(offsets).max(initial=0))
    written = np.empty(3 * longest + 2 * BLOCK, np.uint8)
    return FoldingInput(read_only(data), read_only(offsets), token_table(), written)


@njit
def write_tokens(source: FoldingInput, k: int) -> int:
    """Write the tokens of text `k`, between spaces, to `source.folded`, with 64 spaces after them.

    Return where those begin. `source.table` is a `token_table`. One character per step.
    """
    data, out, table = source.data, source.folded, source.table
    i, end, o = source.offsets[k], source.offsets[k + 1], 0
    while i < end:
        code, size = int64(data[i]), 1
        if code >= 0x80:
            code, size = decode(data, i, end)
        token = table[code]
        store8(out, o, token)
        o += int64(token >> _LENGTH_SHIFT)
        i += size
    fill_spaces64(out, o)
    return o
