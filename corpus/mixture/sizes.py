"""The documents that are mixed: their groups, and the sizes of these groups.

Everything is computed part by part. Memory holds only the number of a group and of a class for each
document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.errors import InputError
from corpus.observations import CorpusView

MAX_GROUPS = 10_000
"""Maximum number of groups. With more, most groups would be single documents."""

NO_VALUE = "(none)"
"""The group of the documents without a value in the column."""

_AMBIGUOUS = r'[,"]|\A\(none\)\z'
"""Values that are quoted in a name of several values: without commas, these can be told apart."""

_AMBIGUOUS_ALONE = r'\A(?:"|\(none\)\z)'

NOT_MIXED = -1
"""The group of a document that is not mixed."""


class MixedDocuments(NamedTuple):
    """The groups of the documents of a corpus, and their classes within a group."""

    corpus: CorpusView

    names: list[str]
    """The names of the groups, sorted."""

    group: NDArray[np.int32]
    """int32[n_documents]: the number of the group, or `NOT_MIXED`."""

    repeat_class: NDArray[np.int8]
    """int8[n_documents]: documents of one class are repeated equally often."""

    n_classes: int

    @property
    def is_mixed(self) -> NDArray[np.bool_]:
        """Which documents are mixed: bool[n_documents]."""
        return self.group != NOT_MIXED

    def parts(self) -> Iterator[tuple[slice, pa.RecordBatch]]:
        """Yield the range of the documents of each part, and their observations."""
        return _parts(self.corpus)

    def sum(self, column: str | None, uses: NDArray[np.int32] | None = None) -> NDArray[np.float64]:
        """Return the sum of an observed column: float64[n_groups, n_classes].

        The column has whole numbers, so the order of the documents does not matter. Without a
        column, documents are counted. With `uses` (int32[n_documents]), a document counts as often
        as it is used.
        """
        shape = (len(self.names), self.n_classes)
        sums = np.zeros(shape[0] * shape[1])
        for rows, part in self.parts():
            group, repeat_class = self.group[rows], self.repeat_class[rows]
            here = group != NOT_MIXED
            index = group[here].astype(np.int64) * self.n_classes + repeat_class[here]
            values = np.ones(part.num_rows)
            if column is not None:
                values = part.column(column).fill_null(0).to_numpy(zero_copy_only=False)
            values = values if uses is None else values * uses[rows]
            sums += np.bincount(index, values[here], minlength=len(sums))
        return sums.reshape(shape)


def number_groups(
    corpus: CorpusView, columns: Sequence[str], is_mixed: NDArray[np.bool_], *, by: str
) -> tuple[NDArray[np.int32], list[str]]:
    """Return the number of each document's group, and the names of the groups, sorted.

    The numbers are int32[n_documents], `NOT_MIXED` where `is_mixed` (bool[n_documents]) is false. A
    group is named after its values in the observed `columns`, and other values have another name.
    `by` names these columns in the error. Raises `InputError` if there are more than `MAX_GROUPS`.
    """
    number = np.full(len(is_mixed), NOT_MIXED, np.int32)
    order: dict[str, int] = {}
    for rows, part in _parts(corpus):
        joined = _names(part, columns)
        encoded = joined.filter(pa.array(is_mixed[rows])).dictionary_encode()
        here = [order.setdefault(name, len(order)) for name in encoded.dictionary.to_pylist()]
        number[rows][is_mixed[rows]] = np.array(here, np.int32)[encoded.indices.to_numpy()]
        if len(order) > MAX_GROUPS:
            raise InputError(
                f"stage 'mix': there are more than {MAX_GROUPS:,} different values of {by}; "
                "mix by a column with fewer values"
            )
    names = sorted(order)
    rank = np.full(len(order) + 1, NOT_MIXED, np.int32)  # its last entry is that of NOT_MIXED
    for i, name in enumerate(names):
        rank[order[name]] = i
    return rank[number], names


def _names(part: pa.RecordBatch, columns: Sequence[str]) -> pa.Array:
    """Return the name of the group of each document.

    It is the value, or the values joined by a comma. A value that could be taken for several, or
    for a missing one, is in double quotes: `en, "Wire, Inc."`.
    """
    ambiguous = _AMBIGUOUS_ALONE if len(columns) == 1 else _AMBIGUOUS
    names = []
    for column in columns:
        values = part.column(column).cast(pa.string())
        doubled = pc.replace_substring(values, '"', '""')
        quoted = pc.binary_join_element_wise('"', doubled, '"', "")
        is_ambiguous = pc.match_substring_regex(values, ambiguous)
        names.append(pc.if_else(is_ambiguous, quoted, values).fill_null(NO_VALUE))
    return names[0] if len(names) == 1 else pc.binary_join_element_wise(*names, ", ")


def require_sizes(
    corpus: CorpusView, column: str, is_mixed: NDArray[np.bool_], *, remedy: str
) -> None:
    """Raise `InputError` unless each mixed document has a whole number, at least 0, in a column.

    A document without a size would count as 0, and its group would seem smaller than it is.
    `remedy` names the column and what to do.
    """
    missing = wrong = 0
    for rows, part in _parts(corpus):
        here = part.column(column).filter(pa.array(is_mixed[rows]))
        values = here.drop_null().to_numpy(zero_copy_only=False)
        missing += here.null_count
        wrong += int((~((values >= 0) & (values == np.floor(values)) & (values < np.inf))).sum())
    if missing or wrong:
        counts = f"{missing:,} have none" if missing else ""
        counts += " and " if missing and wrong else ""
        counts += f"{wrong:,} have a number below 0 or a fraction" if wrong else ""
        raise InputError(
            f"stage 'mix': of {int(is_mixed.sum()):,} training documents, {counts} in {remedy}"
        )


def number_classes(corpus: CorpusView, column: str, at_least: Sequence[int]) -> NDArray[np.int8]:
    """Return the class of each document by the size of its cluster: int8[n_documents].

    `at_least` has the smallest cluster of each class but the first, ascending. A document without a
    number in the observed `column` had no duplicates.
    """
    number = np.empty(len(corpus.alive), np.int8)
    for rows, part in _parts(corpus):
        sizes = part.column(column).fill_null(1.0).to_numpy(zero_copy_only=False)
        number[rows] = np.searchsorted(at_least, sizes, side="right")
    return number


def _parts(corpus: CorpusView) -> Iterator[tuple[slice, pa.RecordBatch]]:
    for index, (first, last) in enumerate(pairwise(corpus.starts.tolist())):
        yield slice(first, last), corpus.parts[index]
