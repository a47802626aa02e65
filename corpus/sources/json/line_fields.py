"""The fields of regular lines of JSON: found by a kernel, and returned as columns or values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.sources.chunks import BATCH_ROWS
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.extra import ExtraColumn
from corpus.sources.columns.from_rows import as_strings, date_notes
from corpus.sources.dates import parse as dates
from corpus.sources.json import line_kernels
from corpus.sources.json.string_kernels import ESCAPED, STRING, copy_strings
from corpus.sources.json.text import may_have_long_integer
from corpus.sources.notes import FileNotes
from corpus.sources.record_keys import parse_id
from corpus.words.simd import BLOCK

MAX_NAMES = 256
"""Names in a chunk; a line with more is irregular."""


class IrregularError(Exception):
    """The lines cannot be read in this way."""


class RegularLines(NamedTuple):
    """Some regular lines, in the data that they are in."""

    data: bytes
    records: NDArray[np.int64]
    """int64[n_lines, 3]: where each begins and ends, and the number of lines before it."""

    kinds: NDArray[np.uint8]
    """uint8[n_lines, n_names]: what each has under each name."""

    bounds: NDArray[np.int64]
    """int64[n_lines, n_names, 2]: where it begins and ends; a string without its quotes."""

    position: int
    """Where the first line begins that is not among them."""

    lines: int
    """Line ends before this position, since the first of them."""

    all_regular: bool
    """Whether the batch is full, or the data at its end. Otherwise an irregular line follows."""


class FieldFinder:
    """Finds the fields of regular lines. It knows the names that it has seen so far."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._raw_names = np.zeros(0, np.uint8)
        self._ends = np.zeros(1, np.int64)
        self._make_room(16)

    def _make_room(self, names: int) -> None:
        self._kinds = np.zeros((BATCH_ROWS, names), np.uint8)
        self._bounds = np.zeros((BATCH_ROWS, names, 2), np.int64)

    def find(self, data: bytes, position: int) -> RegularLines:
        """Return the next regular lines of some data, up to the first irregular one."""
        array = np.frombuffer(data, np.uint8)
        records = np.zeros((BATCH_ROWS, 3), np.int64)
        state = np.zeros(line_kernels.STATE_SIZE, np.int64)
        state[line_kernels.POSITION] = position
        status = line_kernels.UNKNOWN_NAME
        while status == line_kernels.UNKNOWN_NAME:
            status = line_kernels.find_fields(
                array, self._raw_names, self._ends, state, records, self._kinds, self._bounds
            )
            if status == line_kernels.UNKNOWN_NAME:
                begin, end = state[line_kernels.NAME_BEGIN], state[line_kernels.NAME_END]
                if not self._add_name(data[begin:end], int(state[line_kernels.ROWS])):
                    status = line_kernels.IRREGULAR
        rows, after = int(state[line_kernels.ROWS]), int(state[line_kernels.POSITION])
        used = len(self.names)
        return RegularLines(
            data,
            records[:rows],
            self._kinds[:rows, :used],
            self._bounds[:rows, :used],
            after,
            int(state[line_kernels.LINES]),
            status == line_kernels.ENOUGH,
        )

    def _add_name(self, raw: bytes, rows: int) -> bool:
        """Add a name after `rows` lines; return whether that is possible."""
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            return False
        count = len(self.names)
        if count == MAX_NAMES:
            return False
        if count == self._kinds.shape[1]:
            kinds, bounds = self._kinds, self._bounds
            self._make_room(4 * count)
            self._kinds[:rows, :count], self._bounds[:rows, :count] = kinds[:rows], bounds[:rows]
        self._kinds[:rows, count] = 0
        self.names.append(name)
        self._raw_names = np.concatenate([self._raw_names, np.frombuffer(raw, np.uint8)])
        self._ends = np.append(self._ends, len(self._raw_names))
        return True


