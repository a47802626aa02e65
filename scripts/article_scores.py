"""Score an extracted text against the article: 4-grams of words, page by page.

This is the arithmetic of article-extraction-benchmark: the precision and the recall of each page,
and the F1 of their means. A page with no extracted text has no precision, and its recall is 0.
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
    """Precision and recall on one page."""

    precision: float
    """NaN if nothing was extracted."""
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 if nothing was extracted."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both > 0 else 0.0


def words_of(text: str) -> list[str]:
    """Return the words of a text; in scripts without spaces each character is a word."""
    return _WORD.findall(text)


def ngrams_of(text: str) -> Counter[tuple[str, ...]]:
    """Return the counts of the 4-grams of words of a text; a shorter text is one n-gram."""
    words = words_of(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)) if words)


def score_of(gold: str, extracted: str) -> Score:
    """Return the precision and the recall of an extracted text."""
    expected, actual = ngrams_of(gold), ngrams_of(extracted)
    shared = sum(min(n, actual[ngram]) for ngram, n in expected.items())
    precision = shared / actual.total() if actual else float("nan")
    return Score(precision, shared / max(expected.total(), 1))


def means(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Return the F1 of the mean precision and recall, and both; 0 if nothing was extracted."""
    precisions = [score.precision for score in scores if not np.isnan(score.precision)]
    precision = float(np.mean(precisions)) if precisions else 0.0
    recall = float(np.mean([score.recall for score in scores]))
    both = precision + recall
    return (2 * precision * recall / both if both else 0.0), precision, recall


def resampled(scores: Sequence[Score], sites: Sequence[str]) -> NDArray[np.float64]:
    """Return the F1 of `RESAMPLES` bootstrap samples of sites.

    Pages of one site fail together, so the bootstrap draws sites and not pages. The draws are the
    same for the same sites, so those of two methods are paired.
    """
    names, site = np.unique(np.array(sites), return_inverse=True)
    precision = np.array([score.precision for score in scores])
    recall = np.array([score.recall for score in scores])
    columns = (np.nan_to_num(precision), ~np.isnan(precision), recall, np.ones(len(recall)))
    sums = np.stack([np.bincount(site, column, len(names)) for column in columns])
    draws = np.random.default_rng(0).multinomial(
        len(names), np.full(len(names), 1 / len(names)), RESAMPLES
    )
    precision_sums, n_with_text, recall_sums, n_pages = sums @ draws.T
    precisions, recalls = precision_sums / n_with_text, recall_sums / n_pages
    return np.asarray(2 * precisions * recalls / (precisions + recalls), np.float64)
