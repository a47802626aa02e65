"""Decide whether a page is better kept whole, because it is an article and nothing else.

A model of lines that was trained on pages with boilerplate finds some on any page. It would remove
the list, the interview and the poem from an article that is already clean. If it is trained on
clean articles too, it keeps teasers. So a second, small forest looks at the whole page: how sure
the line models are of its lines, and whether any line looks like boilerplate by its words. It
learns which is nearer to the article: the selected lines, or all lines. Each page is weighted by
how much that matters (the cost of an example as its weight: Zadrozny, Langford and Abe 2003). A
page with much boilerplate is never better kept whole.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers, Offsets
from corpus.articles.lines.counters import (
    CAPITALISED,
    COMMAS,
    DIGITS,
    ENDS_SENTENCE,
    EQUAL_LINES,
    HAS_YEAR_OR_TIME,
    SENTENCES,
    WORDS,
)
from corpus.articles.lines.improbable_lines import EPSILON, MAX_COUNTED_WORDS, fill_improbable
from corpus.articles.lines.improbable_lines import NAMES as IMPROBABLE_LINES
from corpus.kernels import njit

EDGE_LINES = 3
"""Lines at the top and at the bottom with features of their own: headers and teasers are there."""
SHORT_LINE_WORDS, PARAGRAPH_WORDS = 10, 20
MIN_WHOLE_PROBABILITY = 0.5
"""If the probability of keeping the whole page is lower, it does not raise those of the lines."""
MIN_EDGE_PROBABILITY = 0.15
"""Minimum probability of the first and of the last line of a page that is kept whole, if another
line of the page reaches `SURE_PROBABILITY`. On a page of one paragraph, no line is an edge."""
SURE_PROBABILITY = 0.95
MAX_SHORT_PAGE_LINES = 6
"""A text of at most this many lines rarely has boilerplate: a dumped page is longer."""
SHORT_PAGE_LOG_ODDS = np.float32(1.5)
"""Added to the log-odds of such a text, because half of the short texts in the training data are
boilerplate."""
PROBABILITY_BOUNDS = (0.1, 0.3, 0.5, 0.7, 0.9)
CUE_BOUNDS = (-2.0, -1.0, 0.0, 1.0)
NAMES = (
    "lines",
    "words",
    "lowest probability",
    "second lowest probability",
    "highest probability",
    "mean probability of a line",
    "mean probability of a word",
    "probability of the first line",
    "probability of the last line",
    "mean probability of the first lines",
    "mean probability of the last lines",
    *(f"share of lines with a probability below {bound}" for bound in PROBABILITY_BOUNDS),
    "lowest cue",
    "mean cue of a line",
    "mean cue of a word",
    "cue of the first line",
    "cue of the last line",
    *(f"share of lines with a cue below {bound:+.0f}" for bound in CUE_BOUNDS),
    "short lines",
    "share of short lines",
    "share of full paragraphs",
    "words of the longest line",
    "capitalised words per word",
    "sentences per word",
    "mean commas",
    "mean digits",
    "share of lines that are repeated",
    "share of lines with a year or a time",
)
"""What each of the first columns contains. Those of `improbable_lines` follow."""

(
    LINES,
    PAGE_WORDS,
    LOWEST,
    SECOND_LOWEST,
    HIGHEST,
    MEAN_BY_LINE,
    MEAN_BY_WORD,
    FIRST_LINE,
    LAST_LINE,
    FIRST_LINES,
    LAST_LINES,
    BELOW_PROBABILITY,
    _,
    _,
    _,
    _,
    LOWEST_CUE,
    MEAN_CUE_BY_LINE,
    MEAN_CUE_BY_WORD,
    FIRST_CUE,
    LAST_CUE,
    BELOW_CUE,
    _,
    _,
    _,
    SHORT_LINES,
    SHORT_LINE_SHARE,
    PARAGRAPH_SHARE,
    LONGEST_LINE,
    CAPITALISED_BY_WORD,
    SENTENCES_BY_WORD,
    MEAN_COMMAS,
    MEAN_DIGITS,
    REPEATED_SHARE,
    HAS_TIME_SHARE,
) = range(len(NAMES))


@njit(error_model="numpy")
def _fill_page(counters: Numbers, cues: Numbers, probabilities: Numbers, page: Numbers) -> None:
    """Fill in the features of a page of at least one line: `page` is float32[n_features], zeros."""
    n = cues.size
    lowest, second, highest, lowest_cue = np.float32(1), np.float32(1), np.float32(0), cues[0]
    words = EPSILON
    for i in range(n):
        probability, cue, line = probabilities[i], cues[i], counters[i]
        count = line[WORDS] if line[WORDS] < MAX_COUNTED_WORDS else MAX_COUNTED_WORDS
        words += count
        if probability < lowest:
            lowest, second = probability, lowest
        elif probability < second:
            second = probability
        highest = probability if probability > highest else highest
        lowest_cue = cue if cue < lowest_cue else lowest_cue
        page[MEAN_BY_LINE] += probability / n
        page[MEAN_BY_WORD] += probability * count
        page[FIRST_LINES] += (i < EDGE_LINES) * probability
        page[LAST_LINES] += (i >= n - EDGE_LINES) * probability
        for k in range(len(PROBABILITY_BOUNDS)):
            page[BELOW_PROBABILITY + k] += (probability < PROBABILITY_BOUNDS[k]) / n
        page[MEAN_CUE_BY_LINE] += cue / n
        page[MEAN_CUE_BY_WORD] += cue * count
        for k in range(len(CUE_BOUNDS)):
            page[BELOW_CUE + k] += (cue < CUE_BOUNDS[k]) / n
        page[SHORT_LINES] += count < SHORT_LINE_WORDS and line[ENDS_SENTENCE] == 0
        page[PARAGRAPH_SHARE] += (count >= PARAGRAPH_WORDS and line[ENDS_SENTENCE] > 0) / n
        page[LONGEST_LINE] = count if count > page[LONGEST_LINE] else page[LONGEST_LINE]
        page[CAPITALISED_BY_WORD] += line[CAPITALISED] * count
        page[SENTENCES_BY_WORD] += line[SENTENCES]
        page[MEAN_COMMAS] += line[COMMAS] / n
        page[MEAN_DIGITS] += line[DIGITS] / n
        page[REPEATED_SHARE] += (line[EQUAL_LINES] > 0) / n
        page[HAS_TIME_SHARE] += line[HAS_YEAR_OR_TIME] / n
    edge = n if n < EDGE_LINES else EDGE_LINES
    page[LINES], page[PAGE_WORDS], page[LOWEST_CUE] = n, words, lowest_cue
    page[LOWEST], page[SECOND_LOWEST], page[HIGHEST] = lowest, second, highest
    page[FIRST_LINE], page[LAST_LINE] = probabilities[0], probabilities[n - 1]
    page[FIRST_CUE], page[LAST_CUE] = cues[0], cues[n - 1]
    page[SHORT_LINE_SHARE] = page[SHORT_LINES] / n
    for column in (FIRST_LINES, LAST_LINES):
        page[column] /= edge
    for column in (MEAN_BY_WORD, MEAN_CUE_BY_WORD, CAPITALISED_BY_WORD, SENTENCES_BY_WORD):
        page[column] /= words
    fill_improbable(counters, cues, probabilities, page[len(NAMES) :])


@njit
def _fill_pages(
    counters: Numbers, cues: Numbers, probabilities: Numbers, line_offsets: Offsets, table: Numbers
) -> None:
    """Fill in a row of `table` for each page."""
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        if first < stop:
            lines, probable = counters[first:stop], probabilities[first:stop]
            _fill_page(lines, cues[first:stop], probable, table[page])


def features_of_pages(
    counters: Numbers, cues: Numbers, probabilities: Numbers, line_offsets: Offsets
) -> Numbers:
    """Return the features of each page (float32[n_pages, n_features]): zeros if it has no lines.

    Takes the counters, the cues and the probabilities of the lines, and where those of each page
    start.
    """
    n_features = len(NAMES) + len(IMPROBABLE_LINES)
    table = np.zeros((line_offsets.size - 1, n_features), np.float32)
    _fill_pages(counters, cues, probabilities, line_offsets, table)
    return table


def page_features(counters: Numbers, cues: Numbers, probabilities: Numbers) -> Numbers:
    """Return the features of a single page (float32[1, n_features])."""
    return features_of_pages(counters, cues, probabilities, np.array([0, cues.size]))


@njit
def raise_probabilities(probabilities: Numbers, page_probability: float) -> None:
    """Raise the probability of each line, given that of keeping the whole page.

    Below `MIN_WHOLE_PROBABILITY` the lines are judged one by one: readers would rather miss a
    doubtful line than read boilerplate. Where a page has a line that is surely content, lines at
    the top and at the bottom that are very likely boilerplate are not raised: a print version has
    only a byline above its article.
    """
    if page_probability < MIN_WHOLE_PROBABILITY or probabilities.size == 0:
        return
    start, stop = 0, probabilities.size
    least = 0.0
    for probability in probabilities:
        if probability >= SURE_PROBABILITY:
            least = MIN_EDGE_PROBABILITY
    while start < stop and probabilities[start] < least:
        start += 1
    while stop > start and probabilities[stop - 1] < least:
        stop -= 1
    for i in range(start, stop):
        probabilities[i] = page_probability + (1 - page_probability) * probabilities[i]


@njit
def raise_on_pages(
    probabilities: Numbers, page_probabilities: Numbers, line_offsets: Offsets
) -> None:
    """Raise the probabilities of the lines of each page."""
    for page in range(page_probabilities.size):
        own = probabilities[line_offsets[page] : line_offsets[page + 1]]
        raise_probabilities(own, page_probabilities[page])
