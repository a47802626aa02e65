"""How likely the best language is the right one, from three signs.

A model that must choose one of 55 profiles is as sure of itself on a language it has never seen.
So a score has to ask two things: does the best language beat the next, and does the text look like
that language at all?

    evidence    how far the best lies before the next language: the difference of their
                log-likelihoods, over the square root of the number of n-grams (they overlap, so
                they are not so many witnesses)
    likeness    the mean weight of the text's n-grams, over that of an article in the language,
                less 1
    length      how many n-grams the text has: what is odd in an article is nothing odd in a
                headline

The first two have one set of weights for a very short text and one for a very long one; the third
mixes them. The weights are a logistic regression on 45,000 texts in 330 languages, most of which
have no profile; those count a quarter each (`scripts/calibrate_languages.py` fits them). With a
score of 0.7, seven of ten such texts are tagged right. Among articles in a language with a
profile, nearly all with a score over 0.5 are.

Sums, products, quotients and roots alone are used, and four digits kept: the same on every
processor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_EVIDENCE = 8.0
"""More makes no difference; a language without a rival in its script has as much."""

LITTLE_EVIDENCE = 2.0
"""Below this each bit of evidence counts more."""

MOST_LIKENESS = 0.05
SOME_LIKENESS = -0.08
"""Articles in the language are seldom below this; what a text lacks beyond it says little more."""

LONG = 300
"""A text of this many n-grams (about 100 letters) counts half as short, half as long."""

SHORT_WEIGHTS = (-1.43, 0.61, 1.09, 0.0, 0.0)
LONG_WEIGHTS = (2.94, 0.08, 0.01, 42.2, 16.81)
"""Of the constant, evidence, little evidence, likeness, some likeness."""

LOGISTIC = (0.0025, 0.0067, 0.018, 0.0474, 0.1192, 0.2689, 0.5)
"""The logistic function at -6, -5, ... 0; straight lines between them stand for it."""

UNLIKE = ("ja", "zh")
"""Of thousands of characters a text has few: that it is unlike its profile says nothing."""

USUAL = 0.96
REACHED = {
    "ar": 0.93,
    "bn": 0.94,
    "ca": 1.0,
    "cs": 0.94,
    "cy": 0.98,
    "es": 0.98,
    "et": 1.01,
    "fa": 0.92,
    "fi": 0.98,
    "gu": 0.75,
    "hi": 0.91,
    "kn": 0.92,
    "ko": 0.93,
    "lt": 0.98,
    "lv": 0.99,
    "mk": 0.98,
    "mr": 0.92,
    "ne": 0.91,
    "pa": 0.86,
    "ro": 1.01,
    "sk": 0.94,
    "sl": 1.0,
    "sw": 0.92,
    "te": 0.94,
    "th": 0.9,
    "tl": 0.98,
    "uk": 0.93,
    "ur": 0.93,
    "vi": 1.02,
}
"""What part of its profile's typical weight an article in a language reaches, if not `USUAL`."""


def score(
    evidence: NDArray[np.float64], likeness: NDArray[np.float64], n_grams: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Return the chance, from 0 to 1, that the best language of each text is the right one."""
    long = n_grams / (n_grams + LONG)
    signs = signs_of(evidence, likeness)
    odds = np.zeros(len(n_grams))
    for sign, short_weight, long_weight in zip(signs, SHORT_WEIGHTS, LONG_WEIGHTS, strict=True):
        odds += sign * (short_weight + (long_weight - short_weight) * long)
    rising = [*LOGISTIC, *(1 - value for value in LOGISTIC[-2::-1])]
    return np.round(np.interp(odds, np.arange(-6, 7), rising), 4)


def signs_of(
    evidence: NDArray[np.float64], likeness: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Return what the weights are multiplied with: float64[n_texts] each."""
    evidence = np.minimum(evidence, MOST_EVIDENCE)
    likeness = np.minimum(likeness, MOST_LIKENESS)
    return (
        np.ones(len(evidence)),
        evidence,
        np.minimum(evidence, LITTLE_EVIDENCE),
        likeness,
        np.maximum(likeness, SOME_LIKENESS),
    )
