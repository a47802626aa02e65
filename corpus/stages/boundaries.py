"""Where one split ends and the next begins.

Every document has a position, one number of 64 bits: a hash of its id or group, which is uniform,
or its date, the newest first. It depends on nothing but the document. A split takes the documents
with the lowest positions. A share of hashes is a fixed boundary. A number of documents, or a share
by date or of each stratum, has a boundary that depends on the other documents: the build reports
it, and set in the config, it keeps later documents from changing any split.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import model_validator

from corpus.settings import Settings

NO_POSITION = np.uint64((1 << 64) - 1)
"""The position of a document that no split takes: one without a date."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Boundary(Settings):
    """Where each split ends: the highest hash in it, in hexadecimal, or its earliest date."""

    stratum: tuple[str | None, ...] = ()
    """Values of the columns of `stratify` that this boundary applies to."""

    test: str | None = None
    """End of the test split; null: the split is empty."""

    validation: str | None = None
    """End of the validation split; null: the split is empty."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for end in (self.test, self.validation):
            if end is not None:
                parse_boundary(end)
        return self


def parse_boundary(text: str) -> np.uint64:
    """Return the position that a boundary names, `0x5f0c...` or a date; else raise `ValueError`."""
    try:
        if text.startswith("0x"):
            return np.uint64(int(text, 16))
        date = dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"a boundary is a date such as '2023-05-22', or a hash (0x...) as reported by a build, "
            f"not {text!r}"
        ) from None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return position_of_date(np.array([(date - _EPOCH) // _MICROSECOND]))[0]


def as_boundary(position: np.uint64 | None, *, date: bool) -> str | None:
    """Return a position as the text that `parse_boundary` reads."""
    if position is None:
        return None
    if not date:
        return f"0x{int(position):016x}"
    microseconds = (~int(position) & ((1 << 64) - 1)) - (1 << 63)
    return (_EPOCH + microseconds * _MICROSECOND).isoformat().replace("+00:00", "Z")


def position_of_date(microseconds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the positions of dates (microseconds since 1970, UTC): the newest first."""
    return ~(microseconds.astype(np.uint64) ^ np.uint64(1 << 63))


def position_of_key(
    upper: NDArray[np.uint64], lower: NDArray[np.uint64], seed: int, purpose: str = "split"
) -> NDArray[np.uint64]:
    """Return a position for each key: uniform over 64 bits, independent for each seed and purpose.

    The hash of the seed and both halves of the key, mixed by splitmix64's finalizer (Steele, Lea,
    Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    """
    salt = hashlib.sha256(f"corpus {purpose} {seed}".encode()).digest()
    return _mix(_mix(upper ^ np.frombuffer(salt, "<u8", 1)) ^ lower)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def group_hashes(
    column: pa.ChunkedArray, upper: NDArray[np.uint64], lower: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the hash of each document's group, or its own key if it has no group."""
    names = pc.unique(column.drop_null())
    digests = [hashlib.sha256(b"group " + name.encode()).digest() for name in names.to_pylist()]
    halves = np.frombuffer(b"".join(digests) + bytes(32), ">u8").reshape(-1, 4).astype(np.uint64)
    group = pc.fill_null(pc.index_in(column, names), len(names)).to_numpy()
    alone = group == len(names)
    return np.where(alone, upper, halves[group, 0]), np.where(alone, lower, halves[group, 1])


def strata(
    columns: Sequence[pa.ChunkedArray], size: int
) -> tuple[NDArray[np.int64], list[tuple[str | None, ...]]]:
    """Return the number of each document's stratum, and the column values of each stratum."""
    number = np.zeros(size, np.int64)
    names: list[tuple[str | None, ...]] = [()]
    for column in columns:
        values = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        distinct = pc.unique(values).sort().to_pylist() if len(values) else []
        distinct = [value for value in distinct if value is not None]
        code = pc.fill_null(pc.index_in(values, pa.array(distinct, pa.string())), len(distinct))
        combined = number * (len(distinct) + 1) + code.to_numpy()
        present, number = np.unique(combined, return_inverse=True)
        names = [
            (*names[k // (len(distinct) + 1)], [*distinct, None][k % (len(distinct) + 1)])
            for k in present.tolist()
        ]
    return number, names


def apply_boundaries(
    split: NDArray[np.int8],
    positions: NDArray[np.uint64],
    stratum: NDArray[np.int64],
    names: list[tuple[str | None, ...]],
    boundaries: Sequence[Boundary],
) -> NDArray[np.int8]:
    """Return the split of each document by the boundaries: 0 test, 1 validation, 2 train.

    A document in a stratum without a boundary keeps its split.
    """
    by_stratum = {boundary.stratum: boundary for boundary in boundaries}
    boundary_of = [by_stratum.get(name) for name in names]
    has_boundary = np.array([boundary is not None for boundary in boundary_of])
    assigned = np.where(has_boundary[stratum], np.int8(2), split)
    for number, name in ((1, "validation"), (0, "test")):
        last = [getattr(boundary, name, None) for boundary in boundary_of]
        has_end = np.array([end is not None for end in last])[stratum]
        ends = np.array([0 if end is None else parse_boundary(end) for end in last], np.uint64)
        assigned[has_end & (positions <= ends[stratum])] = number
    return assigned


def rank_cuts(positions: NDArray[np.uint64], counts: Sequence[int]) -> tuple[np.uint64 | None, ...]:
    """Return the last position in each split, so that the splits contain `counts` documents.

    Equal positions stay together, so a split may be slightly larger or smaller: whichever is
    nearer.
    """
    ranked = np.sort(positions[positions != NO_POSITION])
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], [True] * bool(len(ranked)))) + 1
    ends = np.concatenate([[0], ends]).astype(np.int64)
    cuts: list[np.uint64 | None] = []
    taken = wanted = 0
    for count in counts:
        wanted += count
        end = int(ends[np.argmin(np.abs(ends - wanted))]) if count else taken
        cuts.append(ranked[end - 1] if end > taken else None)
        taken = max(taken, end)
    return tuple(cuts)


def share_out(count: int, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Divide a number of documents over strata in proportion to their sizes (largest remainder)."""
    exact = count * sizes / max(1, sizes.sum())
    shares = np.floor(exact).astype(np.int64)
    missing = min(count, int(sizes.sum())) - int(shares.sum())
    if missing > 0:
        shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return np.minimum(shares, sizes)
