"""Three voices, one answer: the fitted rule that combines the models, and its score.

Each voice gives every language a number: the log-likelihood ratio of its n-grams, over the root
of how many there are. The rule adds up, for each language that the script allows,

    the sum over voices of
        weight * (the voice's number - its best) - absence * [it lacks the language]
    + a bias of the language

where weights and absences depend on how many letters there are. The greatest sum is the answer, the
next one the second. How likely the answer is right is asked of boosted trees, which see how far it
leads, who agrees, and whether the text looks like that language at all (see `SIGNS`).

The third voice is the slowest, and is asked only where the first two leave doubt: where they
disagree, or trees of their own (see `FIRST_SIGNS`) are not `SURE` that they are right.

`rule.npz` has the numbers; `scripts/fit_language_rule.py` fits them. Floating-point numbers are
added in a fixed order, and nothing but the four operations and roots is used: the same bits on
every machine.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit
from corpus.languages import cached, profiles, walks, words
from corpus.languages.codes import LANGUAGES
from corpus.languages.forests import Forest, exponential
from corpus.languages.scripts import allowed

PATH = Path(__file__).with_name("rule.npz")

VOICES = 3
PROFILES, WALKS, WORDS = range(VOICES)

MOST_LETTERS = 500
"""The weights do not change any more beyond so many letters."""

ABSENT = -1e30
"""What a voice says of a language it does not know."""

FAR = 12.0
"""A lead of more than this says no more."""

VERY_FAR = 40.0
"""Nor does one of the first two voices by themselves."""

FIRST_SIGNS = (
    "letters",
    "lead of the profiles",
    "lead of the walks",
    "mean weight in the profile",
    "mean weight against what is typical",
    "known n-grams for each letter",
    "share of the main script",
    "languages that the script allows",
)

SIGNS = (
    *FIRST_SIGNS[:1],
    "lead of the rule",
    "probability by the rule",
    "sum of squared probabilities",
    "mean weight in the profile",
    "is in the profiles",
    "mean weight in the words",
    "is in the words",
    "lead of the best language that is none of ours, in the words",
    "the profiles agree",
    "the walks agree",
    "the words agree",
    "known n-grams for each letter",
    "known words' n-grams for each letter",
    "lead in the walks",
    "share of the main script",
    "languages that the script allows",
    "mean weight in the profile, against what is typical",
    "mean weight in the words, against what is typical",
    "mean weight, in the words, of the best language that is none of ours",
)


class Rule(NamedTuple):
    """The fitted numbers, and which column of each voice means which language."""

    columns: NDArray[np.int64]
    """int64[VOICES, n_languages, 2]: the columns of a voice that mean a language, -1 for none."""
    others: NDArray[np.int64]
    """int64[n_others]: the columns of the words that mean none of our languages."""
    allowed: NDArray[np.bool_]
    """bool[n_scripts, n_languages]"""
    weight: NDArray[np.float64]
    """float64[MOST_LETTERS + 1, VOICES, 2]: weight and absence, by the number of letters."""
    bias: NDArray[np.float64]
    """float64[2, n_languages]: of short texts, and of long ones."""
    short: NDArray[np.float64]
    """float64[MOST_LETTERS + 1]: how much a text of so many letters is a short one."""
    typical: NDArray[np.float64]
    """float64[VOICES, n_languages, 2]: mean weight and its deviation in texts of the language."""
    sure: float
    """Where the first two agree and their chance to be right is this, the third is not asked."""
    first: Forest
    """Chances by FIRST_SIGNS."""
    second: Forest
    """Chances by SIGNS."""


@cache
def load() -> Rule:
    """Return the rule that ships with the package."""
    arrays = cached.from_bytes(PATH.read_bytes())
    forests = [
        Forest(*(arrays[f"{name}_{field}"] for field in Forest._fields))
        for name in ("first", "second")
    ]
    fitted = {name: arrays[name] for name in ("weight", "bias", "short", "typical")}
    sure = float(arrays["sure"])
    return Rule(
        columns(), others(), allowed(), **fitted, sure=sure, first=forests[0], second=forests[1]
    )


def columns(model: words.Words | None = None) -> NDArray[np.int64]:
    """Return the columns of each voice that mean each language (int64[VOICES, n_languages, 2])."""
    named = (
        [LANGUAGES[number] for number in profiles.load().languages],
        walks.load().classes.tolist(),
        (words.load() if model is None else model).languages.tolist(),
    )
    found = np.full((VOICES, len(LANGUAGES), 2), -1, np.int64)
    for voice, names in enumerate(named):
        for column, name in enumerate(names):
            if name in LANGUAGES:
                place = found[voice, LANGUAGES.index(name)]
                place[int(place[0] >= 0)] = column
    return found


def others(model: words.Words | None = None) -> NDArray[np.int64]:
    """Return the columns of the words that mean none of our languages."""
    names = (words.load() if model is None else model).languages
    return np.flatnonzero(~np.isin(names, [*LANGUAGES, ""])).astype(np.int64)


@njit
def hear(
    sums: NDArray[np.int64],
    unit: float,
    sizes: NDArray[np.int64],
    columns: NDArray[np.int64],
    heard: NDArray[np.float64],
) -> None:
    """Write what one voice says of each language to `heard` (float64[n_texts, n_languages]).

    A voice's number is its sum in units of `unit`, over the root of the text's size.
    """
    for text in range(len(sums)):
        factor = unit / np.sqrt(np.float64(max(sizes[text], 1)))
        for language in range(len(columns)):
            first, second = columns[language]
            if first < 0:
                heard[text, language] = ABSENT
                continue
            found = sums[text, first]
            if second >= 0:
                found = max(found, sums[text, second])
            heard[text, language] = np.float64(found) * factor


@njit(inline="always")
def _leader(heard: NDArray[np.float64], allowed: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the best and the second allowed language, -1 for none; of equals, the first."""
    best = -1
    second = -1
    for language in range(len(heard)):
        if not allowed[language] or heard[language] == ABSENT:
            continue
        if best < 0 or heard[language] > heard[best]:
            second = best
            best = language
        elif second < 0 or heard[language] > heard[second]:
            second = language
    return best, second


