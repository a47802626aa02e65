"""Divide sites into folds, so that no site is both trained on and judged."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

MAX_FOLDS = 5


def assign_folds(
    sites: NDArray[np.int64], is_good: NDArray[np.bool_], names: list[str], folds: int
) -> NDArray[np.int64]:
    """Return the fold of each document: int64[n_documents]. Documents of a site share a fold.

    Sites are placed one by one, the largest first, each into the fold with the smallest share of
    both classes so far; sites of the same size in the order of the hashes of their names.
    """
    counts = np.stack(
        [np.bincount(sites[is_good == good], minlength=len(names)) for good in (True, False)]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    order = sorted(
        range(len(names)),
        key=lambda site: (-shares[:, site].max(), hashlib.sha256(names[site].encode()).digest()),
    )
    filled = np.zeros((2, folds))
    fold_of_site = np.zeros(len(names), np.int64)
    for site in order:
        after = filled + shares[:, site : site + 1]
        cost = np.where(shares[:, site : site + 1] > 0, after, 0).max(axis=0)
        fold = int(np.lexsort((filled.sum(axis=0), cost))[0])
        fold_of_site[site] = fold
        filled[:, fold] += shares[:, site]
    return fold_of_site[sites]


def number_of_folds(sites: NDArray[np.int64], is_good: NDArray[np.bool_]) -> int:
    """Return how many folds can have both classes: the number of sites of each is the limit."""
    per_class = [len(np.unique(sites[is_good == good])) for good in (True, False)]
    return min(MAX_FOLDS, *per_class)
