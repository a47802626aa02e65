"""Where one split ends and the next begins, among documents in an order of their own.

Every document has a place in an order, one number: the hash of its id or of its group, or its date,
newest first. A split takes what comes first. Where it takes so many documents, or a share of those
that have a date or are of a stratum, its boundary depends on who is there: it is stated with the
build, and can be pinned in the config, so that later documents move nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from corpus.stages.places import NEVER, place_of_date

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Boundary(BaseModel):
    """The last place that a split takes: a hash in hexadecimal, or the earliest date."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    stratum: tuple[str | None, ...] = ()
    """The values of the columns of `stratify` that it holds for."""

    test: str | None = None
    """The last place in the test split; null: nothing is in it."""

    validation: str | None = None
    """The last place in the validation split; null: nothing is in it."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for said in (self.test, self.validation):
            if said is not None:
                parsed(said)
        return self


def parsed(said: str) -> np.uint64:
    """Return the place that a boundary names: `0x5f0c...` or a date; `ValueError` if it is none."""
    try:
        if said.startswith("0x"):
            return np.uint64(int(said, 16))
        date = dt.datetime.fromisoformat(said)
    except (ValueError, OverflowError):
        raise ValueError(
            f"a boundary is a date such as '2023-05-22', or a place as a build states it, "
            f"not {said!r}"
        ) from None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return place_of_date(np.array([(date - _EPOCH) // _MICROSECOND]))[0]


def said_of(place: np.uint64 | None, *, date: bool) -> str | None:
    """Return what `parsed` reads as this place."""
    if place is None:
        return None
    if not date:
        return f"0x{int(place):016x}"
    microseconds = (~int(place) & ((1 << 64) - 1)) - (1 << 63)
    return (_EPOCH + microseconds * _MICROSECOND).isoformat().replace("+00:00", "Z")


def strata(
    columns: Sequence[pa.ChunkedArray], size: int
) -> tuple[NDArray[np.int64], list[tuple[str | None, ...]]]:
    """Return the number of each document's stratum, and the strata: the values of the columns."""
    number = np.zeros(size, np.int64)
    names: list[tuple[str | None, ...]] = [()]
    for column in columns:
        values = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        every = pc.unique(values).sort().to_pylist() if len(values) else []
        every = [value for value in every if value is not None]
        code = pc.fill_null(pc.index_in(values, pa.array(every, pa.string())), len(every))
        both = number * (len(every) + 1) + code.to_numpy()
        held, number = np.unique(both, return_inverse=True)
        names = [
            (*names[at // (len(every) + 1)], [*every, None][at % (len(every) + 1)])
            for at in held.tolist()
        ]
    return number, names


def divided(
    split: NDArray[np.int64],
    places: NDArray[np.uint64],
    number: NDArray[np.int64],
    names: list[tuple[str | None, ...]],
    stated: Sequence[Boundary],
) -> NDArray[np.int64]:
    """Return the split of each document, 0 for test to 2 for train, by the boundaries.

    A document of a stratum that has none stays where it was.
    """
    said = {one.stratum: one for one in stated}
    ends = [said.get(name) for name in names]
    found = np.where(np.array([one is not None for one in ends])[number], 2, split)
    for which, name in ((1, "validation"), (0, "test")):
        last = [getattr(one, name, None) for one in ends]
        some = np.array([end is not None for end in last])[number]
        until = np.array([0 if end is None else parsed(end) for end in last], np.uint64)[number]
        found[some & (places <= until)] = which
    return found


def rank_cuts(places: NDArray[np.uint64], counts: Sequence[int]) -> tuple[np.uint64 | None, ...]:
    """Return for each split the last place it takes, so that it and those before hold `counts`.

    Equal places stay together, so it may be some more or fewer: whichever is nearer.
    """
    ranked = np.sort(places[places != NEVER])
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], [True] * bool(len(ranked)))) + 1
    ends = np.concatenate([[0], ends]).astype(np.int64)
    found: list[np.uint64 | None] = []
    taken = wanted = 0
    for count in counts:
        wanted += count
        end = int(ends[np.argmin(np.abs(ends - wanted))]) if count else taken
        found.append(ranked[end - 1] if end > taken else None)
        taken = max(taken, end)
    return tuple(found)


def shared_out(count: int, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return so many documents shared out over strata by their sizes, by largest remainders."""
    exact = count * sizes / max(1, sizes.sum())
    found = np.floor(exact).astype(np.int64)
    missing = min(count, int(sizes.sum())) - int(found.sum())
    if missing > 0:
        found[np.argsort(found - exact, kind="stable")[:missing]] += 1
    return np.minimum(found, sizes)