class Fields:
    """The values of some regular lines, by name."""

    def __init__(self, lines: RegularLines, names: Sequence[str]) -> None:
        self._lines = lines
        self.rows = len(lines.records)
        self._index = {name: index for index, name in enumerate(names)}
        counts = [np.bincount(lines.kinds[:, k], minlength=5) for k in range(len(names))]
        self._counts = dict(zip(names, counts, strict=True))
        self.present = [
            name for name in names if self._count(name, line_kernels.MISSING) < self.rows
        ]
        """The names that at least one line has."""

    def texts(self, name: str) -> pa.Array:
        """Return the column of texts."""
        if (
            name not in self._counts
            or self._count(name, line_kernels.MISSING)
            or self._count(name, line_kernels.OTHER)
        ):
            raise IrregularError
        return self._strings(name, pa.large_string())

    def ids(self, name: str) -> list[str | None]:
        """Return the id of each line."""
        values = self.values(name)
        if not self._count(name, line_kernels.OTHER):
            return [value or None for value in values]
        try:
            return [parse_id(value) for value in values]
        except TypeError:
            raise IrregularError from None

    def strings_or_null(self, name: str) -> pa.Array:
        """Return a column of titles, authors or the like as strings; empty values are null."""
        if not self._has_values(name):
            return pa.nulls(self.rows, pa.string())
        if self._count(name, line_kernels.OTHER):
            return as_strings(self.values(name))
        return self._strings(name, pa.string(), empty_is_null=True)

    def dates(self, name: str, format: str | None) -> tuple[pa.Array, dict[int, Any], FileNotes]:
        """Return the column of dates, those that could not be parsed by their rows, and notes."""
        if not self._has_values(name):
            return pa.nulls(self.rows, dates.DATE_TYPE), {}, FileNotes()
        if self._count(name, line_kernels.OTHER):
            values = self.values(name)
            times, unparsed = dates.parse_dates(values, format)
            return times, {row: values[row] for row in unparsed}, _date_notes(values, unparsed)
        encoded = self._strings(name, pa.string()).dictionary_encode()
        values = encoded.dictionary.to_pylist()
        times, unparsed = dates.parse_dates(values, format)
        rows = encoded.indices
        if unparsed or not all(not value or value[:4].isdigit() for value in values):
            is_bad = pc.is_in(rows, pa.array(unparsed, rows.type))
            bad_rows = np.flatnonzero(is_bad.to_numpy(zero_copy_only=False)).tolist()
            all_values = encoded.to_pylist()
            bad = {row: all_values[row] for row in bad_rows}
            return times.take(rows), bad, _date_notes(all_values, bad_rows)
        return times.take(rows), {}, FileNotes()

    def extra_column(self, name: str, new_name: str) -> ExtraColumn:
        """Return an extra column under its new name."""
        if self._has_values(name) and not self._count(name, line_kernels.OTHER):
            return ExtraColumn(pa.field(new_name, pa.string()), self._strings(name, pa.string()))
        return extra_columns.infer_column(new_name, self.values(name))

    def values(self, name: str) -> list[Any]:
        """Return the value of each line, None if it has none."""
        if not self._has_values(name):
            return [None] * self.rows
        if not self._count(name, line_kernels.OTHER):
            return list(self._strings(name, pa.string()).to_pylist())
        index, data = self._index[name], self._lines.data
        kinds = self._lines.kinds[:, index]
        is_string = (kinds == STRING) | (kinds == ESCAPED)
        begins = (self._lines.bounds[:, index, 0] - is_string).tolist()
        ends = (self._lines.bounds[:, index, 1] + is_string).tolist()
        missing = (kinds == line_kernels.MISSING).tolist()
        values = [
            b"null" if none else data[begin:end]
            for begin, end, none in zip(begins, ends, missing, strict=True)
        ]
        joined = b"".join([b"[", b",".join(values), b"]"])
        if may_have_long_integer(joined):
            raise IrregularError
        try:
            return list(orjson.loads(joined))
        except orjson.JSONDecodeError:
            raise IrregularError from None

    def check(self, names: Iterable[str]) -> None:
        """Raise `IrregularError` if a value under one of these names is not valid JSON."""
        for name in names:
            if self._count(name, line_kernels.OTHER):
                self.values(name)

    def _count(self, name: str, kind: int) -> int:
        """Return how many lines have a value of this kind under a name."""
        if name not in self._counts:
            return self.rows if kind == line_kernels.MISSING else 0
        return int(self._counts[name][kind])

    def _has_values(self, name: str) -> bool:
        return name in self._counts and int(self._counts[name][STRING:].sum()) > 0

    def _strings(self, name: str, type: pa.DataType, *, empty_is_null: bool = False) -> pa.Array:
        """Return a column of strings and nulls."""
        index = self._index[name]
        kinds, bounds = self._lines.kinds, self._lines.bounds
        is_valid = kinds[:, index] >= STRING
        sizes = (bounds[:, index, 1] - bounds[:, index, 0]) * is_valid
        out = np.empty(int(sizes.sum()) + BLOCK, np.uint8)
        offsets = np.empty(self.rows + 1, np.int64)
        data = np.frombuffer(self._lines.data, np.uint8)
        copy_strings(data, kinds, bounds, index, out, offsets)
        if empty_is_null:
            is_valid &= sizes > 0
        validity = None
        if not is_valid.all():
            validity = pa.py_buffer(np.packbits(is_valid, bitorder="little"))
        if pa.types.is_string(type):
            offsets = offsets.astype(np.int32)
        buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(out[: offsets[-1]])]
        return pa.Array.from_buffers(type, self.rows, buffers)


def _date_notes(values: Sequence[Any], unparsed: Sequence[int]) -> FileNotes:
    """Return the notes on the dates of one file."""
    return date_notes(values, unparsed, [""] * len(values)).get("", FileNotes())


def check_utf8(data: bytes, begin: int, end: int) -> None:
    """Raise `IrregularError` if a part of the data is not valid UTF-8."""
    offsets = pa.py_buffer(np.array([begin, end], np.int64))
    buffers = [None, offsets, pa.py_buffer(data)]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, buffers).validate(full=True)
    except pa.ArrowInvalid:
        raise IrregularError from None
