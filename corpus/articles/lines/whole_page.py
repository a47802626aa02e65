"""What a page looks like from afar: perhaps it is better kept whole.

Trained on pages with boilerplate, a model of lines finds some on any page: it drops the list, the
interview and the poem of an article that was clean already. Trained on clean articles too, it lets
teasers pass. So a second, small forest looks at the whole page: how sure the first ones are of its
lines, and whether any line speaks like boilerplate. It learns which way comes nearer to the article:
what the lines say, or all of them; each page counts by how much that matters (the costs of examples
as their weights: Zadrozny, Langford and Abe 2003). A page with much boilerplate is never better
whole.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers
from corpus.articles.lines.counters import (
    CAPITALISED,
    COMMAS,
    DIGITS,
    ENDS,
    EQUALS,
    SENTENCES,
    TIMED,
    WORDS,
)
from corpus.kernels import njit

MOST_COUNTED = 150.0
"""Words of one line that count."""
ENDMOST = 3
"""Lines at the top and at the bottom that are looked at: headers and teasers stand there."""
LIKELY = 0.5
"""The chance that a page is better kept whole from which that counts."""
FEW_LINES = 6
"""A text of no more lines hardly has boilerplate: nobody dumps a page of six lines."""
FEW_LINES_ODDS = np.float32(1.5)
"""Added to the log-odds that such a text is whole: half of those learned from were boilerplate."""
CHANCES = (0.1, 0.3, 0.5, 0.7, 0.9)
CUES = (-2.0, -1.0, 0.0, 1.0)
NAMES = (
    "lines",
    "words",
    "lowest chance",
    "second lowest chance",
    "highest chance",
    "mean chance of a line",
    "mean chance of a word",
    "chance of the first line",
    "chance of the last line",
    "mean chance of the first lines",
    "mean chance of the last lines",
    *(f"share of lines of chance below {bound}" for bound in CHANCES),
    "lowest cue",
    "mean cue of a line",
    "mean cue of a word",
    "cue of the first line",
    "cue of the last line",
    *(f"share of lines of cue below {bound:+.0f}" for bound in CUES),
    "short lines",
    "share of lines that are short",
    "share of lines that are paragraphs",
    "words of the longest line",
    "capitals by words",
    "sentences by words",
    "mean commas",
    "mean digits",
    "share of lines that stand twice",
    "share of lines that hold a year or a time",
)
"""What each column is."""


@njit(error_model="numpy")
def portrait(counters: Numbers, cues: Numbers, chances: Numbers) -> Numbers:
    """Return the features of a page: float32[1, n_features], zeros for a page of no lines."""
    n = cues.size
    page = np.zeros((1, len(NAMES)), np.float32)
    found = page[0]
    if n == 0:
        return page
    lowest, second, highest, least = np.float32(1), np.float32(1), np.float32(0), cues[0]
    words = 1e-6
    for i in range(n):
        chance, cue = chances[i], cues[i]
        count = counters[i, WORDS] if counters[i, WORDS] < MOST_COUNTED else MOST_COUNTED
        words += count
        if chance < lowest:
            lowest, second = chance, lowest
        elif chance < second:
            second = chance
        highest = chance if chance > highest else highest
        least = cue if cue < least else least
        found[5] += chance / n
        found[6] += chance * count
        found[9] += (i < ENDMOST) * chance
        found[10] += (i >= n - ENDMOST) * chance
        for k in range(len(CHANCES)):
            found[11 + k] += (chance < CHANCES[k]) / n
        found[17] += cue / n
        found[18] += cue * count
        for k in range(len(CUES)):
            found[21 + k] += (cue < CUES[k]) / n
        found[25] += count < 10 and counters[i, ENDS] == 0
        found[27] += (count >= 20 and counters[i, ENDS] > 0) / n
        found[28] = count if count > found[28] else found[28]
        found[29] += counters[i, CAPITALISED] * count
        found[30] += counters[i, SENTENCES]
        found[31] += counters[i, COMMAS] / n
        found[32] += counters[i, DIGITS] / n
        found[33] += (counters[i, EQUALS] > 0) / n
        found[34] += counters[i, TIMED] / n
    ends = n if n < ENDMOST else ENDMOST
    found[0], found[1], found[2], found[3], found[4] = n, words, lowest, second, highest
    found[7], found[8], found[16] = chances[0], chances[n - 1], least
    found[19], found[20] = cues[0], cues[n - 1]
    found[26] = found[25] / n
    for k in (9, 10):
        found[k] /= ends
    for k in (6, 18, 29, 30):
        found[k] /= words
    return page


@njit
def mixed(chances: Numbers, whole: float) -> Numbers:
    """Return the chance of each line, if the page is better kept whole at a chance of `whole`.

    A page that is not likely whole is judged line by line: where boilerplate is doubtful, who reads
    would rather have it gone.
    """
    found = chances.copy()
    if whole < LIKELY:
        return found
    for i in range(chances.size):
        found[i] = whole + (1 - whole) * chances[i]
    return found
