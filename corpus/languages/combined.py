"""The backend `combined`: two models for every text, a third where they leave doubt, one rule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.languages import profiles, rule, walks, words
from corpus.languages.answers import Answer, Reading, Weighed
from corpus.languages.codes import LANGUAGES
from corpus.languages.forests import chances

PROFILE_UNIT = 1.0 / profiles.SCALE
WALK_UNIT = 1.0 / (walks.SCALE * walks.COUNT_SCALE)
WORD_UNIT = 1.0 / words.SCALE


class Heard(NamedTuple):
    """What the voices say of each text."""

    voices: NDArray[np.float64]
    """float64[VOICES, n_texts, n_languages]"""
    other: NDArray[np.float64]
    """float64[n_texts]: what the words say of the best language that is none of ours."""
    sizes: NDArray[np.int64]
    """int64[n_texts]: the size of the words' n-grams."""
    script: NDArray[np.int64]
    letters: NDArray[np.int64]
    share: NDArray[np.float64]
    """float64[n_texts]: how many of the letters are in the main script."""
    n_known: NDArray[np.int32]


def first_two(
    reading: Reading, weighed: Weighed, script: NDArray[np.int64], columns: NDArray[np.int64]
) -> Heard:
    """Return what profiles and walks say; the words have said nothing yet."""
    n_texts = len(script)
    voices = np.full((rule.VOICES, n_texts, len(LANGUAGES)), rule.ABSENT)
    sums = weighed.sums.astype(np.int64)
    n_known = weighed.known.astype(np.int64)
    rule.hear(sums, PROFILE_UNIT, n_known, columns[rule.PROFILES], voices[rule.PROFILES])
    model = walks.load()
    sums = np.zeros((n_texts, len(model.prior)), np.int64)
    sizes = np.zeros(n_texts, np.int64)
    walks.walk_texts(*reading, *model[:-1], sums, sizes)
    rule.hear(sums, WALK_UNIT, sizes, columns[rule.WALKS], voices[rule.WALKS])
    letters = weighed.letters.sum(axis=1).astype(np.int64)
    main = weighed.letters.max(axis=1)
    return Heard(
        voices,
        np.zeros(n_texts),
        np.zeros(n_texts, np.int64),
        script,
        letters,
        main / np.maximum(letters, 1),
        weighed.known,
    )


def ask_words(
    heard: Heard,
    reading: Reading,
    asked: NDArray[np.bool_],
    columns: NDArray[np.int64],
    others: NDArray[np.int64],
    model: words.Words | None = None,
) -> Heard:
    """Return the same with what the words say of the texts that are `asked` about."""
    model = words.load() if model is None else model
    sums = np.zeros((len(asked), model.base.shape[1]), np.int32)
    sizes = np.zeros(len(asked), np.int64)
    words.weigh_words(*reading, asked, *model[:-1], sums, sizes)
    long = sums.astype(np.int64)
    # sizes are in tenths
    unit = WORD_UNIT * np.sqrt(10.0)
    rule.hear(long, float(unit), sizes, columns[rule.WORDS], heard.voices[rule.WORDS])
    other = long[:, others].max(axis=1) * (unit / np.sqrt(np.maximum(sizes, 1)))
    return heard._replace(other=other, sizes=sizes)


def answer(reading: Reading, weighed: Weighed, script: NDArray[np.int64]) -> Answer:
    """Return the likeliest language of each text, the second, and the chance of the first."""
    fitted = rule.load()
    heard = first_two(reading, weighed, script, fitted.columns)
    n_texts = len(script)
    said = np.full((n_texts, 2), -1, np.int64)
    signs = np.zeros((n_texts, len(rule.FIRST_SIGNS)))
    rule.agree(
        heard.voices,
        script,
        heard.letters,
        heard.share,
        heard.n_known,
        fitted.allowed,
        fitted.typical,
        said,
        signs,
    )
    score = np.where(said[:, 0] < 0, 0.0, chances(signs, fitted.first))
    asked = score < fitted.sure
    if asked.any():
        heard = ask_words(heard, reading, asked, fitted.columns, fitted.others)
        more = np.zeros((n_texts, len(rule.SIGNS)))
        combine(heard, asked, fitted, said, more)
        score = np.where(asked, chances(more, fitted.second), score)
    return Answer(said[:, 0], said[:, 1], np.where(said[:, 0] < 0, 0.0, score))


def combine(
    heard: Heard,
    asked: NDArray[np.bool_],
    fitted: rule.Rule,
    said: NDArray[np.int64],
    signs: NDArray[np.float64],
) -> None:
    """Write the rule's answers, and their signs, for the texts that are `asked` about."""
    rule.combine(
        heard.voices,
        heard.other,
        asked,
        heard.script,
        heard.letters,
        heard.share,
        heard.n_known,
        heard.sizes,
        fitted,
        said,
        signs,
    )
