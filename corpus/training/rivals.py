"""Trivial rivals of a classifier. If one of them is nearly as good, the classes have a shortcut.

    length      the number of words alone
    stop_words  the share of a text's words that are among the most frequent of all texts
    language    the language alone
    site        the site alone, where other documents of the site are known: no held-out sites

Each is a table: the share of good documents in each of 20 ranges, or for each value, learned on the
folds that a document is not in. So no shape is assumed: too short and too long can both be bad.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from corpus.training.evaluate import class_weights, numbered, roc_auc
from corpus.words.definition import words

RANGES = 20
N_STOP_WORDS = 100
NEAR = 0.9
"""A rival is near if it has this share of the classifier's AUC above 0.5."""


class Rival(TypedDict):
    """How good a trivial classifier is."""

    name: str
    auc: float
    near: bool
    """Whether it is nearly as good as the classifier on the same documents."""


def rival(name: str, auc: float, model_auc: float) -> Rival:
    """Return the row of a rival in the report; an AUC below 0.5 counts as 0.5."""
    auc = max(auc, 0.5)
    return {"name": name, "auc": auc, "near": auc - 0.5 >= NEAR * (model_auc - 0.5)}


def range_auc(
    values: NDArray[np.float64], is_good: NDArray[np.bool_], folds: NDArray[np.int64]
) -> float:
    """Return the AUC of a number alone, learned as the share of good documents by range."""
    scores = np.zeros(len(values))
    for fold in np.unique(folds):
        train = folds != fold
        edges = np.unique(np.quantile(values[train], np.arange(1, RANGES) / RANGES))
        groups = np.searchsorted(edges, values, side="right")
        scores[~train] = _shares(groups, is_good, train)[groups[~train]]
    return roc_auc(scores, is_good)


def value_auc(values: Sequence[str], is_good: NDArray[np.bool_], folds: NDArray[np.int64]) -> float:
    """Return the AUC of a value alone, such as the language, learned on the other folds."""
    groups = numbered(values)[1]
    scores = np.zeros(len(groups))
    for fold in np.unique(folds):
        train = folds != fold
        scores[~train] = _shares(groups, is_good, train)[groups[~train]]
    return roc_auc(scores, is_good)


def _shares(
    groups: NDArray[np.int64], is_good: NDArray[np.bool_], train: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the share of good documents of each group, drawn towards a half if it is small."""
    weights = class_weights(is_good[train])
    size = int(groups.max()) + 1
    total = np.bincount(groups[train], weights, minlength=size)
    good = np.bincount(groups[train], weights * is_good[train], minlength=size)
    return (good + 0.5) / (total + 1)


def site_auc(sites: NDArray[np.int64], is_good: NDArray[np.bool_]) -> float:
    """Return the AUC of knowing the labels of all other documents of the same site."""
    weights = class_weights(is_good)
    total = np.bincount(sites, weights)[sites] - weights
    good = np.bincount(sites, weights * is_good)[sites] - weights * is_good
    return roc_auc((good + 0.5) / (total + 1), is_good)


def stop_word_shares(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the share of each text's words that are among the 100 in the most texts."""
    found = [words(text) for text in texts]
    documents = Counter(word for each in found for word in set(each))
    frequent = sorted(documents.items(), key=lambda item: (-item[1], item[0]))[:N_STOP_WORDS]
    stop_words = {word for word, _ in frequent}
    return np.array([sum(w in stop_words for w in each) / max(len(each), 1) for each in found])
