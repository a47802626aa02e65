"""Sort documents, and find those with equal content, with few bytes of memory for each.

Keys and content hashes have 16 bytes, and are read from mapped files. The first eight nearly always
decide. So only the documents that share them have their last eight read, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import halves as halves_of_array
from corpus.similarity.ranked_documents import halves_at

ROWS_AT_A_TIME = 1 << 20
Found = TypeVar("Found", bound=tuple[NDArray[Any], ...])
"""Arrays that belong together; the first has the positions of documents."""


class Copies(NamedTuple):
    """Documents with the content of an earlier one."""

    positions: NDArray[np.int64]
    """int64[n_copies], ascending."""

    firsts: NDArray[np.int64]
    """int64[n_copies]: the first position with this content."""


def sorted_rows(
    rows: NDArray[np.int64], values: NDArray[Any], columns: Sequence[pa.ChunkedArray]
) -> NDArray[np.int64]:
    """Return the rows sorted by their values (NaN last), then by these columns of 16 bytes.

    `values[k]` belongs to `rows[k]`. The columns have a value for every row number.
    """
    upper = upper_half(columns[0])[rows]
    order = np.lexsort((upper, values))
    rows = rows[order]  # one after the other, so that only one array is there twice
    values = values[order]
    upper = upper[order]
    del order
    is_tied = upper[1:] == upper[:-1]
    is_tied &= (values[1:] == values[:-1]) | (
        (values[1:] != values[1:]) & (values[:-1] != values[:-1])
    )
    if is_tied.any():
        members = np.flatnonzero(np.append(is_tied, False) | np.append(False, is_tied))
        run = np.cumsum(np.append(True, ~is_tied)[members])
        keys = [half for column in columns for half in halves_at(column, rows[members])]
        rows[members] = rows[members][np.lexsort((*reversed(keys), run))]
    return rows


def copies_of_earlier(
    column: pa.ChunkedArray, rows: NDArray[np.int64], scopes: NDArray[Any] | None = None
) -> Copies:
    """Return which of the rows have the content (16 bytes) of an earlier one in the same scope.

    `scopes[k]` belongs to `rows[k]`; without it, all rows are in one scope.
    """
    members = _with_shared_upper_half(upper_half(column)[rows])
    upper, lower = halves_at(column, rows[members])
    keys = (lower, upper) if scopes is None else (scopes[members], lower, upper)
    order = np.lexsort(keys)  # stable: of equal contents the first position comes first
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    positions = members[order]
    firsts = positions[is_first][np.cumsum(is_first) - 1]
    positions, firsts = positions[~is_first], firsts[~is_first]
    order = np.argsort(positions)
    return Copies(positions[order], firsts[order])


def merged_by_position(first: Found, second: Found) -> Found:
    """Return the arrays of both in one, sorted by position."""
    order = np.argsort(np.concatenate([first[0], second[0]]))
    return type(first)(*(np.concatenate(pair)[order] for pair in zip(first, second, strict=True)))


def _with_shared_upper_half(upper: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the positions of the values that occur more than once, ascending."""
    ordered = np.sort(upper)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(shared):
        return np.zeros(0, np.int64)
    found = []
    for first in range(0, len(upper), ROWS_AT_A_TIME):
        values = upper[first : first + ROWS_AT_A_TIME]
        place = np.minimum(np.searchsorted(shared, values), len(shared) - 1)
        found.append(first + np.flatnonzero(shared[place] == values))
    return np.concatenate(found)


def upper_half(column: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return the first eight bytes of a 16-byte column, as numbers that sort like the bytes."""
    upper, start = np.empty(len(column), np.uint64), 0
    for chunk in column.chunks:
        upper[start : start + len(chunk)] = halves_of_array(chunk)[:, 0]
        start += len(chunk)
    return upper