@njit(inline="always")
def _against(value: float, typical: NDArray[np.float64]) -> float:
    """Return how far a value is from what is typical, in deviations, at most 8."""
    return max(-8.0, min(8.0, (value - typical[0]) / typical[1]))


@njit
def agree(
    heard: NDArray[np.float64],
    script: NDArray[np.int64],
    letters: NDArray[np.int64],
    share: NDArray[np.float64],
    n_known: NDArray[np.int32],
    allowed: NDArray[np.bool_],
    typical: NDArray[np.float64],
    said: NDArray[np.int64],
    signs: NDArray[np.float64],
) -> None:
    """Write the language that the first two voices agree on, the second, and the signs.

    heard float64[VOICES, n_texts, n_languages]; said int64[n_texts, 2], -1 where they disagree;
    signs float64[n_texts, len(FIRST_SIGNS)].
    """
    for text in range(len(script)):
        possible = allowed[script[text]]
        one, _ = _leader(heard[PROFILES, text], possible)
        best, second = _leader(heard[WALKS, text], possible)
        said[text] = -1
        signs[text] = 0.0
        if one < 0 or one != best:
            continue
        _, rival = _leader(heard[PROFILES, text], possible)
        said[text, 0] = best
        said[text, 1] = second
        row = signs[text]
        n_letters = np.float64(max(letters[text], 1))
        mean = heard[PROFILES, text, one] / np.sqrt(np.float64(max(n_known[text], 1)))
        row[0] = letters[text]
        row[1] = VERY_FAR
        if rival >= 0:
            row[1] = min(VERY_FAR, heard[PROFILES, text, one] - heard[PROFILES, text, rival])
        row[2] = VERY_FAR
        if second >= 0:
            row[2] = min(VERY_FAR, heard[WALKS, text, best] - heard[WALKS, text, second])
        row[3] = mean
        row[4] = _against(mean, typical[PROFILES, one])
        row[5] = min(3.0, n_known[text] / n_letters)
        row[6] = share[text]
        row[7] = possible.sum()


