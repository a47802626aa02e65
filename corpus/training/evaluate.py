"""Measure scores of documents whose sites were not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

KEPT_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
BINS = 10
MAX_GROUPS = 20
LENGTH_EDGES = (50, 100, 200, 500, 1000, 2000, 5000)
"""Bounds of the groups of length, in words."""


def roc_auc(scores: NDArray[np.float64], is_good: NDArray[np.bool_]) -> float:
    """Return the probability that a good document scores above a bad one; ties count half.

    It is 0.5 if there is no document of one class.
    """
    n_good = int(is_good.sum())
    n_bad = len(is_good) - n_good
    if not n_good or not n_bad:
        return 0.5
    _, groups, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(sizes) - (sizes - 1) / 2
    return float((ranks[groups][is_good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


class KeptShare(TypedDict):
    """What keeping the best documents would keep."""

    share: float
    min_score: float
    precision: float
    """Share of good documents among those kept."""

    recall: float
    """Share of the good documents that is kept."""


def precision_at_shares(scores: NDArray[np.float64], is_good: NDArray[np.bool_]) -> list[KeptShare]:
    """Return precision and recall of keeping each of `KEPT_SHARES`; ties at the bound are kept."""
    ordered = np.sort(scores)[::-1]
    rows: list[KeptShare] = []
    for share in KEPT_SHARES:
        bound = float(ordered[max(0, round(share * len(scores)) - 1)])
        kept = scores >= bound
        rows.append(
            {
                "share": share,
                "min_score": bound,
                "precision": float(is_good[kept].mean()),
                "recall": float(kept[is_good].mean()),
            }
        )
    return rows


class ReliabilityBin(TypedDict):
    """The documents whose scores are in a tenth of the range from 0 to 1."""

    from_score: float
    documents: int
    mean_score: float | None
    good_share: float | None
    """With both classes weighing the same, as a score assumes."""


def reliability(
    scores: NDArray[np.float64], is_good: NDArray[np.bool_]
) -> tuple[float, list[ReliabilityBin]]:
    """Return the expected calibration error (Naeini et al. 2015) and its table, in ten bins."""
    weights = class_weights(is_good)
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    table: list[ReliabilityBin] = []
    error = 0.0
    for k in range(BINS):
        here = bins == k
        weight = weights[here]
        mean = good = None
        if here.any():
            mean = float((scores[here] * weight).sum() / weight.sum())
            good = float(weight[is_good[here]].sum() / weight.sum())
            error += abs(mean - good) * float(weight.sum() / weights.sum())
        table.append(
            {
                "from_score": k / BINS,
                "documents": int(here.sum()),
                "mean_score": mean,
                "good_share": good,
            }
        )
    return error, table


def class_weights(is_good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return a weight for each document, so that both classes weigh the same."""
    share = is_good.mean()
    return np.where(is_good, 0.5 / max(share, 1e-12), 0.5 / max(1 - share, 1e-12))


class KeptGroup(TypedDict):
    """What a minimum score of 0.5 keeps of the documents of a group."""

    group: str
    good: int
    bad: int
    kept: float
    kept_of_good: float | None
    kept_of_bad: float | None
    auc: float | None
    """Within the group; None if it has only one class."""


def kept_by_group(
    groups: Sequence[str], scores: NDArray[np.float64], is_good: NDArray[np.bool_]
) -> list[KeptGroup]:
    """Return what is kept of each group, the largest groups first, and of the rest as one."""
    names, group_of = numbered(groups)
    sizes = np.bincount(group_of, minlength=len(names)).tolist()
    order = sorted(range(len(names)), key=lambda k: (-sizes[k], names[k]))
    shown, rest = order[:MAX_GROUPS], order[MAX_GROUPS:]
    chosen = [(names[k], group_of == k) for k in shown]
    if rest:
        chosen.append((f"{len(rest):,} others", np.isin(group_of, rest)))
    return [_kept_group(name, here, scores, is_good) for name, here in chosen]


def numbered(values: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different values, and the number of each document's among them.

    An array of numpy would take the length of the longest value for each document.
    """
    encoded = pa.array(values, pa.string()).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _kept_group(
    name: str, here: NDArray[np.bool_], scores: NDArray[np.float64], is_good: NDArray[np.bool_]
) -> KeptGroup:
    good, kept = is_good[here], scores[here] >= 0.5
    has_both = good.any() and not good.all()
    return {
        "group": name,
        "good": int(good.sum()),
        "bad": int((~good).sum()),
        "kept": float(kept.mean()),
        "kept_of_good": float(kept[good].mean()) if good.any() else None,
        "kept_of_bad": float(kept[~good].mean()) if not good.all() else None,
        "auc": roc_auc(scores[here], good) if has_both else None,
    }


def length_groups(words: NDArray[np.int64]) -> list[str]:
    """Return the group of length of each document."""
    edges = ["0", *map(str, LENGTH_EDGES)]
    names = [f"{a}-{int(b) - 1} words" for a, b in pairwise(edges)]
    names.append(f"{edges[-1]} words or more")
    return [names[k] for k in np.searchsorted(LENGTH_EDGES, words, side="right").tolist()]
