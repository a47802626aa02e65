"""The features of the second pass: what the first pass says about the lines around a line.

A short line between two sure paragraphs is content; a sentence in a list of teasers is not. Lines
of the same *shape* (indentation, bullet, short or long) and of the same stretch between blank lines
are mostly kept or removed together.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers, Offsets
from corpus.articles.lines.counters import BLANK_BEFORE, INDENTATION, STARTS_WITH_BULLET, WORDS
from corpus.kernels import njit, njit_without_allocation

STEPS = (-3, -2, -1, 1, 2, 3)
WINDOWS = (4, 12, 40)
MAX_WORDS = 150.0
NO_SCORE = np.float32(-6)
"""The score of a line beyond the ends of the page."""
MAX_INDENTATION = 15
LONG_LINE_WORDS = 8
N_SHAPES = 4 * (MAX_INDENTATION + 1)
SURE = 0.5
NAMES = (
    "score",
    *(f"score at {step:+d}" for step in STEPS),
    *(f"mean probability {side} within {size} lines" for size in WINDOWS
      for side in ("before", "after")),
    "mean probability with the same shape",
    "mean probability of the others with the same shape",
    "highest probability with the same shape",
    "mean probability of the stretch",
    "mean probability of the others in the stretch",
    "mean probability of the stretch before",
    "mean probability of the stretch after",
    "share of the page's content in the stretch",
    "lines since a probable line",
    "lines until a probable line",
    "share of content on the page",
    "words of content on the page",
    "highest probability on the page",
    "lowest probability on the page",
    "distance to the middle of the content",
    "lines after the middle of the content",
    "share of the content before it",
    "probability by the highest",
    "share of probable lines",
    "lowest probability before it within 12 lines",
    "lowest probability after it within 12 lines",
)  # fmt: skip
"""What each column contains; they follow those of the first pass."""
_FIRST_STEP, _FIRST_WINDOW = 1, 1 + len(STEPS)
(
    SHAPE_MEAN,
    SHAPE_MEAN_OF_OTHERS,
    SHAPE_HIGHEST,
    STRETCH_MEAN,
    STRETCH_MEAN_OF_OTHERS,
    STRETCH_BEFORE,
    STRETCH_AFTER,
    STRETCH_SHARE,
    SINCE_PROBABLE,
    UNTIL_PROBABLE,
    CONTENT_SHARE,
    CONTENT_WORDS,
    HIGHEST,
    LOWEST,
    DISTANCE_TO_MIDDLE,
    AFTER_MIDDLE,
    SHARE_BEFORE,
    BY_HIGHEST,
    PROBABLE_SHARE,
    LOWEST_BEFORE,
    LOWEST_AFTER,
) = range(_FIRST_WINDOW + 2 * len(WINDOWS), len(NAMES))
_STEPS, _WINDOWS = np.array(STEPS), np.array(WINDOWS)
_NEAR_LINES = 12
_EPSILON = 1e-6


@njit_without_allocation
def _shape(line: Numbers) -> int:
    """Return the shape of a line, given its counters: a number below `N_SHAPES`."""
    indentation = int(line[INDENTATION])
    indentation = indentation if indentation < MAX_INDENTATION else MAX_INDENTATION
    has_bullet, is_long = line[STARTS_WITH_BULLET] > 0, line[WORDS] > LONG_LINE_WORDS
    return 4 * indentation + 2 * int(has_bullet) + int(is_long)


@njit(error_model="numpy")
def _fill_columns(
    scores: Numbers,
    probabilities: Numbers,
    table: Numbers,
    first: int,
    steps: Offsets,
    windows: Offsets,
) -> None:
    """Fill in the columns of `table` from `first` on."""
    n = scores.size
    weight, mass = np.zeros(n + 1), np.zeros(n + 1)
    shape_weight, shape_mass, shape_best = (
        np.zeros(N_SHAPES),
        np.zeros(N_SHAPES),
        np.zeros(N_SHAPES),
    )
    stretch = np.zeros(n, np.int64)
    highest, lowest, centre, n_probable = 0.0, 1.0, 0.0, 0
    for i in range(n):
        count, p = np.float64(table[i, WORDS]), np.float64(probabilities[i])
        w = 1 + (count if count < MAX_WORDS else MAX_WORDS)
        weight[i + 1], mass[i + 1] = weight[i] + w, mass[i] + w * p
        shape = _shape(table[i])
        shape_weight[shape] += w
        shape_mass[shape] += w * p
        shape_best[shape] = p if p > shape_best[shape] else shape_best[shape]
        stretch[i] = 0 if i == 0 else stretch[i - 1] + (table[i, BLANK_BEFORE] > 0)
        highest = p if p > highest else highest
        lowest = p if p < lowest else lowest
        centre += i * w * p
        n_probable += int(p > SURE)
    n_stretches = stretch[n - 1] + 1
    stretch_weight, stretch_mass = np.zeros(n_stretches + 2), np.zeros(n_stretches + 2)
    for i in range(n):
        stretch_weight[stretch[i] + 1] += weight[i + 1] - weight[i]
        stretch_mass[stretch[i] + 1] += mass[i + 1] - mass[i]
    content = mass[n] + _EPSILON
    centre /= content
    since, until = 0, 0
    for step in range(n):
        i = n - 1 - step
        table[i, first + UNTIL_PROBABLE] = until
        until = 0 if probabilities[i] > SURE else until + 1
    for i in range(n):
        row = table[i, first:]
        p, w = np.float64(probabilities[i]), weight[i + 1] - weight[i]
        row[0] = scores[i]
        for k in range(steps.size):
            j = i + steps[k]
            row[_FIRST_STEP + k] = scores[j] if 0 <= j < n else NO_SCORE
        for k in range(windows.size):
            low = i - windows[k] if i > windows[k] else 0
            high = i + windows[k] + 1 if i + windows[k] < n else n
            at = _FIRST_WINDOW + 2 * k
            row[at] = (mass[i] - mass[low]) / (weight[i] - weight[low] + 1)
            row[at + 1] = (mass[high] - mass[i + 1]) / (weight[high] - weight[i + 1] + 1)
        shape, own = _shape(table[i]), stretch[i] + 1
        row[SHAPE_MEAN] = shape_mass[shape] / shape_weight[shape]
        row[SHAPE_MEAN_OF_OTHERS] = (shape_mass[shape] - w * p) / (shape_weight[shape] - w + 1)
        row[SHAPE_HIGHEST] = shape_best[shape]
        row[STRETCH_MEAN] = stretch_mass[own] / stretch_weight[own]
        row[STRETCH_MEAN_OF_OTHERS] = (stretch_mass[own] - w * p) / (stretch_weight[own] - w + 1)
        row[STRETCH_BEFORE] = stretch_mass[own - 1] / (stretch_weight[own - 1] + _EPSILON)
        row[STRETCH_AFTER] = stretch_mass[own + 1] / (stretch_weight[own + 1] + _EPSILON)
        row[STRETCH_SHARE] = stretch_mass[own] / content
        row[SINCE_PROBABLE] = since
        since = 0 if p > SURE else since + 1
        row[CONTENT_SHARE] = mass[n] / weight[n]
        row[CONTENT_WORDS] = mass[n]
        row[HIGHEST], row[LOWEST] = highest, lowest
        row[DISTANCE_TO_MIDDLE] = i - centre if i > centre else centre - i
        row[AFTER_MIDDLE] = i - centre
        row[SHARE_BEFORE] = mass[i] / content
        row[BY_HIGHEST] = p / (highest + _EPSILON)
        row[PROBABLE_SHARE] = n_probable / n
        row[LOWEST_BEFORE] = row[LOWEST_AFTER] = 1.0
        for k in range(1, _NEAR_LINES + 1):
            if i >= k and probabilities[i - k] < row[LOWEST_BEFORE]:
                row[LOWEST_BEFORE] = probabilities[i - k]
            if i + k < n and probabilities[i + k] < row[LOWEST_AFTER]:
                row[LOWEST_AFTER] = probabilities[i + k]


@njit
def _fill_pages(
    scores: Numbers,
    probabilities: Numbers,
    line_offsets: Offsets,
    wide: Numbers,
    column: int,
    steps: Offsets,
    windows: Offsets,
) -> None:
    """Fill in the columns of `wide` from `column` on, for the lines of all pages."""
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        if first < stop:
            own, probable = scores[first:stop], probabilities[first:stop]
            _fill_columns(own, probable, wide[first:stop], column, steps, windows)


def fill_second_pass(
    wide: Numbers, scores: Numbers, probabilities: Numbers, line_offsets: Offsets
) -> None:
    """Fill in the last columns of `wide`: the features of the second pass.

    `wide` (float32[n_lines, n_features + len(NAMES)]) begins with the counters of each line, and
    `line_offsets` is where the lines of each page start.
    """
    column = wide.shape[1] - len(NAMES)
    _fill_pages(scores, probabilities, line_offsets, wide, column, _STEPS, _WINDOWS)


def second_pass_table(table: Numbers, scores: Numbers, probabilities: Numbers) -> Numbers:
    """Return the features of the first pass and those of the second, for the lines of a page.

    float32[n_lines, n_features + len(NAMES)]. `table` begins with the counters of each line.
    """
    n, n_features = table.shape
    wide = np.zeros((n, n_features + len(NAMES)), np.float32)
    wide[:, :n_features] = table
    fill_second_pass(wide, scores, probabilities, np.array([0, n]))
    return wide
