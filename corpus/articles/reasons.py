"""The strongest reasons why a model keeps a block or a line, or does not, in words.

The features of a model are put into words by topic, such as the links of a block or its length. A
topic is a function that names what it stands for: the sum of what its features contribute to the
score decides whether it speaks for keeping or against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_REASONS = 3
"""Maximum number of reasons for a block or a line, and of reasons against it."""
MIN_CONTRIBUTION = 0.3
"""Minimum contribution of a reason, in log-odds."""
MAX_EXPLAINED = 1000
"""Blocks or lines of a page that are explained, and that each is compared with: the first ones."""
SCORE_RANGE = (-3.0, 3.0)
"""Scores beyond it are certain: differences between them explain nothing."""

Topic = Callable[..., str]
"""Puts a topic into words, given the block or line and `keeps=`; an empty text is no reason."""


class Reasons(NamedTuple):
    """What spoke for a block or a line and what against it, the strongest first."""

    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def sums_by_topic(
    contributions: NDArray[np.float64], topics: Sequence[Topic], distinct: Sequence[Topic]
) -> NDArray[np.float64]:
    """Return the contributions of the features summed by topic.

    `topics` has the topic of each feature. The result is float64[n_rows, len(distinct)].
    """
    columns = np.array([[topic is own for own in topics] for topic in distinct], np.float64)
    return contributions @ columns.T


def change_of_scores(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.float64]:
    """Return what a later model adds to the scores, in log-odds within `SCORE_RANGE`."""
    low, high = SCORE_RANGE
    return np.clip(after.astype(np.float64), low, high) - np.clip(before, low, high)


def strongest(row: Any, by_topic: NDArray[np.float64], distinct: Sequence[Topic]) -> Reasons:
    """Return the strongest reasons for a block or line (`row`) and against it."""
    order = np.argsort(-np.abs(by_topic), kind="stable").tolist()
    strong = [i for i in order if abs(by_topic[i]) >= MIN_CONTRIBUTION]
    keep = [distinct[i](row, keeps=True) for i in strong if by_topic[i] > 0]
    remove = [distinct[i](row, keeps=False) for i in strong if by_topic[i] < 0]
    return Reasons(
        *(tuple(dict.fromkeys(filter(None, texts)))[:MAX_REASONS] for texts in (keep, remove))
    )


def length_in_words(words: int, sentences: int, *, keeps: bool) -> str:
    """Put the length of a block or line into words."""
    if words >= _LONG:
        return f"long text of {words} words"
    if words <= _SHORT:
        return f"only {words} word{'' if words == 1 else 's'}"
    return f"a sentence of {words} words" if keeps and sentences else f"{words} words"


_LONG, _SHORT = 25, 8
"""Words of a long block or line, and of a short one."""