@njit
def combine(
    heard: NDArray[np.float64],
    other: NDArray[np.float64],
    asked: NDArray[np.bool_],
    script: NDArray[np.int64],
    letters: NDArray[np.int64],
    share: NDArray[np.float64],
    n_known: NDArray[np.int32],
    sizes: NDArray[np.int64],
    rule: Rule,
    said: NDArray[np.int64],
    signs: NDArray[np.float64],
) -> None:
    """Write the answer of all voices to those texts that were `asked` about, the second, the signs.

    `other` float64[n_texts] is what the words say of the best language that is none of ours; said
    int64[n_texts, 2], -1 for none; signs float64[n_texts, len(SIGNS)]. 1 us for a text.
    """
    n_languages = heard.shape[2]
    total = np.empty(n_languages)
    best = np.empty(VOICES, np.int64)
    for text in range(len(script)):
        if not asked[text]:
            continue
        possible = rule.allowed[script[text]]
        said[text] = -1
        for voice in range(VOICES):
            best[voice], _ = _leader(heard[voice, text], possible)
        level = min(letters[text], MOST_LETTERS)
        short = rule.short[level]
        for language in range(n_languages):
            total[language] = ABSENT
            if not possible[language]:
                continue
            sum_ = rule.bias[0, language] * short + rule.bias[1, language] * (1.0 - short)
            for voice in range(VOICES):
                if best[voice] < 0:
                    continue
                if heard[voice, text, language] == ABSENT:
                    sum_ -= rule.weight[level, voice, 1]
                else:
                    behind = heard[voice, text, language] - heard[voice, text, best[voice]]
                    sum_ += rule.weight[level, voice, 0] * behind
            total[language] = sum_
        first, second = _leader(total, possible)
        if first < 0 or (best[PROFILES] < 0 and best[WALKS] < 0 and best[WORDS] < 0):
            continue
        said[text, 0] = first
        said[text, 1] = second
        mass = 0.0
        squares = 0.0
        for language in range(n_languages):
            if possible[language]:
                part = exponential(total[language] - total[first])
                mass += part
                squares += part * part
        _sign(
            heard[:, text],
            other[text],
            best,
            possible,
            first,
            rule.typical,
            np.float64(letters[text]),
            np.float64(n_known[text]),
            sizes[text] / 10.0,
            signs[text],
        )
        signs[text, 1] = FAR if second < 0 else min(FAR, total[first] - total[second])
        signs[text, 2] = 1.0 / mass
        signs[text, 3] = squares / (mass * mass)
        signs[text, 15] = share[text]
        signs[text, 16] = possible.sum()


@njit
def _sign(
    heard: NDArray[np.float64],
    other: float,
    best: NDArray[np.int64],
    possible: NDArray[np.bool_],
    first: int,
    typical: NDArray[np.float64],
    letters: float,
    n_known: float,
    size: float,
    row: NDArray[np.float64],
) -> None:
    """Write the signs of one text that do not come from the rule's own sums."""
    row[:] = 0.0
    n_letters = max(letters, 1.0)
    root = np.sqrt(max(size, 1.0))
    row[0] = letters
    if heard[PROFILES, first] != ABSENT:
        row[4] = heard[PROFILES, first] / np.sqrt(max(n_known, 1.0))
        row[5] = 1.0
        row[17] = _against(row[4], typical[PROFILES, first])
    known = ABSENT
    if heard[WORDS, first] != ABSENT:
        known = heard[WORDS, first]
        row[6] = known / root
        row[7] = 1.0
        row[18] = _against(row[6], typical[WORDS, first])
    else:
        for language in range(heard.shape[1]):
            known = max(known, heard[WORDS, language])
    row[8] = max(-8.0, min(8.0, other - known))
    row[9] = best[PROFILES] == first
    row[10] = best[WALKS] == first
    row[11] = best[WORDS] == first
    row[12] = min(3.0, n_known / n_letters)
    row[13] = size / n_letters
    row[19] = other / root
    if heard[WALKS, first] != ABSENT:
        ahead = FAR
        for language in range(heard.shape[1]):
            if possible[language] and language != first and heard[WALKS, language] != ABSENT:
                ahead = min(ahead, heard[WALKS, first] - heard[WALKS, language])
        row[14] = max(-20.0, ahead)
    else:
        row[14] = -20.0
