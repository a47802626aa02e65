"""Handle Arrow times that Python cannot represent: before the year 1 or after 9999.

Arrow's times span millions of years, and a single one out of Python's range makes its column
unreadable as Python values. Such a column becomes a column of strings: times in range in ISO 8601,
as in a mixed column of another batch; the others as a count, such as
`10000000000000 s since 1970`.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_UNITS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MIN_DAY, _MAX_DAY = -719_162 + 1, 2_932_896 - 1
"""Days from 1970 to the years 1 and 9999, less a day at each end for the time zone."""

OUT_OF_RANGE = "{!r} contains a time outside the years 1 to 9999"


def find_out_of_range(column: pa.Array) -> pa.Array | None:
    """Return which values are out of range (bool, null for null), or None if no value is."""
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return None
    _, per_day = _unit(column.type)
    counts = _counts(column).cast(pa.int64())
    lowest, highest = (min(max(day * per_day, -(2**63)), 2**63 - 1) for day in (_MIN_DAY, _MAX_DAY))
    out_of_range = pc.or_(pc.less(counts, lowest), pc.greater(counts, highest))
    return out_of_range if out_of_range.true_count else None


def times_to_text(column: pa.Array, out_of_range: pa.Array, *, utc: bool) -> pa.Array:
    """Return a column of times as strings; times `out_of_range` become counts since 1970.

    With `utc`, times are in UTC, as in a column of the corpus; else in the source's zone.
    """
    in_range = pc.if_else(out_of_range, pa.scalar(None, column.type), column)
    if utc and pa.types.is_timestamp(column.type):
        in_range = in_range.cast(pa.timestamp("us", "UTC"), safe=False)
    texts = [None if time is None else time.isoformat() for time in in_range.to_pylist()]
    unit, _ = _unit(column.type)
    rows = zip(_counts(column).to_pylist(), out_of_range.to_pylist(), strict=True)
    for row, (count, is_out) in enumerate(rows):
        if is_out:
            texts[row] = f"{count} {unit} since 1970"
    return pa.array(texts, pa.string())


def unrepresentable_rows(column: pa.Array) -> list[int]:
    """Return the rows of a nested or duration column that have no Python value."""
    if not (pa.types.is_nested(column.type) or pa.types.is_duration(column.type)):
        return []
    try:
        column.to_pylist()
    except (OverflowError, ValueError):
        return [row for row in range(len(column)) if not _is_representable(column[row])]
    return []


def _is_representable(value: Any) -> bool:
    try:
        value.as_py()
    except (OverflowError, ValueError):
        return False
    return True


def _unit(type: pa.DataType) -> tuple[str, int]:
    """Return the unit of a time type, and the number of units in a day."""
    if pa.types.is_date32(type):
        return "days", 1
    unit = "ms" if pa.types.is_date64(type) else type.unit
    return unit, 86_400 * _UNITS_PER_SECOND[unit]


def _counts(column: pa.Array) -> pa.Array:
    """Return a column of times as counts since 1970 (int32 for date32, else int64)."""
    return column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
