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
    both classes so far; sites of the same size in the order of the hashes of their names. Each
    class is in two folds or more, if it has two sites or more: otherwise, the others could not be
    trained on.
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
    return _divide_classes(fold_of_site, counts > 0, order, folds)[sites]


def _divide_classes(
    fold_of_site: NDArray[np.int64], has: NDArray[np.bool_], order: list[int], folds: int
) -> NDArray[np.int64]:
    """Return the folds of sites; the smallest that can is moved if a class is in one fold alone.

    `has` (bool[2, n_sites]) says which classes a site has, `order` lists the largest sites first.
    Of two sites of the class, one can always be moved: if one is all that the other class has in
    this fold, the other one is not.
    """
    for own, other in ((0, 1), (1, 0)):
        for site in reversed(order):
            if folds < 2 or len(set(fold_of_site[has[own]])) > 1:
                break
            moved = fold_of_site.copy()
            moved[site] = (moved[site] + 1) % folds
            is_divided = len(set(moved[has[own]])) > 1
            if is_divided and len(set(moved[has[other]])) >= len(set(fold_of_site[has[other]])):
                fold_of_site = moved
    return fold_of_site


def number_of_folds(sites: NDArray[np.int64], is_good: NDArray[np.bool_]) -> int:
    """Return how many folds can have both classes: the number of sites of each is the limit."""
    per_class = [len(np.unique(sites[is_good == good])) for good in (True, False)]
    return min(MAX_FOLDS, *per_class)
