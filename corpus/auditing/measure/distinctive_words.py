"""Find the words that set groups of texts apart, such as the texts of a split or a language."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.auditing.measure.vocabulary import Words
from corpus.auditing.report import DistinctiveWord

MAX_WORDS = 10
"""Distinctive words listed for each group."""

MAX_GROUPS = 8
"""Groups that are compared: the largest."""

MIN_COUNT = 5
"""Minimum frequency of a distinctive word in all groups together."""


def distinctive_words(
    words: Words, groups: pa.Array, *, max_groups: int = MAX_GROUPS
) -> dict[str, list[DistinctiveWord]]:
    """Return the words that are more frequent in one group of texts than in all others.

    They are ranked by the log-likelihood ratio (Dunning 1993). Words that occur fewer than
    `MIN_COUNT` times are ignored. Empty if there is only one group.
    """
    coded = pc.dictionary_encode(groups.cast(pa.string()))
    names = coded.dictionary.to_pylist()
    group_of = pc.fill_null(coded.indices, len(names)).to_numpy()[words.documents]
    sizes = np.bincount(group_of, minlength=len(names) + 1)[: len(names)]
    largest = sorted(range(len(names)), key=lambda i: (-sizes[i], names[i]))[:max_groups]
    if len(names) < 2 or not len(words.codes):
        return {}
    total = words.counts
    distinctive: dict[str, list[DistinctiveWord]] = {}
    for group in largest:
        in_group = np.bincount(words.codes[group_of == group], minlength=len(total))
        score = _log_likelihood(in_group, total, int(sizes[group]), len(words.codes))
        score[total < MIN_COUNT] = 0
        candidates = np.argsort(-score, kind="stable")[: 4 * MAX_WORDS]
        top = sorted(candidates, key=lambda i: -score[i])[:MAX_WORDS]
        distinctive[names[group]] = [
            {"text": words.names[int(i)].as_py(), "times": int(in_group[i]), "of": int(total[i])}
            for i in top
            if score[i] > 0
        ]
    return {name: rows for name, rows in sorted(distinctive.items()) if rows}


def _log_likelihood(
    in_group: NDArray[np.int64], total: NDArray[np.int64], n: int, n_total: int
) -> NDArray[np.float64]:
    """Return the rounded log-likelihood ratio of each word; 0 unless it is more frequent there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        expected, expected_rest = total * (n / n_total), total * ((n_total - n) / n_total)
        rest = total - in_group
        score = 2 * (
            np.where(in_group > 0, in_group * np.log(in_group / expected), 0)
            + np.where(rest > 0, rest * np.log(rest / expected_rest), 0)
        )
    return np.where(in_group > expected, np.nan_to_num(score), 0.0).astype(np.float64).round(6)
