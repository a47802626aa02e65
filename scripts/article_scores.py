"""How near the text that was found comes to the article: 4-grams of words, page by page.

The arithmetic of article-extraction-benchmark: precision and recall of each page, F1 of their
means. A page where nothing was found has no precision and a recall of nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]"
    r"|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+"
)


@dataclass(frozen=True)
class Score:
    """What was found of one page."""

    precision: float
    """NaN where nothing was found."""
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 where nothing was found."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both > 0 else 0.0


def words_of(text: str) -> list[str]:
    """Return the words of a text, one for each character in scripts without spaces."""
    return _WORD.findall(text)


def grams_of(text: str) -> Counter[tuple[str, ...]]:
    """Return the 4-grams of words of a text, counted; all words as one where they are fewer."""
    found = words_of(text)
    return Counter(tuple(found[i : i + 4]) for i in range(max(1, len(found) - 3)) if found)


def score_of(gold: str, found: str) -> Score:
    """Return how much of what was found is right, and how much of what is right was found."""
    wanted, got = grams_of(gold), grams_of(found)
    held = sum(min(n, got[gram]) for gram, n in wanted.items())
    precision = held / got.total() if got else float("nan")
    return Score(precision, held / max(wanted.total(), 1))


def means(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Return F1 of the mean precision and recall, and both; 0 where nothing was found at all."""
    told = [score.precision for score in scores if not np.isnan(score.precision)]
    precision = float(np.mean(told)) if told else 0.0
    recall = float(np.mean([score.recall for score in scores]))
    both = precision + recall
    return (2 * precision * recall / both if both else 0.0), precision, recall


def resampled(scores: Sequence[Score], sites: Sequence[str]) -> NDArray[np.float64]:
    """Return F1 of `RESAMPLES` draws of as many sites as there are, with replacement.

    Pages of one site fail together, so sites are drawn and not pages. The draws are the same for
    the same sites: those of two methods are paired.
    """
    names, site = np.unique(np.array(sites), return_inverse=True)
    precision = np.array([score.precision for score in scores])
    recall = np.array([score.recall for score in scores])
    columns = (np.nan_to_num(precision), ~np.isnan(precision), recall, np.ones(len(recall)))
    sums = np.stack([np.bincount(site, column, len(names)) for column in columns])
    drawn = np.random.default_rng(0).multinomial(
        len(names), np.full(len(names), 1 / len(names)), RESAMPLES
    )
    held, told, recalled, pages = sums @ drawn.T
    precisions, recalls = held / told, recalled / pages
    return 2 * precisions * recalls / (precisions + recalls)
