"""Describe the lines of a page that are probably not content: where they are, and how they read.

They decide whether a page is better kept whole. If they read like content and lie between two
paragraphs, they are a list or an interview in an article that is already clean. If they are at the
edges and read like offers and buttons, the page has boilerplate.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers
from corpus.articles.lines.counters import BLANK_BEFORE, ENDS_SENTENCE, WORDS
from corpus.kernels import njit_without_allocation

IMPROBABLE = 0.3
"""A line with a lower probability is improbable: `keep: balanced` never keeps it by itself."""
MAX_COUNTED_WORDS = 150.0
"""Maximum number of words of one line that count."""
EPSILON = 1e-6
"""Added to a number of words, which may be zero."""
NO_CUE = np.float32(-8)
"""The highest cue of an improbable line if there is none: no cue is lower."""
NAMES = (
    "improbable lines",
    "share of improbable lines",
    "share of words in improbable lines",
    "words in improbable lines",
    "mean cue of improbable lines",
    "lowest cue of an improbable line",
    "highest cue of an improbable line",
    "words of the longest improbable line",
    "share of sentences among improbable lines",
    "share of improbable lines that follow a blank line",
    "mean probability of improbable lines",
    "mean cue of the other lines",
    "improbable lines at the top",
    "improbable lines at the bottom",
    "words in improbable lines at the edges",
    "mean cue of improbable lines at the edges",
    "improbable lines between others",
    "words in improbable lines between others",
    "share of words in improbable lines between others",
    "mean cue of improbable lines between others",
    "words of the longest improbable line between others",
    "gaps between others",
)
"""What each column contains. Means are weighted by words."""
(
    N_LINES,
    SHARE,
    WORD_SHARE,
    N_WORDS,
    MEAN_CUE,
    LOWEST_CUE,
    HIGHEST_CUE,
    LONGEST,
    SENTENCE_SHARE,
    AFTER_BLANK_SHARE,
    MEAN_PROBABILITY,
    CUE_OF_OTHERS,
    AT_TOP,
    AT_BOTTOM,
    EDGE_WORDS,
    EDGE_CUE,
    INNER,
    INNER_WORDS,
    INNER_WORD_SHARE,
    INNER_CUE,
    LONGEST_INNER,
    GAPS,
) = range(len(NAMES))


@njit_without_allocation
def _edges(probabilities: Numbers) -> tuple[int, int]:
    """Return the first line that is not improbable, and the end of the last."""
    start, stop = 0, probabilities.size
    while start < stop and probabilities[start] < IMPROBABLE:
        start += 1
    while stop > start and probabilities[stop - 1] < IMPROBABLE:
        stop -= 1
    return start, stop


@njit_without_allocation(error_model="numpy")
def fill_improbable(counters: Numbers, cues: Numbers, probabilities: Numbers, row: Numbers) -> None:
    """Fill in the features of a page of at least one line: `row` is float32[n_features], zeros."""
    n = probabilities.size
    start, stop = _edges(probabilities)
    words, other_words = EPSILON, EPSILON
    row[HIGHEST_CUE] = NO_CUE
    for i in range(n):
        count = counters[i, WORDS]
        count = count if count < MAX_COUNTED_WORDS else np.float32(MAX_COUNTED_WORDS)
        words += float(count)
        weighted_cue = cues[i] * count
        if probabilities[i] >= IMPROBABLE:
            row[CUE_OF_OTHERS] += weighted_cue
            other_words += float(count)
            continue
        row[N_LINES] += 1
        row[N_WORDS] += count
        row[MEAN_CUE] += weighted_cue
        row[LOWEST_CUE] = cues[i] if cues[i] < row[LOWEST_CUE] else row[LOWEST_CUE]
        row[HIGHEST_CUE] = cues[i] if cues[i] > row[HIGHEST_CUE] else row[HIGHEST_CUE]
        row[LONGEST] = count if count > row[LONGEST] else row[LONGEST]
        row[SENTENCE_SHARE] += counters[i, ENDS_SENTENCE] > 0
        row[AFTER_BLANK_SHARE] += counters[i, BLANK_BEFORE] > 0
        row[MEAN_PROBABILITY] += probabilities[i] * count
        if start <= i < stop:
            row[INNER] += 1
            row[INNER_WORDS] += count
            row[INNER_CUE] += weighted_cue
            row[LONGEST_INNER] = count if count > row[LONGEST_INNER] else row[LONGEST_INNER]
            row[GAPS] += probabilities[i - 1] >= IMPROBABLE
        else:
            row[EDGE_WORDS] += count
            row[EDGE_CUE] += weighted_cue
    row[SHARE] = row[N_LINES] / n
    row[WORD_SHARE] = row[N_WORDS] / words
    row[INNER_WORD_SHARE] = row[INNER_WORDS] / words
    row[AT_TOP], row[AT_BOTTOM] = start, n - stop
    row[CUE_OF_OTHERS] /= other_words
    row[SENTENCE_SHARE] /= row[N_LINES] + EPSILON
    row[AFTER_BLANK_SHARE] /= row[N_LINES] + EPSILON
    row[MEAN_CUE] /= row[N_WORDS] + EPSILON
    row[MEAN_PROBABILITY] /= row[N_WORDS] + EPSILON
    row[EDGE_CUE] /= row[EDGE_WORDS] + EPSILON
    row[INNER_CUE] /= row[INNER_WORDS] + EPSILON
