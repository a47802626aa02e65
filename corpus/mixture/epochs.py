"""How often the documents of each group are used.

A group is the documents with the same value in a column, such as the language. One epoch uses each
of its documents once. A document may be used more often than others of its group, because it had
many duplicates: documents are therefore in classes, each with its number of repeats.

A use is a number of epochs, whole or fractional: with 2.3, each document is used twice, and three
of ten documents a third time. A hash of the document decides which ones. So a higher number keeps
all uses of a lower one, and another document in the group changes none of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIGITS = 9
"""Decimal digits of a number of epochs. Another processor may round the digits after these in
another way."""

Floats = NDArray[np.float64]


def shares_by_temperature(sizes: Floats, temperature: float) -> Floats:
    """Return the share of each group in the result: proportional to its size ^ temperature.

    With 1, shares stay as they are. With 0, all groups that are not empty have the same share.
    `sizes` and the result are float64[n_groups]. Source: Lample and Conneau, "Cross-lingual
    Language Model Pretraining" (2019), section 3.1, where the temperature is called alpha.
    """
    largest = sizes.max(initial=0)
    if largest == 0:
        return np.zeros(len(sizes))
    powers: Floats = np.where(sizes > 0, (sizes / largest) ** temperature, 0.0)
    return powers / powers.sum()


def largest_total(shares: Floats, sizes: Floats, max_sizes: Floats) -> float:
    """Return the size of the whole result if the config sets none.

    That is the size of all groups with a share, or less if a group would be used more often than it
    may be. `sizes` are those of one epoch, and `max_sizes` the largest possible ones; both are
    float64[n_groups].
    """
    wanted = (shares > 0) & (sizes > 0)
    if not wanted.any():
        return 0.0
    return min(float(sizes[wanted].sum()), float((max_sizes[wanted] / shares[wanted]).min()))


def epochs_for(targets: Floats, sizes: Floats, repeats: Floats, max_epochs: float) -> Floats:
    """Return how often to use each document, so that each group has its target size.

    `targets` is float64[n_groups], the size to reach. `sizes` is float64[n_groups, n_classes], the
    size of the documents, each counted once. `repeats` is float64[n_classes], at most `max_epochs`.
    The result is float64[n_groups, n_classes]: repeats times a number that is the same for all
    classes of the group, but at most `max_epochs`. A group that cannot reach its target is at that
    maximum. In a group without size, such as one of empty texts, each document is used once.
    """
    is_capped = np.zeros(sizes.shape, np.bool_)
    factor = np.zeros(len(sizes))
    for _ in range(len(repeats) + 1):  # each round caps at least one more class, or is the last
        growing = np.where(is_capped, 0.0, sizes * repeats).sum(axis=1)
        remaining = targets - max_epochs * np.where(is_capped, sizes, 0.0).sum(axis=1)
        factor = np.divide(remaining, growing, out=np.full(len(sizes), np.inf), where=growing > 0)
        is_capped |= factor[:, None] * repeats > max_epochs
    epochs = np.minimum(factor[:, None] * repeats, max_epochs)
    epochs[sizes.sum(axis=1) == 0] = 1.0
    return epochs.round(DIGITS)


def count_uses(epochs: Floats, positions: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return how often each document is used: int32[n_documents].

    `epochs` (float64[n_documents]) is its number of epochs, `positions` (uint64[n_documents]) a
    uniform hash of it.
    """
    whole = np.floor(epochs)
    once_more = positions < ((epochs - whole) * 2.0**64).astype(np.uint64)
    return whole.astype(np.int32) + once_more
