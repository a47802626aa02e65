"""The kernels of the ensemble: scores of each model, and their weighted sum.

Floating-point numbers are added in a fixed order, and only the four operations and square roots are
used. So the results are the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit, njit_without_allocation

N_MODELS = 3
LANGDETECT, PY3LANGID, OWN = range(N_MODELS)
"""The index of each model."""

N_COLUMN_FIELDS = 3
COLUMN, SECOND_COLUMN, SHARED_WITH = range(N_COLUMN_FIELDS)
"""What a model's columns say of a language, see `ensemble_weights.EnsembleWeights.columns`."""

N_CONFIDENCES = 3
MARGIN, PROBABILITY, SQUARED_PROBABILITIES = range(N_CONFIDENCES)
"""What `combine_scores` writes about how clear a prediction is."""

MAX_LETTERS = 500
"""Weights depend on the number of letters up to this number."""

UNKNOWN = -1e30
"""The score of a language that a model does not know."""


@njit(inline="always")
def exponential(x: float) -> float:
    """Return e**x for x <= 0, to three digits, using multiplication only.

    The last bit of the C library's function may differ between machines.
    """
    if x < -40.0:
        return 0.0
    power = 1.0 + x / 1048576.0
    for _ in range(20):
        power *= power
    return power


@njit_without_allocation
def score_languages(
    sums: NDArray[np.int32],
    unit: float,
    sizes: NDArray[np.int64],
    columns: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    script: NDArray[np.int64],
    rows: NDArray[np.int64],
    scores: NDArray[np.float64],
    top_two: NDArray[np.int64],
) -> None:
    """Write one model's score of each language, and its two best languages, for the texts `rows`.

    A score is the sum of weights, in units of `unit`, over the square root of the text's size.
    scores: float64[n_texts, n_languages]. top_two: int64[n_texts, 2], only languages that the
    script allows; -1 for none; the first of equals.
    """
    for text in rows:
        factor = unit / np.sqrt(np.float64(max(sizes[text], 1)))
        first, second = -1, -1
        for language in range(len(columns)):
            column, second_column = columns[language, COLUMN], columns[language, SECOND_COLUMN]
            shared_with = columns[language, SHARED_WITH]
            if column < 0 or (shared_with >= 0 and not allowed[script[text], shared_with]):
                scores[text, language] = UNKNOWN
                continue
            weight = sums[text, column]
            if second_column >= 0:
                weight = max(weight, sums[text, second_column])
            score = np.float64(weight) * factor
            scores[text, language] = score
            if allowed[script[text], language]:
                if first < 0 or score > scores[text, first]:
                    first, second = language, first
                elif second < 0 or score > scores[text, second]:
                    second = language
        top_two[text, 0], top_two[text, 1] = first, second


@njit_without_allocation
def combine_scores(
    scores: NDArray[np.float64],
    top_two: NDArray[np.int64],
    rows: NDArray[np.int64],
    script: NDArray[np.int64],
    letters: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    shortness: NDArray[np.float64],
    close_languages: NDArray[np.int64],
    close_weights: NDArray[np.float64],
    total: NDArray[np.float64],
    ranked: NDArray[np.int64],
    confidence: NDArray[np.float64],
) -> None:
    """Write the two best languages of the texts `rows` by all models, and how clear the first is.

    scores: float64[N_MODELS, n_texts, n_languages]. top_two: int64[N_MODELS, n_texts, 2].
    ranked: int64[n_rows, 2], -1 for none. confidence: float64[n_rows, N_CONFIDENCES]: the
    difference of the two weighted sums (infinite without a second), the first language's
    probability, and the sum of the squared probabilities. `total` (float64[n_languages]) is a
    buffer.
    """
    n_languages = scores.shape[2]
    for row in range(len(rows)):
        text = rows[row]
        level = min(letters[text], MAX_LETTERS)
        for language in range(n_languages):
            total[language] = UNKNOWN
            if not allowed[script[text], language]:
                continue
            short = shortness[level]
            weighted = bias[0, language] * short + bias[1, language] * (1.0 - short)
            for model in range(N_MODELS):
                best = top_two[model, text, 0]
                if best >= 0 and scores[model, text, language] == UNKNOWN:
                    weighted -= weight[level, model, 1]
                elif best >= 0:
                    gap = scores[model, text, language] - scores[model, text, best]
                    weighted += weight[level, model, 0] * gap
            total[language] = weighted
        separate_close_languages(
            scores, text, shortness[level], close_languages, close_weights, total
        )
        first, second = -1, -1
        for language in range(n_languages):
            if total[language] == UNKNOWN:
                continue
            if first < 0 or total[language] > total[first]:
                first, second = language, first
            elif second < 0 or total[language] > total[second]:
                second = language
        any_best = max(top_two[LANGDETECT, text, 0], top_two[PY3LANGID, text, 0])
        any_best = max(any_best, top_two[OWN, text, 0])
        ranked[row, 0] = first if any_best >= 0 else -1
        ranked[row, 1] = second if any_best >= 0 else -1
        mass, squares = 0.0, 0.0
        for language in range(n_languages):
            if total[language] != UNKNOWN:
                part = exponential(total[language] - total[first])
                mass += part
                squares += part * part
        mass = max(mass, 1.0)
        confidence[row, MARGIN] = np.inf if second < 0 else total[first] - total[second]
        confidence[row, PROBABILITY] = 1.0 / mass
        confidence[row, SQUARED_PROBABILITIES] = squares / (mass * mass)


@njit_without_allocation
def separate_close_languages(
    scores: NDArray[np.float64],
    text: int,
    shortness: float,
    close_languages: NDArray[np.int64],
    close_weights: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """Rank the close languages (int64[n_close]) by their own weights; change `total` in place.

    The best of them gets the highest total of them all. Nothing changes if the script does not
    allow all of them. Each row of `close_weights` (float64[n_close, 2 * n_close]) is one of these
    languages. It weighs the lead of every other one over the first in py3langid, then in our own
    model; the last two are constants for short and for long texts.
    """
    n_others = len(close_languages) - 1
    best_total = UNKNOWN
    for language in close_languages:
        if total[language] == UNKNOWN:
            return
        best_total = max(best_total, total[language])
    best_sum = UNKNOWN
    for place in range(len(close_languages)):
        short_constant = close_weights[place, 2 * n_others]
        long_constant = close_weights[place, 2 * n_others + 1]
        weighted = short_constant * shortness + long_constant * (1 - shortness)
        for number in range(n_others):
            other, reference = close_languages[number + 1], close_languages[0]
            in_py3langid = scores[PY3LANGID, text, other] - scores[PY3LANGID, text, reference]
            in_own = scores[OWN, text, other] - scores[OWN, text, reference]
            weighted += (
                close_weights[place, number] * in_py3langid
                + close_weights[place, n_others + number] * in_own
            )
        total[close_languages[place]] = weighted
        best_sum = max(best_sum, weighted)
    for language in close_languages:
        total[language] += best_total - best_sum
