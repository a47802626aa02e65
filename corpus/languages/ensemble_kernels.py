"""What three voices say of each language, and what a rule makes of it: the loops.

Floating-point numbers are added in a fixed order, and nothing but the four operations and roots is
used: the same bits on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit
from corpus.languages.forests import exponential

VOICES = 3
PROFILES, WALKS, WORDS = range(VOICES)

MOST_LETTERS = 500
"""The weights do not change any more beyond so many letters."""

ABSENT = -1e30
"""What a voice says of a language it does not know."""


@njit
def hear(
    sums: NDArray[np.int32],
    unit: float,
    sizes: NDArray[np.int64],
    columns: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    script: NDArray[np.int64],
    rows: NDArray[np.int64],
    heard: NDArray[np.float64],
    best: NDArray[np.int64],
) -> None:
    """Write what one voice says of each language, and the two likeliest that the script allows.

    Of the texts in `rows` alone. A voice's number is its sum in units of `unit`, over the root of
    the text's size. heard float64[n_texts, n_languages]; best int64[n_texts, 2], -1 for none; of
    equals, the first.
    """
    for text in rows:
        factor = unit / np.sqrt(np.float64(max(sizes[text], 1)))
        first, second = -1, -1
        for language in range(len(columns)):
            column, other, twin = columns[language, 0], columns[language, 1], columns[language, 2]
            if column < 0 or (twin >= 0 and not allowed[script[text], twin]):
                heard[text, language] = ABSENT
                continue
            found = sums[text, column]
            if other >= 0:
                found = max(found, sums[text, other])
            said = np.float64(found) * factor
            heard[text, language] = said
            if allowed[script[text], language]:
                if first < 0 or said > heard[text, first]:
                    first, second = language, first
                elif second < 0 or said > heard[text, second]:
                    second = language
        best[text, 0], best[text, 1] = first, second


@njit
def combine(
    heard: NDArray[np.float64],
    best: NDArray[np.int64],
    rows: NDArray[np.int64],
    script: NDArray[np.int64],
    letters: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    weight: NDArray[np.float64],
    bias: NDArray[np.float64],
    short: NDArray[np.float64],
    kin: NDArray[np.int64],
    telling: NDArray[np.float64],
    total: NDArray[np.float64],
    said: NDArray[np.int64],
    lead: NDArray[np.float64],
) -> None:
    """Write the answer of all voices for some rows, the second, and how far the answer leads.

    heard float64[VOICES, n_texts, n_languages]; best int64[VOICES, n_texts, 2]; said
    int64[n_rows, 2], -1 for none; lead float64[n_rows, 3]: the difference of the two sums (infinite
    without a second), the answer's probability by the rule, and the sum of all squared. `total`,
    float64[n_languages], is room to work in.
    """
    n_languages = heard.shape[2]
    for row in range(len(rows)):
        text = rows[row]
        level = min(letters[text], MOST_LETTERS)
        for language in range(n_languages):
            total[language] = ABSENT
            if not allowed[script[text], language]:
                continue
            sum_ = bias[0, language] * short[level] + bias[1, language] * (1.0 - short[level])
            for voice in range(VOICES):
                top = best[voice, text, 0]
                if top >= 0 and heard[voice, text, language] == ABSENT:
                    sum_ -= weight[level, voice, 1]
                elif top >= 0:
                    behind = heard[voice, text, language] - heard[voice, text, top]
                    sum_ += weight[level, voice, 0] * behind
            total[language] = sum_
        part_kin(heard, text, short[level], kin, telling, total)
        first, second = -1, -1
        for language in range(n_languages):
            if total[language] == ABSENT:
                continue
            if first < 0 or total[language] > total[first]:
                first, second = language, first
            elif second < 0 or total[language] > total[second]:
                second = language
        anything = max(best[PROFILES, text, 0], best[WALKS, text, 0], best[WORDS, text, 0]) >= 0
        said[row, 0] = first if anything else -1
        said[row, 1] = second if anything else -1
        mass, squares = 0.0, 0.0
        for language in range(n_languages):
            if total[language] != ABSENT:
                part = exponential(total[language] - total[first])
                mass += part
                squares += part * part
        mass = max(mass, 1.0)
        lead[row, 0] = np.inf if second < 0 else total[first] - total[second]
        lead[row, 1] = 1.0 / mass
        lead[row, 2] = squares / (mass * mass)


@njit
def part_kin(
    heard: NDArray[np.float64],
    text: int,
    short: float,
    kin: NDArray[np.int64],
    telling: NDArray[np.float64],
    total: NDArray[np.float64],
) -> None:
    """Share out the best sum among close kin (int64[n_kin]) by weights of their own.

    Where the script allows all of them. `telling` float64[n_kin, 2 * n_kin] weighs, for each of
    them, how far every other one is before the first in the walks, then in the words; then come a
    constant for short texts and one for long ones. `total` is changed in place.
    """
    n_others = len(kin) - 1
    best = ABSENT
    for language in kin:
        if total[language] == ABSENT:
            return
        best = max(best, total[language])
    top = ABSENT
    for place in range(len(kin)):
        sum_ = telling[place, 2 * n_others] * short + telling[place, 2 * n_others + 1] * (1 - short)
        for other in range(n_others):
            walks = heard[WALKS, text, kin[other + 1]] - heard[WALKS, text, kin[0]]
            words = heard[WORDS, text, kin[other + 1]] - heard[WORDS, text, kin[0]]
            sum_ += telling[place, other] * walks + telling[place, n_others + other] * words
        total[kin[place]] = sum_
        top = max(top, sum_)
    for language in kin:
        total[language] += best - top
