"""Times that Python has no word for: before the year 1 and beyond 9999.

Arrow counts seconds, to millions of years; one such value, and a column cannot be read as Python
values. So a column that holds some becomes one of texts. What is in range is written as it would be
among texts of another batch; a far time says how it is counted: `10000000000000 s since 1970`.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_SECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DAYS = (-719_162 + 1, 2_932_896 - 1)
"""Days from 1970 to those years, less one at each end: a time zone is up to a day away."""

REASON = "{!r} holds a time that no calendar has (years 1 to 9999)"


def _counted(type: pa.DataType) -> tuple[str, int]:
    """Return the unit that values of a type of times are counted in, and how many make a day."""
    if pa.types.is_date32(type):
        return "days", 1
    unit = "ms" if pa.types.is_date64(type) else type.unit
    return unit, 86_400 * _SECONDS[unit]


def far(column: pa.Array) -> pa.Array | None:
    """Return which values are such times (bool, null for null); None where none is."""
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return None
    _, day = _counted(column.type)
    number = column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
    number = number.cast(pa.int64())
    least, most = (min(max(days * day, -(2**63)), 2**63 - 1) for days in _DAYS)
    found = pc.or_(pc.less(number, least), pc.greater(number, most))
    return found if found.true_count else None


def written(column: pa.Array, where: pa.Array, *, utc: bool) -> pa.Array:
    """Return a column of times as texts (string), those `where` it says by their count.

    With `utc` times are written in UTC, as in a column of a corpus, else as the source has them.
    """
    near = pc.if_else(where, pa.scalar(None, column.type), column)
    if utc and pa.types.is_timestamp(column.type):
        near = near.cast(pa.timestamp("us", "UTC"), safe=False)
    texts = [None if value is None else value.isoformat() for value in near.to_pylist()]
    unit, _ = _counted(column.type)
    numbers = column.cast(pa.int32() if unit == "days" else pa.int64()).to_pylist()
    for place, (number, out) in enumerate(zip(numbers, where.to_pylist(), strict=True)):
        if out:
            texts[place] = f"{number} {unit} since 1970"
    return pa.array(texts, pa.string())


def unreadable(column: pa.Array) -> list[int]:
    """Return the places of nested values, and durations, that hold what Python cannot."""
    if not (pa.types.is_nested(column.type) or pa.types.is_duration(column.type)):
        return []
    try:
        column.to_pylist()
    except (OverflowError, ValueError):
        return [place for place in range(len(column)) if _breaks(column[place])]
    return []


def _breaks(value: Any) -> bool:
    try:
        value.as_py()
    except (OverflowError, ValueError):
        return True
    return False
