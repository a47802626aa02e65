"""The words and pairs of words that decide: those that drive the classes apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.classifier.definition import tokens
from corpus.classifier.features import find_buckets
from corpus.training.fit import Rows

MIN_DOCUMENTS = 2


class WeightyWord(TypedDict):
    """A word or a pair of words, and what it adds."""

    word: str
    weight: float
    contribution: float
    """What it adds to the difference between the mean logits of good and of bad documents."""

    in_good: float
    """Share of the good documents with it."""

    in_bad: float


def weighty_words(
    weights: NDArray[np.float64],
    rows: Rows,
    is_good: NDArray[np.bool_],
    texts: Sequence[str],
    *,
    bits: int,
    count: int = 20,
) -> tuple[list[WeightyWord], list[WeightyWord]]:
    """Return the words that speak most for good documents, and for bad ones.

    The contribution of a bucket is its weight times the difference between its mean values in the
    good and in the bad documents; all contributions add up to the difference between the mean
    logits. The words are those of `texts`, a sample.
    """
    n = 1 << bits
    values = np.repeat(1 / np.sqrt(rows.sizes), rows.sizes)
    of_good = np.repeat(is_good, rows.sizes)
    sizes = np.maximum([is_good.sum(), (~is_good).sum()], 1)
    mean, present = np.zeros((2, n)), np.zeros((2, n))
    for k, chosen in enumerate((of_good, ~of_good)):
        mean[k] = np.bincount(rows.buckets[chosen], values[chosen], minlength=n) / sizes[k]
        present[k] = np.bincount(rows.buckets[chosen], minlength=n) / sizes[k]
    contributions = weights * (mean[0] - mean[1])
    names = _words_of_buckets(texts, bits)
    known = np.array(sorted(names), np.int64)
    lists: list[list[WeightyWord]] = []
    for sign in (1, -1):
        candidates = known[(np.sign(weights[known]) == sign) & (contributions[known] > 0)]
        order = np.lexsort((candidates, -contributions[candidates]))[:count]
        lists.append(
            [
                {
                    "word": names[bucket],
                    "weight": float(weights[bucket]),
                    "contribution": float(contributions[bucket]),
                    "in_good": float(present[0, bucket]),
                    "in_bad": float(present[1, bucket]),
                }
                for bucket in candidates[order].tolist()
            ]
        )
    return lists[0], lists[1]


def _words_of_buckets(texts: Sequence[str], bits: int) -> dict[int, str]:
    """Return for each bucket the word or pair of the texts that is in most of them."""
    documents: Counter[str] = Counter()
    for text in texts:
        found = tokens(text)
        documents.update({*found, *(f"{a} {b}" for a, b in pairwise(found))})
    frequent = [
        word for word, n in sorted(documents.items(), key=lambda item: (-item[1], item[0]))
        if n >= MIN_DOCUMENTS
    ]  # fmt: skip
    buckets, bounds = find_buckets(pa.array(frequent, pa.large_string()), bits)
    # a pair has the buckets of its words, then its own
    own = buckets[bounds[1:] - 1].tolist() if frequent else []
    names: dict[int, str] = {}
    for bucket, word in zip(own, frequent, strict=True):
        names.setdefault(bucket, word)
    return names
